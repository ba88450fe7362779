"""Decisions of the run, in the reader's language."""

from __future__ import annotations

from django import template

from collection.queries.wording import decision_words

register = template.Library()


@register.filter
def retold(words: str) -> str:
    """Why a step is taken or not, as it was kept, said in the language of the page; anything else as it is."""
    return decision_words(words or "")
