"""更正函: what is sent after a letter that turned out to be wrong (S10, S91)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models import Account
from collection.models.notices import Notice, Service
from offices.models import OfficeForeignKey, OfficeModel, StoredFile, User, office_history


class Correction(OfficeModel):
    """One letter that takes back what a letter in the owner's hands demands. The wrong one stays on record, and proves nothing."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待批准")
        ISSUED = "issued", _("待送出")
        SENT = "sent", _("已送出")
        DROPPED = "dropped", _("不更正")

    notice = OfficeForeignKey(Notice, related_name="corrections")
    account = OfficeForeignKey(Account, related_name="corrections")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    reason = models.CharField(_("更正原因"), max_length=200)
    right_amount = models.DecimalField(_("应为金额"), max_digits=14, decimal_places=2)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    number = models.CharField(_("字号"), max_length=40, blank=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    template_version = models.CharField(max_length=20, blank=True)
    frozen = models.JSONField(default=dict, help_text="Everything the letter prints, as of approval.")
    pdf = OfficeForeignKey(StoredFile, null=True, related_name="corrections")
    method = models.CharField(_("送出方式"), max_length=16, choices=Service.Method.choices, blank=True)
    sent_on = models.DateField(_("送出日期"), null=True)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    tracking_number = models.CharField(_("邮件号"), max_length=30, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    history = office_history()

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "notice"], name="one_correction_per_notice", condition=~Q(state="dropped")
            ),
            models.UniqueConstraint(
                fields=["office", "number"], name="correction_number_once", condition=~Q(number="")
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(proposed_by=None) | ~Q(proposed_by=F("approved_by")),
                name="correction_needs_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_on__isnull=False, sent_by__isnull=False) & ~Q(method=""),
                name="correction_sent_somehow",
            ),
        ]
