"""催缴策略: versioned, with ordered steps (S19–S24)."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from offices.models import Community, OfficeForeignKey, OfficeModel, User


class Strategy(OfficeModel):
    """One version of a strategy of the office. Cases keep the version they began with (invariant 28).

    A draft until it is published, never changed afterwards. Of each name the newest version in effect counts.
    """

    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    community = OfficeForeignKey(Community, null=True, related_name="+", help_text="Empty = every community.")
    segment = models.CharField(
        max_length=24, blank=True, help_text="A code of `rules.strategies.SEGMENTS`; empty = all."
    )
    effective_on = models.DateField()
    ended_on = models.DateField(null=True, help_text="First day on which no new case begins with it.")
    note = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=0, help_text="Grows with every edit of the draft; editors compare.")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-effective_on", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["office", "name", "version"], name="strategy_version_once"),
            models.UniqueConstraint(
                fields=["office", "name"], name="one_draft_per_strategy", condition=models.Q(published_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_draft(self) -> bool:
        """Still to be published; only then its steps may change."""
        return self.published_at is None


class Step(OfficeModel):
    """One step: what is done, how long to wait before it, who does it, who approves it."""

    class Kind(models.TextChoices):
        REMINDER = "reminder", _("温馨提示")
        CALL = "call", _("电话沟通")
        FORMAL = "formal", _("催缴通知书")
        FOLLOW_UP = "follow_up", _("到期回访")
        FINAL = "final", _("最后通知书")
        DECISION = "decision", _("经理决定")

    strategy = OfficeForeignKey(Strategy, related_name="steps")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    title = models.CharField(max_length=40)
    after_days = models.PositiveSmallIntegerField(
        help_text="Days since the due date for the first step; since the previous step took effect afterwards; "
        "for steps that follow a letter, since its printed deadline."
    )
    after_days_urgent = models.PositiveSmallIntegerField(
        null=True, help_text="Shorter wait for moderate and severe tiers."
    )
    counts_from_deadline = models.BooleanField(default=False)
    channels = models.JSONField(default=list, help_text="In the order in which they are tried.")
    minimum = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal("0.01"))
    role = models.CharField(max_length=12, blank=True, help_text="Role that does it; empty = the system.")
    approver = models.CharField(max_length=12, blank=True, help_text="Role that approves it; empty = nobody needs to.")
    task = models.CharField(max_length=200, blank=True, help_text="What is to be done, in words (S23).")
    template = models.CharField(max_length=24, blank=True, help_text="Use of `rules.places` whose text it sends.")
    script = models.CharField(max_length=24, blank=True, help_text="Reason whose 话术 opens the talk if none is known.")
    tiers = models.JSONField(default=list, help_text="Whose cases take it; empty = all.")
    entry_tiers = models.JSONField(default=list, help_text="Whose cases may begin here (decisions 1).")
    weekly_cap = models.PositiveSmallIntegerField(null=True, help_text="Contacts in seven days; empty = the office's.")
    deadline_days = models.PositiveSmallIntegerField(
        null=True, help_text="Days to pay on the letter; empty = office's."
    )

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["office", "strategy", "position"], name="step_position_once")]
