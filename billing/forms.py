"""Forms of the billing app: what was typed, not what it means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Account, Adjustment, FeeItem, ImportBatch, LateChargeRule, Occupant, Payment, SpecialCase
from billing.queries import OpenLine, owners_of
from billing.rules.aliases import LABELS
from billing.rules.columns import fields_of
from billing.rules.rows.controls import MONEY_FIELDS
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

    def __init__(self, *args: Any, corrects: ImportBatch | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["community"].queryset = Community.objects.all()  # type: ignore[attr-defined]
        if corrects is not None:  # the mended rows are of the same kind and place as the file they came from
            self.fields["kind"].disabled = True
            self.fields["kind"].initial = corrects.kind
            self.fields["community"].widget = forms.HiddenInput()


class ColumnsForm(forms.Form):
    """What each column of the file is; one choice per column and header, whatever the number of sheets."""

    def __init__(self, *args: Any, batch: ImportBatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheets: list[dict[str, Any]] = []
        said = batch.layout.get("period", "")
        if said or any(sheet.get("lacks_period") for sheet in batch.layout.get("sheets", [])):
            self.fields["period"] = forms.CharField(
                label=_("整张表的账期"),
                max_length=40,
                required=False,
                initial=said,
                help_text=_("表里没有账期列，标题、工作表名和文件名里也没有时填写，例如 2024年1月、2024年1-3月。"),
            )
        fields = [("", _("不读取"))] + [(name, LABELS[name]) for name in fields_of(batch.kind)]
        money = [choice for choice in fields if choice[0] in ("", *MONEY_FIELDS)]
        for sheet in batch.layout.get("sheets", []):
            same = next((each for each in self.sheets if each["fingerprint"] == sheet["fingerprint"]), None)
            if same is not None:
                same["names"].append(sheet["name"])
                continue
            columns = sorted((*sheet["columns"], *sheet["others"]), key=lambda column: int(column["index"]))
            number = len(self.sheets)
            for column in columns:
                self.fields[f"c{number}-{column['index']}"] = forms.ChoiceField(
                    label=column["place"],
                    choices=money if column["is_wide"] else fields,
                    required=False,
                    initial=column["field"],
                    widget=forms.Select(attrs={"class": "form-select", "aria-label": column["place"]}),
                )
            lines = [(column, self[f"c{number}-{column['index']}"]) for column in columns]
            self.sheets.append(sheet | {"names": [sheet["name"]], "lines": lines})

    def asked_period(self) -> forms.BoundField | None:
        """The period of the whole file, where it has to be asked."""
        return self["period"] if "period" in self.fields else None

    def choices(self) -> dict[str, dict[int, str]]:
        """Fingerprint → column index → field, as `map_columns` takes it."""
        return {
            sheet["fingerprint"]: {column["index"]: self.cleaned_data[field.name] for column, field in sheet["lines"]}
            for sheet in self.sheets
        }


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


# An application for a vacancy has a form of its own: it needs the days and works out the reductions.
_OPENED_BY_HAND = [(value, label) for value, label in SpecialCase.Kind.choices if value != "vacancy_discount"]


class EvidenceForm(forms.Form):
    """Proof: a photo or a PDF."""

    evidence = forms.FileField(label=_("证明材料"), help_text=_("照片或 PDF，不超过 25 MB。"))


class SpecialCaseForm(EvidenceForm):
    """A special case of one account. What each kind must bring is the operation's to say."""

    field_order = ("kind", "starts_on", "ends_on")
    kind = forms.ChoiceField(label=_("类型"), choices=_OPENED_BY_HAND)
    starts_on = forms.DateField(label=_("自"))
    ends_on = forms.DateField(
        label=_("至"), required=False, help_text=_("含当日；不填则到解除为止。转账未到账按办公室设定的工作日。")
    )
    claimed_amount = forms.DecimalField(
        label=_("业主所说金额"),
        max_digits=14,
        decimal_places=2,
        required=False,
        help_text=_("已预缴必填；转账未到账建议填写。"),
    )
    claimed_on = forms.DateField(label=_("业主所说付款日"), required=False)
    claimed_payer = forms.CharField(label=_("付款人"), max_length=100, required=False)
    issue_owner = forms.CharField(
        label=_("问题负责人"), max_length=60, required=False, help_text=_("历史遗留问题必填。")
    )
    review_on = forms.DateField(
        label=_("复核日期"), required=False, help_text=_("历史遗留问题必填；其他类型不填则按默认期限。")
    )
    note = forms.CharField(
        label=_("说明"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("依据、经办人、预计何时解决。"),
    )
    blocks_reminder = forms.BooleanField(label=_("同时暂停温馨提示"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["evidence"].required = False


class VacancyForm(EvidenceForm):
    """An application for the vacancy discount (S8)."""

    field_order = ("vacant_from", "vacant_to", "payable_percent", "note")
    vacant_from = forms.DateField(label=_("空置自"))
    vacant_to = forms.DateField(label=_("空置至"), help_text=_("含当日。"))
    payable_percent = forms.DecimalField(
        label=_("应缴比例"),
        max_digits=5,
        decimal_places=2,
        min_value=0,
        help_text=_("填 70 即按七成缴纳，依据合同或当地规定。"),
    )
    note = forms.CharField(label=_("依据"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class HandoverForm(EvidenceForm):
    """A room is handed over (S7)."""

    field_order = ("handed_over_on", "buyer", "phone")
    handed_over_on = forms.DateField(label=_("交付日期"), help_text=_("从这一天起由业主缴费。"))
    buyer = forms.CharField(label=_("业主姓名"), max_length=60, required=False)
    phone = forms.CharField(label=_("业主电话"), max_length=40, required=False)


class ReviewForm(forms.Form):
    """Somebody has looked at a special case again."""

    review_on = forms.DateField(label=_("下次复核"))
    note = forms.CharField(label=_("复核结果"), max_length=200)


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
    """A waiver on one bill, or the cancellation of a wrong one (红冲), to be approved by somebody else.

    A vacancy is applied for with its proof.
    """

    bill = forms.TypedChoiceField(label=_("账单"), coerce=int)
    amount = forms.DecimalField(label=_("减免金额"), max_digits=14, decimal_places=2)
    kind = forms.ChoiceField(
        label=_("类型"),
        required=False,
        choices=[(k.value, k.label) for k in (Adjustment.Kind.WAIVER, Adjustment.Kind.REVERSAL)],
        help_text=_("账单开错时选红冲：全额红冲后，这个账期可以重新导入。"),
    )
    reason = forms.CharField(label=_("理由"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, lines: Sequence[OpenLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bill"].choices = [  # type: ignore[attr-defined]
            (line.bill_id, f"{line.period.label} {line.fee_item} {format_yuan(line.open)}") for line in lines
        ]


class RefundForm(forms.Form):
    """Credit given back to a household."""

    amount = forms.DecimalField(label=_("退款金额"), max_digits=14, decimal_places=2)
    value_on = forms.DateField(label=_("退款日"))
    reason = forms.CharField(label=_("原因和退回方式"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


class LateChargeRuleForm(forms.Form):
    """A new version of the rule for 违约金."""

    community = forms.ModelChoiceField(
        label=_("小区"),
        queryset=None,
        required=False,
        empty_label=_("全部小区"),
        help_text=_("小区的规则优先于全部小区的规则。"),
    )
    fee_item = forms.ModelChoiceField(
        label=_("收费项目"),
        queryset=None,
        required=False,
        empty_label=_("全部收费项目"),
        help_text=_("某个项目另有约定时选择，优先于全部项目的规则。"),
    )
    starts_on = forms.DateField(label=_("生效日"))
    rate_per_day = forms.DecimalField(
        label=_("日率"),
        required=False,
        max_digits=6,
        decimal_places=4,
        help_text=_("不填则按物业服务合同；只有选了收费项目才能另填，例如 0.05 表示每日 0.05%。"),
    )
    rolls_due_on = forms.BooleanField(label=_("到期日逢休息日顺延到下一个工作日"), required=False)
    start = forms.ChoiceField(
        required=False,
        label=_("起算"),
        choices=LateChargeRule.Start.choices,
        help_text=_("从催告期满次日起算的，只计通知书有效送达、其期限届满之后的日子；没有催告的不计。"),
    )
    grace_days = forms.IntegerField(label=_("宽限天数"), min_value=0, max_value=3650, initial=0)
    grace_retroactive = forms.BooleanField(label=_("宽限期满后从到期日起算"), required=False)
    cap = forms.ChoiceField(label=_("封顶"), choices=LateChargeRule.Cap.choices)
    cap_value = forms.DecimalField(
        label=_("封顶百分比或倍数"),
        required=False,
        max_digits=7,
        decimal_places=2,
        help_text=_("选「百分比」时填 10 表示 10%，选「倍数」时填 4 表示 LPR 的 4 倍，其余不填。"),
    )
    holds_stop = forms.BooleanField(label=_("暂缓和争议期间不计"), required=False, initial=True)
    minimum = forms.DecimalField(label=_("起算额（元）"), min_value=0, max_digits=14, decimal_places=2, initial=0)
    reason = forms.CharField(label=_("依据"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    accepts_back_dating = forms.BooleanField(
        label=_("确认追溯：生效日早于今天时勾选，过去日期的违约金测算会随之改变"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["community"].queryset = Community.objects.all()  # type: ignore[attr-defined]
        self.fields["fee_item"].queryset = FeeItem.objects.order_by("name")  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """What was typed as the operation takes it: a percentage as a share."""
        said = dict(self.cleaned_data)
        community, item = said.pop("community"), said.pop("fee_item")
        if said["rate_per_day"] is not None:
            said["rate_per_day"] /= 100
        if said["cap"] == LateChargeRule.Cap.PCT and said["cap_value"] is not None:
            said["cap_value"] /= 100
        said["start"] = said["start"] or LateChargeRule.Start.DUE
        return said | {"community_id": community.pk if community else None, "fee_item_id": item.pk if item else None}


class LprForm(forms.Form):
    """A row of the LPR table."""

    starts_on = forms.DateField(label=_("执行日"))
    rate = forms.DecimalField(label=_("一年期 LPR"), max_digits=5, decimal_places=2)
    source = forms.CharField(
        label=_("来源"), max_length=200, help_text=_("例如：全国银行间同业拆借中心 2026 年 11 月 20 日公告。")
    )

    def asked(self) -> dict[str, Any]:
        """What was typed as the operation takes it: per cent as a fraction."""
        return self.cleaned_data | {"rate": self.cleaned_data["rate"] / 100}


class OccupantForm(forms.Form):
    """Somebody who lives there beside the owners: only what is needed to know who answers."""

    name = forms.CharField(label=_("姓名"), max_length=60)
    relation = forms.ChoiceField(label=_("与业主关系"), choices=Occupant.Relation.choices)
    phone = forms.CharField(
        label=_("电话"),
        max_length=30,
        required=False,
        help_text=_("只在必要时填写；未经业主授权不会向此号码联系欠费。"),
    )


class AuthorisationForm(EvidenceForm):
    """An owner's word that the debt may be spoken of with an occupant."""

    field_order = ("owner", "how")
    owner = forms.ModelChoiceField(label=_("授权的业主"), queryset=None, empty_label=None)
    how = forms.CharField(
        label=_("授权方式"), max_length=100, help_text=_("业主何时、以何种方式同意，例如：8月3日微信同意。")
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners_of(account)  # type: ignore[attr-defined]
        self.fields["evidence"].required = False
