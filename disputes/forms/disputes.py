"""Forms of the dispute pages. The owner's words come first (S75)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from disputes.models import Dispute
from disputes.queries import ContestableLine
from disputes.rules.course import Move
from disputes.rules.kinds import DEPARTMENTS

CHANNELS = [
    ("counter", _("来访")),
    ("call", _("电话")),
    ("visit", _("上门")),
    ("wechat", _("微信")),
    ("other", _("其他")),
]


class RaiseForm(forms.Form):
    """Intake: what the owner says, what is asked for, which bills are contested and by how much."""

    owner_words = forms.CharField(
        label=_("业主原话"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "autofocus": True}),
        help_text=_("先听业主说完，按原话记录；此时不解释、不辩驳。"),
        error_messages={"required": _("请先记录业主的原话。")},
    )
    demand = forms.CharField(
        label=_("业主诉求"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    kind = forms.ChoiceField(label=_("类型"), choices=[("", _("请选择")), *Dispute.Kind.choices])
    channel = forms.ChoiceField(label=_("反映渠道"), choices=CHANNELS)
    promised_feedback_on = forms.DateField(label=_("承诺反馈日期"), required=False)

    def __init__(
        self, *args: Any, contestable: Sequence[ContestableLine] = (), ticked: Iterable[int] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.contestable = contestable
        ticked = set(ticked)
        for line in contestable:
            self.fields[f"bill_{line.bill_id}"] = forms.BooleanField(required=False, initial=line.bill_id in ticked)
            self.fields[f"amount_{line.bill_id}"] = forms.DecimalField(
                label=_("争议金额"), required=False, max_digits=14, decimal_places=2, initial=line.free
            )

    def rows(self) -> list[dict[str, Any]]:
        """The bills with their tick and amount, for the template."""
        return [
            {"line": line, "tick": self[f"bill_{line.bill_id}"], "amount": self[f"amount_{line.bill_id}"]}
            for line in self.contestable
        ]

    def clean(self) -> dict[str, Any]:
        """A ticked bill without an amount is contested as far as it is open."""
        cleaned = super().clean() or {}
        cleaned["lines"] = {
            line.bill_id: line.free
            if cleaned.get(f"amount_{line.bill_id}") is None
            else cleaned[f"amount_{line.bill_id}"]
            for line in self.contestable
            if cleaned.get(f"bill_{line.bill_id}")
        }
        return cleaned


class StepForm(forms.Form):
    """One step of the course."""

    kind = forms.ChoiceField(label=_("这一步"))
    text = forms.CharField(label=_("内容"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    department = forms.ChoiceField(
        label=_("责任部门"), required=False, choices=[("", "—"), *((name, name) for name in DEPARTMENTS)],
        help_text=_("派单时填写。"),
    )  # fmt: skip
    is_satisfied = forms.NullBooleanField(
        label=_("业主是否满意"),
        required=False,
        widget=forms.Select(choices=[("unknown", _("未表示")), ("true", _("满意")), ("false", _("不满意"))]),
        help_text=_("答复业主时填写。"),
    )
    photo = forms.FileField(label=_("照片或单据"), required=False)

    def __init__(self, *args: Any, moves: Sequence[Move] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(move.code, _(move.label)) for move in moves]  # type: ignore[attr-defined]


class ResolveForm(forms.Form):
    """The ruling, what the owner is told, and what each contested bill is granted."""

    ruling = forms.ChoiceField(
        label=_("认定"), choices=[(code, label) for code, label in Dispute.Ruling.choices if code]
    )
    explanation = forms.CharField(
        label=_("给业主的答复"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("处理结果和理由，业主会知道。"),
    )

    def __init__(self, *args: Any, dispute: Dispute, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.disputed = list(dispute.lines.all())
        for line in self.disputed:
            self.fields[f"granted_{line.bill_id}"] = forms.DecimalField(
                label=_("同意减少"), required=False, min_value=Decimal(0), max_digits=14, decimal_places=2
            )

    def rows(self) -> list[dict[str, Any]]:
        """The contested bills with their amount field, for the template."""
        return [{"line": line, "granted": self[f"granted_{line.bill_id}"]} for line in self.disputed]

    def clean(self) -> dict[str, Any]:
        """`granted`: bill id → amount, where one was given."""
        cleaned = super().clean() or {}
        cleaned["granted"] = {
            line.bill_id: cleaned[f"granted_{line.bill_id}"]
            for line in self.disputed
            if cleaned.get(f"granted_{line.bill_id}") is not None
        }
        return cleaned
