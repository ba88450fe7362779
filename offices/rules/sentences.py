"""Sentences with named gaps, kept as they were filled and found again to be said in another language. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

_GAP = re.compile(r"%\((\w+)\)([ds])")
_FILLED = {"d": r"\d+", "s": ".+?"}


def gaps_in(words: str, sentences: Iterable[str]) -> tuple[str, dict[str, str]] | None:
    """The first of `sentences` that `words` fills, with what stands in its gaps as text; None when it is none of them."""
    for sentence in sentences:
        match = _pattern(sentence).fullmatch(words)
        if match is not None:
            return sentence, match.groupdict()
    return None


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    pieces = _GAP.split(sentence)
    found = re.escape(pieces[0])
    for name, kind, words in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        found += f"(?P<{name}>{_FILLED[kind]})" + re.escape(words)
    return re.compile(found)
