"""Why a tier, in the language of the reader: reasons are kept as the sentence they were, and said anew from their codes."""

from __future__ import annotations

from django.utils.translation import gettext as _

from arrears.rules.tier import reasons_in


def tier_words(words: str) -> str:
    """The reasons of a tier as they were kept, said in the language that is active; anything else as it is."""
    found = reasons_in(words)
    return _("；").join(_(reason.text) % reason.values for reason in found) if found else words
