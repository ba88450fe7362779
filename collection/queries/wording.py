"""Why a step is taken or left out, in the language of the reader: kept as the sentence it was, said anew from its gaps."""

from __future__ import annotations

import re
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from arrears.rules.position import BLOCKERS
from collection.rules.decide import REASONS, WORDS
from offices.rules.sentences import gaps_in

_SENTENCES = (*REASONS.values(), *WORDS.values(), *BLOCKERS.values())
_DAY = re.compile(r"(\d{1,2})月(\d{1,2})日")
_LEAP = 2000  # a year in which every day of a calendar exists


def month_day(day: date) -> str:
    """`11月26日`, or `November 26` for a reader of English."""
    return date_format(day, "MONTH_DAY_FORMAT")


def decision_words(words: str) -> str:
    """The words of a decision as they were kept, said in the language that is active; anything else as it is.

    Days, and titles of shipped steps and reasons, are said in that language too; what an office wrote stays as it wrote it.
    """
    if (get_language() or "").startswith("zh"):
        return words
    found = gaps_in(words, _SENTENCES)
    if found is None:
        return _(words) if words else words
    text, values = found
    return _(text) % {name: _said(value) for name, value in values.items()}


def _said(value: str) -> str:
    day = _DAY.fullmatch(value)
    return month_day(date(_LEAP, int(day[1]), int(day[2]))) if day else _(value)
