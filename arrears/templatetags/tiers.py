"""Why a tier, and who somebody is, in the reader's language."""

from __future__ import annotations

from collections.abc import Collection

from django import template
from django.utils.translation import gettext as _

from arrears.queries.wording import tier_words
from arrears.rules.payers import COMPANY, DEVELOPER
from arrears.rules.segments import HARDSHIP, HIGH_VALUE, SEGMENTS

register = template.Library()
NOTEWORTHY = (COMPANY, DEVELOPER, HARDSHIP, HIGH_VALUE)


@register.filter
def tier_reasons(words: str) -> str:
    """The reasons of a tier as they were kept, said in the language of the page; anything else as it is."""
    return tier_words(words or "")


@register.filter
def segment_tags(codes: Collection[str]) -> list[str]:
    """The segments worth a tag in a list; how a home is lived in stands elsewhere."""
    return [_(SEGMENTS[code]) for code in NOTEWORTHY if code in codes]
