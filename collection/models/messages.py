"""The outbox: the row is the queue (reliability C2)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models import Account, ContactPoint
from collection.models.cases import Action, Case
from collection.models.contacts import Promise
from disputes.models import Instalment
from offices.models import OfficeForeignKey, OfficeModel


class Message(OfficeModel):
    """One message to one owner over one channel; its text is frozen when it is queued.

    It belongs to a step of the case, or reminds of a promise or of an instalment the day before.
    """

    class Channel(models.TextChoices):
        SMS = "sms", _("短信")
        EMAIL = "email", _("邮件")
        WECHAT = "wechat", _("公众号")
        PUSH = "push", _("App 推送")

    class State(models.TextChoices):
        PENDING = "pending", _("待发送")
        SENDING = "sending", _("发送中")
        SENT = "sent", _("已发送")
        UNKNOWN = "unknown", _("结果不明")
        FAILED = "failed", _("发送失败")
        VOID = "void", _("已取消")

    class Fate(models.TextChoices):
        DELIVERED = "delivered", _("已到达")
        BOUNCED = "bounced", _("未到达")

    action = OfficeForeignKey(Action, null=True, related_name="messages")
    promise = OfficeForeignKey(Promise, null=True, related_name="messages")
    instalment = OfficeForeignKey(Instalment, null=True, related_name="messages")
    case = OfficeForeignKey(Case, related_name="messages")
    account = OfficeForeignKey(Account, related_name="messages")
    contact_point = OfficeForeignKey(ContactPoint, related_name="messages")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    recipient = models.CharField(max_length=100)
    subject = models.CharField(max_length=100, blank=True)
    body = models.TextField()
    amount = models.DecimalField(max_digits=14, decimal_places=2, help_text="The amount the text speaks of.")
    dedupe_key = models.CharField(
        max_length=80, help_text="Business identity: case, step, channel, attempt; never random."
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    not_before = models.DateTimeField()
    queued_at = models.DateTimeField()
    attempt = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(
        max_length=120, blank=True, help_text="The process that holds the lease; it can be stopped."
    )
    cleared_at = models.DateTimeField(null=True, help_text="When the guards last let it go, by the business clock.")
    first_call_at = models.DateTimeField(null=True, help_text="First handed over, by the database's clock.")
    asked_at = models.DateTimeField(null=True, help_text="When the provider last denied knowing the message.")
    denials = models.PositiveSmallIntegerField(default=0)
    provider_ref = models.CharField(max_length=100, blank=True)
    last_error = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=100, blank=True)
    fate = models.CharField(
        max_length=9, choices=Fate.choices, blank=True, help_text="What the provider's receipt says; only goes forward."
    )
    fate_at = models.DateTimeField(null=True, help_text="When the receipt was known here.")
    ask_fate_at = models.DateTimeField(
        null=True, help_text="When the provider is asked for a receipt that has not come."
    )

    @property
    def standing(self) -> str:
        """What became of it, in the words of the pages: the receipt says more than the state."""
        return str(self.get_fate_display() or self.get_state_display())

    class Meta:
        ordering = ["not_before", "id"]
        constraints = [
            models.UniqueConstraint(fields=["office", "dedupe_key"], name="message_once"),
            models.CheckConstraint(
                condition=models.Q(action__isnull=False, promise=None, instalment=None)
                | models.Q(action=None, promise__isnull=False, instalment=None)
                | models.Q(action=None, promise=None, instalment__isnull=False),
                name="message_of_one_thing",
            ),
        ]
        indexes = [
            models.Index(
                fields=["office", "queued_at", "id"], name="message_queue", condition=models.Q(state="pending")
            ),  # a sender takes the oldest ten of a hundred thousand without sorting them
            models.Index(
                fields=["office", "not_before"],
                name="message_todo",
                condition=models.Q(state__in=["pending", "sending", "unknown"]),
            ),
            models.Index(
                fields=["office", "ask_fate_at"], name="message_to_ask", condition=models.Q(ask_fate_at__isnull=False)
            ),
            models.Index(
                fields=["office", "provider_ref"], name="message_of_provider", condition=~models.Q(provider_ref="")
            ),
        ]
