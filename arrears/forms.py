"""The filters of the arrears list, as they stand in the address; and what is asked about late charge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from arrears.queries import ArrearsFilters
from arrears.queries.late_charge import BillCharge
from arrears.queries.roll_forward import SLICES
from arrears.rules.ageing import BUCKETS
from arrears.rules.segments import SEGMENTS
from arrears.rules.tier import TIERS
from billing.rules.late_charge import Cap, Start
from billing.rules.late_charge_rules import Restraint
from billing.rules.periods import Period
from offices.models import Community
from offices.rules.money import format_yuan

HOLDS = [
    ("free", _("可催缴")),
    ("special_case", _("特殊情况")),
    ("contested", _("全部有争议")),
    ("under_plan", _("分期中")),
    ("service_dispute", _("服务争议")),
    ("unreconciled", _("账单未签认")),
    ("credit", _("预存款可抵")),
]


class ArrearsFilterForm(forms.Form):
    """Every field optional; what cannot be understood is left out."""

    q = forms.CharField(required=False, max_length=60)
    community = forms.ModelChoiceField(queryset=None, required=False)
    building = forms.CharField(required=False, max_length=20)
    person = forms.IntegerField(required=False, min_value=1)
    tier = forms.ChoiceField(required=False, choices=[("", ""), *TIERS])
    bucket = forms.ChoiceField(required=False, choices=[("", ""), *((b.code, b.label) for b in BUCKETS)])
    hold = forms.ChoiceField(required=False, choices=[("", ""), *HOLDS])
    segment = forms.ChoiceField(required=False, choices=[("", ""), *SEGMENTS.items()])
    minimum = forms.DecimalField(required=False, min_value=0, max_digits=14, decimal_places=2)
    on = forms.DateField(required=False)
    sort = forms.CharField(required=False, max_length=20)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["community"].queryset = Community.objects.all()  # type: ignore[attr-defined]

    def asked(self, today: date) -> tuple[date, ArrearsFilters]:
        """The day and the filters; a day to come is today."""
        self.is_valid()
        data = self.cleaned_data
        community = data.get("community")
        filters = ArrearsFilters(
            q=data.get("q") or "",
            community=community.pk if community else None,
            building=data.get("building") or "",
            person=data.get("person"),
            tier=data.get("tier") or "",
            bucket=data.get("bucket") or "",
            hold=data.get("hold") or "",
            segment=data.get("segment") or "",
            minimum=data.get("minimum"),
            sort=data.get("sort") or "-arrears",
        )
        return min(data.get("on") or today, today), filters


class RollForwardForm(forms.Form):
    """The period and the slice of the roll-forward; what cannot be understood is left out."""

    first = forms.DateField(required=False)
    last = forms.DateField(required=False)
    by = forms.ChoiceField(required=False, choices=[(code, label) for code, (label, _key, _order) in SLICES.items()])

    def asked(self, today: date) -> tuple[date, date, str]:
        """First day, last day (today at the latest) and slice; the year so far by community when nothing is said."""
        self.is_valid()
        data = self.cleaned_data
        last = min(data.get("last") or today, today)
        first, last = sorted((data.get("first") or last.replace(month=1, day=1), last))
        return first, last, data.get("by") or "community"


class SaveViewForm(forms.Form):
    """A name for the filters in the address."""

    name = forms.CharField(required=False, max_length=30)
    is_shared = forms.BooleanField(required=False)


class WaiverForm(forms.Form):
    """Late charge to be waived; without an amount all of it, without a bill the oldest first."""

    bill = forms.TypedChoiceField(label=_("账单"), coerce=int, required=False, empty_value=None)
    amount = forms.DecimalField(
        label=_("减免金额"),
        max_digits=14,
        decimal_places=2,
        required=False,
        help_text=_("不填则减免到今天为止的全部违约金。"),
    )
    reason = forms.CharField(label=_("理由"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    evidence = forms.FileField(label=_("证明材料"), required=False, help_text=_("照片或 PDF，不超过 25 MB。"))

    def __init__(self, *args: Any, lines: Sequence[BillCharge], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (
                line.bill.bill_id,
                f"{Period(line.bill.period_start, line.bill.period_end).label} {format_yuan(line.owed)}",
            )
            for line in lines
            if line.owed
        ]
        self.fields["bill"].choices = [("", _("全部，先到期的先减")), *choices]  # type: ignore[attr-defined]


class RuleDraftForm(forms.Form):
    """A late-charge rule that is only being considered, as it stands in an address: shares and multiples, no per cents."""

    community_id = forms.IntegerField(required=False)
    fee_item_id = forms.IntegerField(required=False)
    starts_on = forms.DateField()
    rate_per_day = forms.DecimalField(required=False, min_value=0, max_value=1)
    rolls_due_on = forms.BooleanField(required=False)
    start = forms.ChoiceField(required=False, choices=[(start.value, start.value) for start in Start])
    grace_days = forms.IntegerField(required=False, min_value=0, max_value=3650)
    grace_retroactive = forms.BooleanField(required=False)
    cap = forms.ChoiceField(required=False, choices=[(cap.value, cap.value) for cap in Cap])
    cap_value = forms.DecimalField(required=False, min_value=0)
    holds_stop = forms.BooleanField(required=False)
    minimum = forms.DecimalField(required=False, min_value=0)

    def draft(self) -> tuple[int | None, Restraint]:
        """The community (None: all) and the rule."""
        said = dict(self.cleaned_data)
        community_id = said.pop("community_id")
        return community_id, Restraint(
            **said
            | {
                "start": Start(said["start"] or Start.DUE),
                "grace_days": said["grace_days"] or 0,
                "cap": Cap(said["cap"] or Cap.NONE),
                "cap_value": said["cap_value"] or Decimal(1),
                "minimum": said["minimum"] or Decimal(0),
            }
        )
