"""What arrears keeps of its own: the acts that begin a bill's limitation clock anew, and people's views of the list."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models import Bill
from offices.models import OfficeForeignKey, OfficeModel, User


class LimitationEvent(OfficeModel):
    """One act of service or procedure on one bill (民法典 195). Acts of payment are read from the payments (decisions 18)."""

    class Kind(models.TextChoices):
        SERVICE = "service", _("送达通知书")
        ACKNOWLEDGEMENT = "acknowledgement", _("书面确认欠款")
        MEDIATION = "mediation", _("申请调解")
        PAYMENT_ORDER = "payment_order", _("申请支付令")
        SUIT = "suit", _("起诉")

    class Strength(models.TextChoices):
        STRONG = "strong", _("强")
        MEDIUM = "medium", _("中")
        WEAK = "weak", _("弱")

    bill = OfficeForeignKey(Bill, related_name="limitation_events")
    on = models.DateField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    strength = models.CharField(max_length=8, choices=Strength.choices)
    ended_on = models.DateField(null=True, help_text="When the procedure ended; the clock arguably runs from then.")
    demanded_until = models.DateField(
        null=True, help_text="The last day to pay that an effective formal demand set; empty for every other act."
    )
    withdrawn_on = models.DateField(
        null=True,
        help_text="Since when the paper behind it is taken back; from then on it counts as medium evidence at most.",
    )
    source = models.CharField(max_length=60, help_text="What proves it, as <kind>:<id>; the same source counts once.")
    note = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["on", "id"]
        constraints = [models.UniqueConstraint(fields=["office", "bill", "source"], name="limitation_event_once")]


class SavedView(OfficeModel):
    """Filters of the arrears list under a name that a person gave them; shared ones are seen by the whole office."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("名称"), max_length=30)
    query = models.CharField(
        max_length=400, help_text="The filters as they stand in the address, without day and page."
    )
    is_shared = models.BooleanField(_("同事可见"), default=False)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["office", "user", "name"], name="saved_view_once")]
