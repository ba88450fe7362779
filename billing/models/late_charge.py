"""How far an office claims the 违约金 that its contracts allow, and the LPR it is measured by: dated rows, never changed."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.money import FeeItem
from billing.rules.terms import spell_day_rate
from offices.models import Community, OfficeForeignKey, OfficeModel, User
from offices.scoping import current_office


class LateChargeRule(OfficeModel):
    """Grace, cap, hold behaviour and minimum from a day on. The rate is the contract's (民法典 585): without it, nothing;
    a fee item with an agreement of its own (parking, say) may have its own rate.

    Never changed: a new version is a new row, and of two with the same first day the one written last counts. The rule
    of a fee item comes before one for all items, that of a community before the one of the whole office (no community).
    """

    class Cap(models.TextChoices):
        NONE = "none", _("不封顶")
        PRINCIPAL = "principal", _("不超过本金")
        PCT = "pct", _("不超过本金的百分比")
        LPR_MULTIPLE = "lpr_multiple", _("不超过 LPR 的倍数")
        LPR_LOSS_130 = "lpr_loss_130", _("不超过 LPR 损失的 1.3 倍")

    class Start(models.TextChoices):
        DUE = "due", _("到期（或宽限期满）次日")
        DEMAND = "demand", _("催告期满次日")

    community = OfficeForeignKey(Community, null=True, related_name="late_charge_rules")
    fee_item = OfficeForeignKey(FeeItem, null=True, related_name="late_charge_rules")
    starts_on = models.DateField(_("生效日"))
    rate_per_day = models.DecimalField(
        _("日率"), max_digits=8, decimal_places=6, null=True, help_text="Empty: the contract's."
    )
    rolls_due_on = models.BooleanField(
        _("到期日逢节假日顺延"), default=False, db_default=False, help_text="To the next working day (民法典 203)."
    )
    start = models.CharField(_("起算"), max_length=6, choices=Start.choices, default=Start.DUE, db_default=Start.DUE)
    grace_days = models.PositiveSmallIntegerField(_("宽限天数"), default=0)
    grace_retroactive = models.BooleanField(_("宽限期满后从到期日起算"), default=False)
    cap = models.CharField(_("封顶"), max_length=12, choices=Cap.choices, default=Cap.NONE)
    cap_value = models.DecimalField(
        max_digits=7, decimal_places=4, default=1, help_text="Share of the principal, or multiple of the LPR."
    )
    holds_stop = models.BooleanField(_("暂缓和争议期间不计"), default=True)
    minimum = models.DecimalField(_("起算额（元）"), max_digits=14, decimal_places=2, default=0)
    reason = models.CharField(_("依据"), max_length=200)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cap_value__gt=0) & models.Q(minimum__gte=0), name="late_charge_rule_sane"
            ),
            models.CheckConstraint(
                condition=models.Q(rate_per_day=None) | (models.Q(rate_per_day__gte=0) & ~models.Q(fee_item=None)),
                name="own_rate_only_for_a_fee_item",
            ),
            models.CheckConstraint(
                condition=models.Q(start="due") | models.Q(grace_days=0), name="grace_or_demand_not_both"
            ),
        ]
        indexes = [models.Index(fields=["office", "community", "starts_on"], name="late_charge_rule_days")]

    @property
    def is_dated_back(self) -> bool:
        """Whether it was entered after its first day, so that days in between once said something else."""
        return self.starts_on < self.set_at.astimezone(ZoneInfo(current_office().time_zone)).date()

    @property
    def rate_words(self) -> str:
        """The rate as people say it; empty for the contract's."""
        return spell_day_rate(self.rate_per_day)

    @property
    def cap_percent(self) -> Decimal:
        """`cap_value` in percent, as it is typed and shown."""
        return self.cap_value * 100


class LprRate(OfficeModel):
    """A row of the office's own in the table of the one-year LPR, over those that ship with the product (domain 4.1).

    Never changed: a wrong row is put right by another with the same first day; the one written last counts.
    """

    starts_on = models.DateField(_("执行日"))
    rate = models.DecimalField(max_digits=6, decimal_places=4, help_text="A fraction a year: 0.0300 is 3.00 %.")
    source = models.CharField(_("来源"), max_length=200)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(rate__gt=0) & models.Q(rate__lt=1), name="lpr_is_a_fraction")
        ]
        indexes = [models.Index(fields=["office", "starts_on"], name="lpr_days")]
