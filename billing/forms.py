"""Forms of the billing app: what was typed, not what it means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Adjustment, ImportBatch, Payment, SpecialCase
from billing.queries import OpenLine
from offices.models import Community
from offices.rules.money import format_yuan


class UploadForm(forms.Form):
    """A file of finance."""

    kind = forms.ChoiceField(label=_("文件种类"), choices=ImportBatch.Kind.choices, widget=forms.RadioSelect)
    community = forms.ModelChoiceField(
        label=_("小区"),
        queryset=None,
        required=False,
        empty_label=_("由文件内容判断"),
        help_text=_("文件里没有小区列时请选择。"),
    )
    file = forms.FileField(
        label=_("文件"),
        error_messages={"required": _("请选择文件。"), "empty": _("文件是空的。请检查导出是否成功，重新选择文件。")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["community"].queryset = Community.objects.all()  # type: ignore[attr-defined]


class CommitForm(forms.Form):
    """The explicit choice to book a file without its refused rows."""

    accept_good = forms.BooleanField(required=False)


class ReasonForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(
        label=_("原因"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请填写原因。")},
    )


class SpecialCaseForm(forms.Form):
    """A special case of one account."""

    kind = forms.ChoiceField(label=_("类型"), choices=SpecialCase.Kind.choices)
    starts_on = forms.DateField(label=_("自"))
    ends_on = forms.DateField(
        label=_("至"), required=False, help_text=_("含当日；不填则到解除为止。转账未到账不填时为 3 天。")
    )
    note = forms.CharField(
        label=_("说明"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("依据、经办人、预计何时解决。"),
    )
    blocks_reminder = forms.BooleanField(label=_("同时暂停温馨提示"), required=False)


class PaymentForm(forms.Form):
    """Money received at the counter or by transfer."""

    amount = forms.DecimalField(label=_("金额"), max_digits=14, decimal_places=2)
    value_on = forms.DateField(label=_("到账日"))
    kind = forms.ChoiceField(
        label=_("方式"), choices=[(k.value, k.label) for k in (Payment.Kind.COUNTER, Payment.Kind.BANK)]
    )
    payer = forms.CharField(label=_("付款人"), max_length=100, required=False)
    memo = forms.CharField(label=_("附言或票据号"), max_length=300, required=False)
    designated = forms.TypedMultipleChoiceField(
        label=_("指定缴哪几笔"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("业主指明用途时勾选；不勾选则先到期的先抵。"),
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, lines: Sequence[OpenLine], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["designated"].choices = [  # type: ignore[attr-defined]
            (line.bill_id, f"{line.period.label} {line.fee_item} {format_yuan(line.open)}") for line in lines
        ]
        self.fields["value_on"].initial = today
        if not lines:
            del self.fields["designated"]


class ReductionForm(forms.Form):
    """A reduction of one bill, to be approved by somebody else."""

    bill = forms.TypedChoiceField(label=_("账单"), coerce=int)
    amount = forms.DecimalField(label=_("减免金额"), max_digits=14, decimal_places=2)
    kind = forms.ChoiceField(
        label=_("类型"), choices=[(k.value, k.label) for k in (Adjustment.Kind.VACANCY, Adjustment.Kind.WAIVER)]
    )
    reason = forms.CharField(label=_("理由"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, lines: Sequence[OpenLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bill"].choices = [  # type: ignore[attr-defined]
            (line.bill_id, f"{line.period.label} {line.fee_item} {format_yuan(line.open)}") for line in lines
        ]
