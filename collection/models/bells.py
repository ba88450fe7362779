"""How far each bell of the timetable has been answered."""

from __future__ import annotations

from django.db import models

from offices.models import OfficeModel


class Bell(OfficeModel):
    """One bell of one office: the last slot of the timetable that was answered. Slots are claimed here, never in Redis."""

    name = models.CharField(max_length=20)
    slot = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "name"], name="bell_once")]
