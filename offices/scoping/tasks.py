"""Celery tasks that run inside one office."""

from __future__ import annotations

from typing import Any

from celery import Task

from offices.scoping.context import office_scope


class OfficeTask(Task):
    """A task whose first keyword is `office_id`; it runs inside that office, or not at all when the office is closed."""

    abstract = True

    def __call__(self, *args: Any, office_id: int, **kwargs: Any) -> Any:
        """Enter the office, then do the work. The task body reads `current_office_id()` when it needs it."""
        from offices.models import Office

        if not Office.objects.filter(pk=office_id, is_active=True).exists():
            return None
        with office_scope(office_id):
            return super().__call__(*args, **kwargs)
