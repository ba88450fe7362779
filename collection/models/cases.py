"""Cases, their actions, and the sweeps that plan them."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models import Account
from collection.models.strategies import Step, Strategy
from offices.models import OfficeForeignKey, OfficeModel, User, office_history


class Sweep(OfficeModel):
    """One run over one business date; planned + skipped = eligible (invariant 43)."""

    class State(models.TextChoices):
        RUNNING = "running", _("进行中")
        DONE = "done", _("完成")
        PARTIAL = "partial", _("部分完成")
        UNDONE = "undone", _("已撤回")

    on = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    eligible = models.PositiveIntegerField(default=0)
    planned = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    closed = models.PositiveIntegerField(default=0)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    books = models.PositiveBigIntegerField(
        default=0, help_text="How often the accounts had changed by then; unchanged books open no case the same day."
    )
    next_due_on = models.DateField(
        null=True,
        help_text="When the next bill of these books falls due; until it is late, unchanged books open no case.",
    )

    class Meta:
        ordering = ["-on", "-id"]


class Case(OfficeModel):
    """One cycle of collection for one account: from first overdue until nothing is overdue any more."""

    class State(models.TextChoices):
        OPEN = "open", _("进行中")
        SETTLED = "settled", _("已缴清")
        REFERRED = "referred", _("已提交法务")

    account = OfficeForeignKey(Account, related_name="cases")
    cycle = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    strategy = OfficeForeignKey(Strategy, related_name="cases")
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    entry_reason = models.CharField(max_length=100, blank=True)
    tier = models.CharField(max_length=10, blank=True)
    tier_reason = models.CharField(max_length=200, blank=True)
    reached = models.PositiveSmallIntegerField(default=0, help_text="Position of the last step that took effect.")
    reached_on = models.DateField(null=True, help_text="The day it took effect.")
    letter_deadline_on = models.DateField(null=True, help_text="Deadline printed on the last effective letter.")
    # In no index: it changes with every decision, and a row whose keys stay is rewritten in its place (decision 0016).
    next_action_on = models.DateField(help_text="When the sweep looks at the case again; never empty, never past.")
    tier_rises_on = models.DateField(
        null=True,
        help_text="When age alone may raise the tier: the sweep looks then, too. Empty: never, or not looked at yet.",
    )
    seen_change_seq = models.PositiveBigIntegerField(default=0)
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    history = office_history()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "account", "cycle"], name="case_cycle_once"),
            models.UniqueConstraint(
                fields=["office", "account"], name="one_open_case_per_account", condition=models.Q(state="open")
            ),
        ]
        indexes = [
            models.Index(fields=["office", "assignee"], name="case_assignee", condition=models.Q(state="open")),
        ]

    @property
    def looked_at_on(self) -> date:
        """When the sweep looks at it next: for its following step, or because its bills have grown old enough for another tier."""
        return min(self.next_action_on, self.tier_rises_on or self.next_action_on)


class Action(OfficeModel):
    """One step of one case, planned once: the row that messages, letters and tasks hang from."""

    class State(models.TextChoices):
        PLANNED = "planned", _("待办")
        EFFECTIVE = "effective", _("已生效")
        FAILED = "failed", _("未成")
        VOID = "void", _("已取消")

    case = OfficeForeignKey(Case, related_name="actions")
    account = OfficeForeignKey(Account, related_name="actions")
    step = OfficeForeignKey(Step, related_name="actions")
    kind = models.CharField(max_length=10, choices=Step.Kind.choices)
    position = models.PositiveSmallIntegerField()
    by_hand = models.BooleanField(default=False, help_text="Done by a person: call, visit, approval, decision.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    planned_on = models.DateField()
    due_on = models.DateField(help_text="By when a person should have done it.")
    effective_on = models.DateField(null=True)
    why = models.CharField(max_length=200, help_text="Why today, in words.")
    code = models.CharField(max_length=24, blank=True, help_text="The rule of `decide` that planned it.")
    inputs = models.JSONField(null=True, help_text="What the decision looked at; `replay` makes it again.")
    void_reason = models.CharField(max_length=100, blank=True)
    sweep = OfficeForeignKey(Sweep, null=True, related_name="actions")
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            # Unique notice (invariant 1): one living action per case and step, whatever runs at once.
            models.UniqueConstraint(
                fields=["office", "case", "step"],
                name="one_action_per_step",
                condition=models.Q(state__in=["planned", "effective"]),
            )
        ]
        indexes = [models.Index(fields=["office", "due_on"], name="action_todo", condition=models.Q(state="planned"))]


class Skip(OfficeModel):
    """Why an eligible case was not acted on that day."""

    sweep = OfficeForeignKey(Sweep, related_name="skips")
    case = OfficeForeignKey(Case, related_name="skips")
    on = models.DateField()
    code = models.CharField(max_length=24)
    words = models.CharField(max_length=200)
    inputs = models.JSONField(null=True, help_text="What the decision looked at; `replay` makes it again.")
    look_again_on = models.DateField()

    class Meta:
        ordering = ["-on", "-id"]
        constraints = [models.UniqueConstraint(fields=["office", "case", "on"], name="one_skip_per_case_and_day")]
