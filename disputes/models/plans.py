"""Agreements to pay in instalments: the covered bills, the schedule, the paper, and what became of it (S83–S88)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models import Account, Bill
from offices.models import OfficeForeignKey, OfficeModel, StoredFile, User, office_history


class InstalmentPlan(OfficeModel):
    """分期协议. From its signature until it ends, the covered bills are not pursued and their days do not count."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待审批")
        APPROVED = "approved", _("待签字")
        ACTIVE = "active", _("履行中")
        KEPT = "kept", _("已履行完毕")
        BROKEN = "broken", _("未按期履行")
        ENDED = "ended", _("已终止")
        REFUSED = "refused", _("未批准")

    class Willingness(models.TextChoices):
        WRITTEN = "written", _("书面申请")
        COUNTER = "counter", _("当面表示")
        RECORDED = "recorded", _("电话（已录音）")

    account = OfficeForeignKey(Account, related_name="plans")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    total = models.DecimalField(_("分期总额"), max_digits=14, decimal_places=2)
    reason = models.CharField(_("困难情况"), max_length=500)
    willingness = models.CharField(_("缴费意愿"), max_length=10, choices=Willingness.choices)
    grace_days = models.PositiveSmallIntegerField(_("宽限天数"))
    broken_after = models.PositiveSmallIntegerField(_("逾期几期即终止"))
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    number = models.CharField(_("协议编号"), max_length=40, blank=True)
    frozen = models.JSONField(default=dict, help_text="What stands on the agreement; never changed.")
    agreement = OfficeForeignKey(StoredFile, null=True, related_name="+")
    signed_copy = OfficeForeignKey(StoredFile, null=True, related_name="+")
    starts_on = models.DateField(_("生效日"), null=True, help_text="Day on which the signed copy came in (S55).")
    activated_at = models.DateTimeField(null=True)
    activated_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ends_before = models.DateField(null=True, help_text="First day that is free again; empty while it runs.")
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    end_reason = models.CharField(_("终止原因"), max_length=200, blank=True)
    history = office_history()

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "account"],
                name="one_living_plan_per_account",
                condition=models.Q(state__in=["proposed", "approved", "active"]),
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=None)
                | models.Q(state="refused")
                | models.Q(proposed_by=None)
                | ~models.Q(proposed_by=models.F("decided_by")),
                name="plan_needs_two_people",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["active", "kept", "broken"])
                | models.Q(signed_copy__isnull=False, starts_on__isnull=False),
                name="plan_active_when_signed",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_before=None) | models.Q(ends_before__gte=models.F("starts_on")),
                name="plan_forward",
            ),
        ]


class CoveredBill(OfficeModel):
    """A bill that a plan covers, wholly: `amount` is what was open on it when the plan was agreed."""

    plan = OfficeForeignKey(InstalmentPlan, related_name="covered")
    bill = OfficeForeignKey(Bill, related_name="plans")
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "plan", "bill"], name="covered_bill_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="covered_amount_positive"),
        ]


class Instalment(OfficeModel):
    """One line of the schedule; number 0 is the down payment."""

    plan = OfficeForeignKey(InstalmentPlan, related_name="instalments")
    seq = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["office", "plan", "seq"], name="instalment_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="instalment_amount_positive"),
        ]
