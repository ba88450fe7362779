"""Disputes: the owner's words, the contested amounts, each step, the ruling (S74–S82)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models import Account, Bill
from offices.models import OfficeForeignKey, OfficeModel, StoredFile, User, office_history


class Dispute(OfficeModel):
    """异议. While it is open, its lines are not pursued; a service dispute also blocks formal steps (S82)."""

    class Kind(models.TextChoices):
        SERVICE = "service", _("物业服务不到位")
        CHARGE = "charge", _("收费标准或金额有异议")
        MISUNDERSTANDING = "misunderstanding", _("对收费有误解")
        LEGACY = "legacy", _("开发商遗留问题")
        OWNERSHIP = "ownership", _("产权或交接争议")
        VACANCY = "vacancy", _("空置或未入住")
        OTHER = "other", _("其他")

    class State(models.TextChoices):
        OPEN = "open", _("待受理")
        CHECKING = "checking", _("核实中")
        ANSWERING = "answering", _("待答复")
        ANSWERED = "answered", _("已答复待确认")
        CLOSED = "closed", _("已关闭")

    class Ruling(models.TextChoices):
        NONE = "", _("未定")
        UPHELD = "upheld", _("成立")
        PARTLY = "partly", _("部分成立")
        REJECTED = "rejected", _("不成立")
        WITHDRAWN = "withdrawn", _("业主撤回")

    account = OfficeForeignKey(Account, related_name="disputes")
    kind = models.CharField(_("类型"), max_length=16, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    owner_words = models.TextField(_("业主原话"))
    demand = models.TextField(_("业主诉求"), blank=True)
    channel = models.CharField(_("反映渠道"), max_length=20, blank=True)
    department = models.CharField(_("责任部门"), max_length=20, blank=True)
    promised_feedback_on = models.DateField(_("承诺反馈日期"), null=True)
    raised_on = models.DateField()
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    resolved_on = models.DateField(null=True, help_text="First day that is free again.")
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ruling = models.CharField(_("认定"), max_length=10, choices=Ruling.choices, blank=True, default=Ruling.NONE)
    explanation = models.TextField(_("答复说明"), blank=True)
    history = office_history()

    class Meta:
        ordering = ["-raised_at"]
        indexes = [models.Index(fields=["office", "state", "raised_on"], name="dispute_state")]


class DisputedBill(OfficeModel):
    """How much of which bill is contested."""

    dispute = OfficeForeignKey(Dispute, related_name="lines")
    bill = OfficeForeignKey(Bill, related_name="disputed")
    amount = models.DecimalField(_("争议金额"), max_digits=14, decimal_places=2)
    is_full = models.BooleanField(
        default=False, help_text="Took all that was open on the bill: its days do not count either (decisions 10)."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "dispute", "bill"], name="disputed_bill_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="disputed_amount_positive"),
        ]


class DisputeStep(OfficeModel):
    """One thing that happened to a dispute; entries are never edited (S80, S90)."""

    class Kind(models.TextChoices):
        RAISED = "raised", _("业主提出")
        HEARD = "heard", _("补充业主陈述")
        ACCEPT = "accept", _("受理")
        DISPATCH = "dispatch", _("派单")
        FOUND = "found", _("核实结果")
        EXPLAIN = "explain", _("解释说明")
        ANSWER = "answer", _("答复业主")
        REOPEN = "reopen", _("业主不认可，重新核实")
        RULING = "ruling", _("认定")

    dispute = OfficeForeignKey(Dispute, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField()
    is_satisfied = models.BooleanField(_("业主是否满意"), null=True, help_text="Only for an answer (S81).")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    attachment = OfficeForeignKey(StoredFile, null=True, related_name="+")

    class Meta:
        ordering = ["at", "id"]
