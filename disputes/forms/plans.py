"""Forms of the plan pages: the covered bills, how the amount is spread, the lines as they were written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from disputes.models import InstalmentPlan
from disputes.queries import ContestableLine
from disputes.rules.plans import Line, even_schedule

_DAY = forms.DateField()
_MONEY = forms.DecimalField(max_digits=14, decimal_places=2)


class PlanForm(forms.Form):
    """A plan as it is talked over: it spreads the amount evenly, and every line may be changed by hand."""

    reason = forms.CharField(
        label=_("困难情况和核实结果"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("只写与缴费有关、必要的情况。"),
    )
    willingness = forms.ChoiceField(label=_("缴费意愿"), choices=InstalmentPlan.Willingness.choices)
    down = forms.DecimalField(
        label=_("首付"), required=False, min_value=Decimal(0), max_digits=14, decimal_places=2, initial=Decimal("0.00")
    )
    down_on = forms.DateField(label=_("首付日期"))
    count = forms.IntegerField(label=_("分几期"), min_value=1, max_value=60)
    first_on = forms.DateField(label=_("第一期日期"), help_text=_("以后每月同一天。"))

    def __init__(
        self, *args: Any, coverable: Sequence[ContestableLine] = (), ticked: Iterable[int] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.coverable = coverable
        asked = self.data.getlist("bill") if self.is_bound else [str(bill_id) for bill_id in ticked]  # type: ignore[attr-defined]
        self.ticked = {int(value) for value in asked if value.isdigit()}
        self.lines: tuple[Line, ...] = ()

    @property
    def covered_total(self) -> Decimal:
        """What is open on the ticked bills."""
        return sum((line.open_amount for line in self.coverable if line.bill_id in self.ticked), Decimal("0.00"))

    @property
    def agreed_total(self) -> Decimal:
        """What the lines add up to."""
        return sum((line.amount for line in self.lines), Decimal("0.00"))

    def spread(self) -> None:
        """Lines in even parts of the ticked bills; an error at the field that does not allow it."""
        asked = self.cleaned_data
        try:
            self.lines = even_schedule(
                self.covered_total,
                down=asked.get("down") or Decimal(0),
                down_on=asked["down_on"],
                count=asked["count"],
                first_on=asked["first_on"],
            )
        except ValueError:
            self.add_error("count", _("首付之后没有余额可分，请减少首付或期数，或勾选要分期的账单。"))

    def clean(self) -> dict[str, Any]:
        """The lines as they were written; number 0 is the down payment, when there is one."""
        cleaned = super().clean() or {}
        lines = []
        rows = zip(*(self.data.getlist(name) for name in ("seq", "due", "amount")), strict=False)  # type: ignore[attr-defined]
        for seq, due, amount in rows:
            try:
                lines.append(Line(int(seq), _day(due), _money(amount)))
            except (forms.ValidationError, ValueError):
                self.add_error(None, _("各期的日期或金额没有填对：日期如 2026-12-31，金额如 500.00。"))
                break
        self.lines = tuple(lines)
        return cleaned


class SignedForm(forms.Form):
    """The agreement as it came back signed."""

    signed = forms.FileField(label=_("签字协议的扫描件或照片"), help_text=_("照片或 PDF，不超过 25 MB。"))


class EndForm(forms.Form):
    """Why a plan is turned down or ended."""

    reason = forms.CharField(label=_("原因"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


def _day(text: str) -> date:
    day: date = _DAY.clean(text)
    return day


def _money(text: str) -> Decimal:
    amount: Decimal = _MONEY.clean(text)
    return amount
