"""Why a row is refused or doubted: where, a stable code, and what to do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from billing.rules.columns import Column


@dataclass(frozen=True, slots=True)
class Reason:
    """`column` is the place in the file (`I列「应收金额」`); `level` is error (row refused) or warning (row taken)."""

    column: str
    code: str
    message: str
    level: str = "error"

    def as_dict(self) -> dict[str, str]:
        """For storing with the row."""
        return {"column": self.column, "code": self.code, "message": self.message, "level": self.level}


def error(column: Column | None, code: str, message: str) -> Reason:
    """A reason that refuses the row."""
    return Reason(column.place if column else "", code, message)


def warning(column: Column | None, code: str, message: str) -> Reason:
    """A reason to look, while the row is taken."""
    return Reason(column.place if column else "", code, message, "warning")


def refuses(reasons: Collection[Reason]) -> bool:
    """Whether any of them is an error."""
    return bool(reasons) and any(reason.level == "error" for reason in reasons)
