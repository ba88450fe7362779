"""Error codes of the cloud providers of short messages, and what each means for the message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from collection.channels.base import Outcome, Receipt


@dataclass(frozen=True, slots=True)
class Codes:
    """A provider's codes with the words for the desk. A code "a.b" that is not listed means what its family "a" means.

    `refused`: this message will never be taken, the next channel is tried. `later`: nothing was taken, and it passes by
    itself or by the administrator's hand. What stands in neither may have been taken: UNKNOWN. `gone`: those of the refused
    that say that the number does not exist.
    """

    refused: Mapping[str, str]
    later: Mapping[str, str]
    gone: frozenset[str] = frozenset()

    def receipt(self, code: str, message: str) -> Receipt:
        """The receipt for a code other than success; `message` is the provider's own sentence."""
        for name in (code, code.partition(".")[0]):
            for outcome, words in ((Outcome.REFUSED, self.refused), (Outcome.LATER, self.later)):
                if name in words:
                    return Receipt(outcome, error=f"{words[name]}（{code}）"[:200], is_gone=name in self.gone)
        return Receipt(Outcome.UNKNOWN, error=f"{code} {message}".strip()[:200])


NO_SUBSCRIBER = frozenset({"MK:0001", "MN:0001"})
"""What the networks of China Mobile and China Unicom report of a number that nobody has: their prefix and error 1 of the
mobile application part, "unknown subscriber" (3GPP TS 29.002). A phone that is off, or barred, has other numbers."""

NO_TEMPLATE = Receipt(Outcome.REFUSED, error="没有为这类消息设置短信模板，请管理员检查 SMS_TEMPLATES")
