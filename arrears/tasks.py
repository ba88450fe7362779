"""The doorbells of late charge and of long exports: they look at the rows and do what is missing. A lost or doubled ring changes nothing."""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from arrears.operations import post_late_charges
from arrears.operations.exports import run_waiting_exports
from offices.models import Office
from offices.operations.bells import claim_slot
from offices.operations.results import forget_results
from offices.rules.slots import DAY, slot_of
from offices.scoping import OfficeTask, current_office_id, office_now

logger = logging.getLogger(__name__)


@shared_task(base=OfficeTask, typing=False)
def post_office() -> None:
    """Post up to the end of the last month, and correct what became known since; once a day."""
    now = office_now()
    if claim_slot(bell="late_charge", slot=slot_of(now, every=DAY)):
        post_late_charges(on=now.date().replace(day=1) - timedelta(days=1), at=now)


@shared_task
def make_exports(*, office_id: int | None = None) -> None:
    """Make the lists that wait, in one office or in all; opens its own short scopes."""
    offices = Office.objects.filter(is_active=True)
    for each in offices.filter(pk=office_id) if office_id else offices:
        run_waiting_exports(office_id=each.pk, at=timezone.now())


@shared_task(base=OfficeTask, typing=False)
def forget_exports() -> None:
    """Throw away the files whose days are over."""
    forget_results(at=office_now())


def ring_exports() -> None:
    """Shorten the wait once the open transaction is written; without a broker the timetable finds the job a little later."""
    office_id = current_office_id()

    def ring() -> None:
        try:
            make_exports.apply_async(kwargs={"office_id": office_id}, retry=False)
        except OperationalError:
            logger.warning("The broker is away; the export of office %s waits for the timetable.", office_id)

    transaction.on_commit(ring)
