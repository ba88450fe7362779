"""Special cases: what stops a wrong notice before it is sent (S5–S10)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.imports import ImportBatch
from billing.models.people import Account
from offices.models import OfficeForeignKey, OfficeModel, StoredFile, User, office_history


class SpecialCase(OfficeModel):
    """A hold on one account for a half-open interval of days; an open end means until closed."""

    class Kind(models.TextChoices):
        PREPAID = "prepaid", _("业主已预缴")
        PENDING_TRANSFER = "pending_transfer", _("转账未到账")
        NOT_HANDED_OVER = "not_handed_over", _("开发商未移交")
        VACANCY_DISCOUNT = "vacancy_discount", _("空置房优惠核定中")
        LEGACY_ISSUE = "legacy_issue", _("历史遗留问题")
        OTHER = "other", _("其他（人工暂缓）")

    account = OfficeForeignKey(Account, related_name="special_cases")
    kind = models.CharField(_("类型"), max_length=16, choices=Kind.choices)
    starts_on = models.DateField(_("自"))
    ends_before = models.DateField(_("至"), null=True, help_text="First day that is free again; empty while open.")
    blocks_reminder = models.BooleanField(_("同时暂停温馨提示"), default=True)
    note = models.CharField(_("说明"), max_length=300)
    review_on = models.DateField(_("复核日期"), null=True, help_text="When somebody has to look at it again.")
    issue_owner = models.CharField(_("问题负责人"), max_length=60, blank=True, db_default="")
    claimed_amount = models.DecimalField(_("声称金额"), max_digits=14, decimal_places=2, null=True)
    claimed_on = models.DateField(_("声称转账日"), null=True)
    claimed_payer = models.CharField(_("付款人"), max_length=100, blank=True, db_default="")
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    evidence = OfficeForeignKey(StoredFile, null=True, related_name="+")
    batch = OfficeForeignKey(ImportBatch, null=True, related_name="special_cases")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(_("解除原因"), max_length=200, blank=True)
    history = office_history()

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_before=None) | models.Q(ends_before__gte=models.F("starts_on")),
                name="special_case_forward",
            )
        ]
        indexes = [models.Index(fields=["office", "account", "starts_on"], name="special_case_days")]
