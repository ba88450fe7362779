"""Contacts with owners and the promises they made (S36, S51, S52, R1–R3)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models import Account, Occupant
from collection.models.cases import Action, Case
from offices.models import OfficeForeignKey, OfficeModel, StoredFile, User


class Contact(OfficeModel):
    """One contact, or attempt, with what was said. Never edited: a correction is a new row."""

    class Channel(models.TextChoices):
        CALL = "call", _("电话")
        VISIT = "visit", _("上门")
        COUNTER = "counter", _("来访")
        WECHAT = "wechat", _("微信")
        OTHER = "other", _("其他")

    account = OfficeForeignKey(Account, related_name="contacts")
    case = OfficeForeignKey(Case, null=True, related_name="contacts")
    action = OfficeForeignKey(Action, null=True, related_name="contacts")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    spoke_with = OfficeForeignKey(
        Occupant, null=True, related_name="contacts", help_text="Who answered, when it was no owner."
    )
    outcome = models.CharField(max_length=20, help_text="Code of `collection.rules.outcomes`.")
    reached = models.BooleanField(
        help_text="A conversation took place with an owner, or with whom an owner lets be told."
    )
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    phone_tail = models.CharField(max_length=4, blank=True)
    owner_words = models.TextField(_("业主的疑问或困难"), blank=True)
    explanation = models.TextField(_("所作解释"), blank=True)
    note = models.TextField(_("备注"), blank=True)
    next_on = models.DateField(_("下次联系"), null=True)
    corrects = OfficeForeignKey("self", null=True, related_name="corrections")
    idempotency_key = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "idempotency_key"],
                name="contact_recorded_once",
                condition=~models.Q(idempotency_key=""),
            )
        ]
        indexes = [models.Index(fields=["office", "account", "-at"], name="contact_of_account")]


class Promise(OfficeModel):
    """承诺缴费. Suppresses contact only; kept or broken is computed from value dates, once (invariant 13)."""

    class State(models.TextChoices):
        OPEN = "open", _("未到期")
        KEPT = "kept", _("已兑现")
        BROKEN = "broken", _("已失约")
        WITHDRAWN = "withdrawn", _("已撤回")

    account = OfficeForeignKey(Account, related_name="promises")
    contact = OfficeForeignKey(Contact, related_name="promises")
    made_on = models.DateField()
    promised_on = models.DateField(_("承诺日期"))
    amount = models.DecimalField(_("承诺金额"), max_digits=14, decimal_places=2)
    grace_days = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    received = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    settled_on = models.DateField(null=True)
    photo = OfficeForeignKey(StoredFile, null=True, related_name="+")

    class Meta:
        ordering = ["promised_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "account"], name="one_open_promise_per_account", condition=models.Q(state="open")
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="promise_amount_positive"),
        ]
