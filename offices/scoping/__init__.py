"""The one way into an office's rows: context, managers, middleware, tasks, walls in the database."""

from offices.scoping.clock import office_now, office_today
from offices.scoping.context import (
    OfficeSwitch,
    OutsideOffice,
    current_actor,
    current_office,
    current_office_id,
    current_office_id_or_none,
    office_scope,
)

__all__ = [
    "OfficeMiddleware",
    "OfficeSwitch",
    "OfficeTask",
    "OutsideOffice",
    "TokenAuthentication",
    "current_actor",
    "current_office",
    "current_office_id",
    "current_office_id_or_none",
    "office_now",
    "office_scope",
    "office_today",
    "shell",
]

# No module here bears the name of what it holds: importing it would put the module in that name's place, and a second
# thread that asks meanwhile would be given the module.
_LATE = {
    "OfficeMiddleware": "offices.scoping.middleware",
    "OfficeTask": "offices.scoping.tasks",
    "TokenAuthentication": "offices.scoping.tokens",
    "shell": "offices.scoping.frame",
}


def __getattr__(name: str) -> object:
    """Load what needs models only when it is asked for: models themselves import this package."""
    if name in _LATE:
        from importlib import import_module

        return getattr(import_module(_LATE[name]), name)
    raise AttributeError(name)
