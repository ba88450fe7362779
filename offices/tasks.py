"""The doorbell at every office's door. What is to do stands in rows; a lost or doubled ring loses and doubles nothing."""

from __future__ import annotations

from celery import current_app, shared_task

from offices.models import Office


@shared_task
def ring_all(task: str) -> None:
    """Ring the bell `task` (its full name) for every open office."""
    for office_id in Office.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True):
        current_app.tasks[task].apply_async(kwargs={"office_id": office_id}, retry=False)
