"""Economic hardship of a household: claimed with proof, confirmed by another person, for a time (S13, S83, S84)."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models import Account
from offices.models import OfficeForeignKey, OfficeModel, StoredFile, User


class HardshipReview(OfficeModel):
    """困难认定. That it is confirmed, everybody who works with the household may know; why, only who must
    (个人信息保护法 §28: `details` and `evidence` are shown by `reveal_hardship` alone, which leaves a trace)."""

    class State(models.TextChoices):
        ASKED = "asked", _("待核实")
        CONFIRMED = "confirmed", _("已认定")
        REFUSED = "refused", _("未认定")
        ENDED = "ended", _("已结束")

    account = OfficeForeignKey(Account, related_name="hardships")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    details = models.TextField(_("困难情况"))
    evidence = OfficeForeignKey(StoredFile, related_name="+")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    starts_on = models.DateField(null=True)
    ends_before = models.DateField(null=True, help_text="First day on which it no longer holds.")
    close_reason = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "account"],
                name="one_living_hardship",
                condition=models.Q(state__in=["asked", "confirmed"]),
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=None)
                | models.Q(state="refused")
                | models.Q(asked_by=None)
                | ~models.Q(asked_by=models.F("decided_by")),
                name="hardship_needs_two_people",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="confirmed")
                | models.Q(ends_before__isnull=False, ends_before__gte=models.F("starts_on")),
                name="hardship_expires",
            ),
        ]

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds."""
        return self.ends_before - timedelta(days=1) if self.ends_before else None
