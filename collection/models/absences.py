"""Who does the work of somebody who is away (S22)."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from offices.models import OfficeModel, User, office_history


class Absence(OfficeModel):
    """代理: from the first day to the last, both included, another person does the work. Nothing is handed over by it."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("请假人"))
    stand_in = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("代理人"))
    starts_on = models.DateField(_("自"))
    ends_on = models.DateField(_("至"))
    note = models.CharField(_("说明"), max_length=100, blank=True)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField()
    history = office_history()

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="absence_forward"),
            models.CheckConstraint(condition=~Q(person=F("stand_in")), name="absence_needs_another"),
            # Away once at a time, so that there is one answer to who stands in.
            ExclusionConstraint(
                name="absent_once_at_a_time",
                expressions=[
                    ("office", "="),
                    ("person", "="),
                    (Func(F("starts_on"), F("ends_on"), Value("[]"), function="daterange"), "&&"),
                ],
            ),
        ]
