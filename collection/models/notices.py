"""Numbered letters, frozen when approved, and the proof that they were served (S37–S50, S57–S69)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models import Account, Bill
from collection.models.cases import Action, Case
from offices.models import OfficeForeignKey, OfficeModel, StoredFile, User, office_history


class Notice(OfficeModel):
    """催缴通知书 or 最后通知书. What it says is frozen with its number; a change is a new notice."""

    class Kind(models.TextChoices):
        FORMAL = "formal", _("催缴通知书")
        FINAL = "final", _("最后通知书")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待批准")
        APPROVED = "approved", _("待生成")
        RENDERED = "rendered", _("待送达")
        IN_TRANSIT = "in_transit", _("送达中")
        SERVED = "served", _("已送达")
        FAILED = "failed", _("送达未成")
        VOID = "void", _("已作废")
        SUPERSEDED = "superseded", _("已被替换")

    case = OfficeForeignKey(Case, related_name="notices")
    account = OfficeForeignKey(Account, related_name="notices")
    action = OfficeForeignKey(Action, related_name="notices")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    number = models.CharField(_("字号"), max_length=40, blank=True)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    issued_on = models.DateField(_("落款日期"), null=True)
    deadline_on = models.DateField(_("缴费截止日期"), null=True)
    amount = models.DecimalField(_("金额"), max_digits=14, decimal_places=2, help_text="Proposed; frozen on approval.")
    late_charge = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    template_version = models.CharField(max_length=20, blank=True)
    frozen = models.JSONField(default=dict, help_text="Everything the letter prints, as of approval.")
    rendered_at = models.DateTimeField(null=True)
    pdf = OfficeForeignKey(StoredFile, null=True, related_name="notices")
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    render_error = models.CharField(max_length=300, blank=True)
    effective_on = models.DateField(null=True)
    closed_reason = models.CharField(max_length=200, blank=True)
    supersedes = OfficeForeignKey("self", null=True, related_name="superseded_by")
    history = office_history()

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "kind", "number"], name="notice_number_once", condition=~models.Q(number="")
            ),
            models.UniqueConstraint(
                fields=["office", "action"],
                name="one_living_notice_per_action",
                condition=~models.Q(state__in=["void", "superseded", "failed"]),
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by=None)
                | models.Q(proposed_by=None)
                | ~models.Q(proposed_by=models.F("approved_by")),
                name="notice_needs_two_people",
            ),
        ]
        indexes = [
            models.Index(fields=["office", "state", "kind"], name="notice_state"),
            models.Index(
                fields=["office", "approved_at"], name="notice_to_render", condition=models.Q(state="approved")
            ),
        ]


class NoticeLine(OfficeModel):
    """One bill on one notice, as printed. Limitation is interrupted only for what is printed (S44)."""

    notice = OfficeForeignKey(Notice, related_name="lines")
    bill = OfficeForeignKey(Bill, related_name="notice_lines")
    fee_item = models.CharField(max_length=40)
    period_start = models.DateField()
    period_end = models.DateField()
    due_on = models.DateField()
    receivable = models.DecimalField(max_digits=14, decimal_places=2)
    reduced = models.DecimalField(max_digits=14, decimal_places=2)
    paid = models.DecimalField(max_digits=14, decimal_places=2)
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [models.UniqueConstraint(fields=["office", "notice", "bill"], name="notice_line_once")]


class Service(OfficeModel):
    """送达: one attempt to serve a notice, with its evidence. Corrections and receipts are new rows."""

    class Method(models.TextChoices):
        HAND_DELIVERY = "hand_delivery", _("上门送达")
        DOOR_POSTING = "door_posting", _("张贴送达")
        EMS = "ems", _("EMS 邮寄")
        REGISTERED_MAIL = "registered_mail", _("挂号信")

    class Outcome(models.TextChoices):
        SIGNED = "signed", _("业主签收")
        REFUSED = "refused", _("拒签")
        POSTED = "posted", _("已张贴")
        IN_TRANSIT = "in_transit", _("在途")
        DELIVERED = "delivered", _("邮件妥投")
        RETURNED = "returned", _("退回")
        ABSENT = "absent", _("无人在家")

    class Strength(models.TextChoices):
        STRONG = "strong", _("强")
        MEDIUM = "medium", _("中")
        WEAK = "weak", _("弱")
        NONE = "none", _("无")

    notice = OfficeForeignKey(Notice, related_name="services")
    method = models.CharField(max_length=16, choices=Method.choices)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    strength = models.CharField(max_length=8, choices=Strength.choices)
    is_effective = models.BooleanField()
    served_on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    second_server = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    signer = models.CharField(_("签收人"), max_length=40, blank=True)
    signer_relation = models.CharField(_("与业主关系"), max_length=20, blank=True)
    witness = models.CharField(_("见证人"), max_length=40, blank=True)
    witness_organisation = models.CharField(_("见证人单位"), max_length=60, blank=True)
    witness_phone = models.CharField(_("见证人电话"), max_length=20, blank=True)
    tracking_number = models.CharField(_("邮件号"), max_length=30, blank=True)
    content_note = models.CharField(_("内件品名"), max_length=60, blank=True)
    address = models.CharField(_("寄送地址"), max_length=200, blank=True)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    follows = OfficeForeignKey("self", null=True, related_name="followed_by")
    idempotency_key = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "idempotency_key"],
                name="service_recorded_once",
                condition=~models.Q(idempotency_key=""),
            ),
            models.UniqueConstraint(
                fields=["office", "notice"], name="one_effective_service", condition=models.Q(is_effective=True)
            ),
        ]

    @property
    def source(self) -> str:
        """How the limitation clock names this proof."""
        return f"service:{self.pk}"


class ServicePhoto(OfficeModel):
    """A photo of the service: door number, letter, the whole scene (S40, S69)."""

    class Shows(models.TextChoices):
        DOOR = "door", _("门牌")
        LETTER = "letter", _("文书")
        SCENE = "scene", _("全景")
        RECEIPT = "receipt", _("回执或面单")
        SIGNATURE = "signature", _("签收单")

    service = OfficeForeignKey(Service, related_name="photos")
    file = OfficeForeignKey(StoredFile, related_name="+")
    shows = models.CharField(max_length=10, choices=Shows.choices, default=Shows.SCENE)
    taken_at = models.DateTimeField(null=True, help_text="From the photo's EXIF, when it has any.")
