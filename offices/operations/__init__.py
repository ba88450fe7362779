"""What the offices app does. `Refusal` is the ancestor of every business refusal in the house."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """The business says no: what, where, and what to do, in the user's words.

    `code` is stable for programs; `details` are extra facts; `status` is the HTTP answer.
    """

    code = "refused"
    status = 409

    def __init__(self, message: str, *, code: str = "", **details: Any) -> None:
        super().__init__(message)
        self.code = code or type(self).code
        self.details = details
