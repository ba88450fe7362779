"""A manager that raises outside an office, and the base of every model that belongs to one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Self

from django.db import models

from offices.scoping.context import OfficeSwitch, current_actor, current_office_id


class OfficeForeignKey(models.ForeignKey):
    """A reference inside one office.

    Django makes no constraint and no index for it; `WallOff` makes both over (office_id, column), so
    that a reference into another office is impossible in the database. Deleting is left to the
    database, which refuses while a dependent row exists.

    `by_statement`: checked once for all rows of a statement instead of once for each (`references`). For
    rows that come by the hundred thousand and never refer to another row later.
    """

    def __init__(
        self, to: Any, on_delete: Any = models.DO_NOTHING, *, by_statement: bool = False, **kwargs: Any
    ) -> None:
        kwargs["db_constraint"] = False
        kwargs["db_index"] = False
        self.by_statement = by_statement
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """How a migration writes it down."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | ({"by_statement": True} if self.by_statement else {})


class OfficeKey(models.ForeignKey):
    """The column that says whose row it is; a table that has it stands behind a wall (`WallOff`)."""

    def __init__(self, to: Any = "offices.Office", on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_index"] = False  # the primary key begins with it
        super().__init__(to, on_delete, **kwargs)


def implied_office() -> OfficeKey:
    """The office of a table whose rows come by the hundred thousand and always refer to another office row.

    That reference holds (office_id, …) already, and its target the office: checking it again for every row would be
    the dearest part of an import, and would prove nothing. File rows refer to a batch only by its column (decision 0008):
    what holds them to their office is the wall, which lets nobody write a row of another one.
    """
    return OfficeKey(related_name="+", editable=False, db_constraint=False)


class OfficeQuerySet(models.QuerySet):
    """Rows of the open office; bulk inserts are stamped with it."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """As Django's, every object stamped with the open office."""
        objs = list(objs)
        for obj in objs:
            obj.stamp_office()
        return super().bulk_create(objs, *args, **kwargs)


class OfficeManager(models.Manager.from_queryset(OfficeQuerySet)):  # type: ignore[misc]
    """Reads only the open office's rows. Raises `OutsideOffice` when none is open."""

    def get_queryset(self) -> OfficeQuerySet:
        """Every query starts here, so no filter can be forgotten."""
        return super().get_queryset().filter(office_id=current_office_id())

    def none(self) -> OfficeQuerySet:
        """Nothing at all needs no office: for declarations of fields at import time."""
        return super().get_queryset().none()


class OfficeModel(models.Model):
    """A row that belongs to exactly one office."""

    office = OfficeKey(related_name="+", editable=False)

    objects = OfficeManager()

    # What simple-history looks for on an instance before it writes the change down.
    _history_date: datetime
    _history_user: Any
    _change_reason: str | None

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    def stamp_office(self) -> Self:
        """Set the open office, or refuse a row of another one (`OfficeSwitch`)."""
        open_office = current_office_id()
        if self.office_id is None:
            self.office_id = open_office
        elif self.office_id != open_office:
            raise OfficeSwitch(f"A row of office {self.office_id} may not be stored while {open_office} is open.")
        return self

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As Django's, stamped with the open office first."""
        self.stamp_office()
        super().save(*args, **kwargs)


def acting_user(instance: Any, **kwargs: Any) -> Any:
    """Who stands in the change history: the person of the open scope (simple-history's `get_user`)."""
    return current_actor()
