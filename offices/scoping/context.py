"""Whose rows the running code may see, and who acts.

The office lives in a context variable, and the database backend repeats it to PostgreSQL at every
BEGIN; without it the managers raise and row-level security refuses (reliability C1.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction

if TYPE_CHECKING:
    from offices.models import Office, OfficeSettings, User


class OutsideOffice(RuntimeError):
    """Office rows were asked for while no office scope was open."""


class OfficeSwitch(RuntimeError):
    """Code inside one office tried to enter another, or to store another's row."""


@dataclass(slots=True)
class _Scope:
    office_id: int
    by: User | None
    office: Office | None = None
    settings: OfficeSettings | None = None


_current: ContextVar[_Scope | None] = ContextVar("office_scope", default=None)


def current_office_id_or_none() -> int | None:
    """The id of the open office, or None outside any scope."""
    scope = _current.get()
    return None if scope is None else scope.office_id


def current_office_id() -> int:
    """The id of the open office. Raises `OutsideOffice` outside any scope."""
    scope = _current.get()
    if scope is None:
        raise OutsideOffice("No office scope is open: use `with office_scope(office_id):`.")
    return scope.office_id


def current_actor() -> User | None:
    """The person who opened the scope; None means the system itself."""
    scope = _current.get()
    return None if scope is None else scope.by


def current_office() -> Office:
    """The open office itself, read once per scope. Raises `OutsideOffice`."""
    office_id = current_office_id()
    scope = _current.get()
    assert scope is not None
    if scope.office is None:
        from offices.models import Office

        scope.office = Office.objects.get(pk=office_id)
    return scope.office


def current_settings() -> OfficeSettings:
    """The open office's settings, read once per scope; an office that never saved any has the defaults (not stored).

    Everybody gets a copy of their own: a form may write into it.
    """
    office_id = current_office_id()
    scope = _current.get()
    assert scope is not None
    if scope.settings is None:
        from offices.models import OfficeSettings
        from offices.scoping.rows import rows_of

        scope.settings = next(iter(rows_of(OfficeSettings)), None) or OfficeSettings(office_id=office_id)
    return copy(scope.settings)


def forget_settings() -> None:
    """They were changed: whoever asks next in this scope reads them anew."""
    scope = _current.get()
    if scope is not None:
        scope.settings = None


@contextmanager
def office_scope(office: Office | int, *, by: User | None = None) -> Iterator[None]:
    """Enter an office: the only way in, for requests, tasks and commands alike.

    Opens a transaction in which PostgreSQL knows the office. Entering the same office again is
    harmless; entering another one raises `OfficeSwitch`.
    """
    office_id = office if isinstance(office, int) else office.pk
    previous = _current.get()
    if previous is not None and previous.office_id != office_id:
        raise OfficeSwitch(f"Office {previous.office_id} is open; {office_id} may not be entered inside it.")
    inside = connection.in_atomic_block
    token = _current.set(
        _Scope(
            office_id=office_id,
            by=by if by is not None or previous is None else previous.by,
            office=None if isinstance(office, int) else office,
        )
    )
    try:
        with transaction.atomic():
            if inside:  # BEGIN is long past (a TestCase, an outer atomic): say it again
                _tell_database(str(office_id))
            yield
            if inside:
                _tell_database("" if previous is None else str(previous.office_id))
    finally:
        _current.reset(token)


def _tell_database(office_id: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('app.office', %s, true)", (office_id,))
