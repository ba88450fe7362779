"""Who may do what: one table (`table`), enforced at the doors (`guards`)."""

from offices.permissions.table import FIRST_PAGE, NAVIGATION, TABLE, NavItem, Role, holds, may

__all__ = [
    "FIRST_PAGE",
    "NAVIGATION",
    "TABLE",
    "NavItem",
    "Needs",
    "Nobody",
    "Role",
    "api_refusal",
    "holds",
    "may",
    "needs",
]


def __getattr__(name: str) -> object:
    """Load the doors late: they need the user model, which needs the table above."""
    if name in {"needs", "Needs", "Nobody", "api_refusal"}:
        from offices.permissions import guards

        return getattr(guards, name)
    raise AttributeError(name)
