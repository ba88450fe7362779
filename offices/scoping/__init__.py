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

_LATE = {
    "OfficeMiddleware": "offices.scoping.middleware",
    "OfficeTask": "offices.scoping.tasks",
    "TokenAuthentication": "offices.scoping.tokens",
    "shell": "offices.scoping.shell",
}


def __getattr__(name: str) -> object:
    """Load what needs models only when it is asked for: models themselves import this package."""
    if name in _LATE:
        from importlib import import_module

        return getattr(import_module(_LATE[name]), name)
    raise AttributeError(name)
