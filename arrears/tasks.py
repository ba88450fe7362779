"""The doorbell of late charge: it looks at the books and posts what is missing. A lost or doubled ring changes nothing."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from arrears.operations import post_late_charges
from offices.models import Office
from offices.scoping import OfficeTask, office_now


@shared_task
def ring_late_charges() -> None:
    """Ring for every office."""
    for office_id in Office.objects.filter(is_active=True).values_list("pk", flat=True):
        post_office.apply_async(kwargs={"office_id": office_id}, retry=False)


@shared_task(base=OfficeTask, typing=False)
def post_office() -> None:
    """Post up to the end of the last month, and correct what became known since."""
    now = office_now()
    post_late_charges(on=now.date().replace(day=1) - timedelta(days=1), at=now)
