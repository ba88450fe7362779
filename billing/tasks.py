"""The doorbell of large imports: it looks at the job rows and does what stands in them."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from billing.models import ImportBatch
from billing.operations import run_waiting_imports
from offices.models import Office
from offices.scoping import current_office_id

logger = logging.getLogger(__name__)


@shared_task
def commit_imports(*, office_id: int | None = None) -> None:
    """Read and book what waits, in one office or in all."""
    offices = Office.objects.filter(is_active=True)
    for each in offices.filter(pk=office_id) if office_id else offices:
        run_waiting_imports(office_id=each.pk, at=timezone.now())


def ring_commit(office_id: int) -> None:
    """Shorten the wait; without a broker the timetable finds the job a little later."""
    try:
        commit_imports.apply_async(kwargs={"office_id": office_id}, retry=False)
    except OperationalError:
        logger.warning("The broker is away; the import of office %s waits for the timetable.", office_id)


def ring_for(batch: ImportBatch) -> None:
    """Ring when the open transaction is written, if the batch waits for the worker."""
    if batch.state in (ImportBatch.State.READING, ImportBatch.State.COMMITTING):
        office_id = current_office_id()
        transaction.on_commit(lambda: ring_commit(office_id))
