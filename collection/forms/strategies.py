"""A draft of a strategy: whom it is for and from when, and one step of it. What is typed; the rules say whether it may be."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arrears.rules import segments as groups
from arrears.rules.tier import SLIGHT, TIERS
from collection.channels import available
from collection.models import Message
from collection.rules import places, reasons
from collection.rules import steps as s
from collection.rules.steps import Step
from collection.rules.strategies import SEGMENTS
from collection.rules.strategy_faults import APPROVERS, PEOPLE, REMINDERS, TALKS
from offices.models import Community
from offices.permissions import Role

WAYS = 4  # channels that a reminder tries one after the other


class NewDraftForm(forms.Form):
    """A name: of a strategy that exists (its next version) or a new one; it begins with the steps shown."""

    name = forms.CharField(
        label=gettext_lazy("策略名称"),
        max_length=60,
        help_text=gettext_lazy("填写已有的名称即为它的下一版，新名称即为另一份策略。"),
    )


class DescribeForm(forms.Form):
    """Whom the draft is for, from when, and what is new."""

    community = forms.ModelChoiceField(
        label=gettext_lazy("小区"), queryset=None, required=False, empty_label=gettext_lazy("全部小区")
    )
    segment = forms.ChoiceField(label=gettext_lazy("业主类别"), required=False)
    effective_on = forms.DateField(label=gettext_lazy("生效日"))
    note = forms.CharField(label=gettext_lazy("修改说明"), max_length=200, required=False)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["community"].queryset = Community.objects.all()  # type: ignore[attr-defined]
        self.fields["segment"].choices = [("", _("全部业主"))] + [(code, _(groups.SEGMENTS[code])) for code in SEGMENTS]  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """Keyword arguments for `describe_draft`."""
        said = dict(self.cleaned_data)
        community = said.pop("community")
        return said | {"community_id": community.pk if community else None}


class StepForm(forms.Form):
    """One step of a draft; fields that its kind does not have are left out."""

    title = forms.CharField(label=gettext_lazy("名称"), max_length=40)
    after_days = forms.IntegerField(label=gettext_lazy("等待"), min_value=0, max_value=999)
    after_days_urgent = forms.IntegerField(
        label=gettext_lazy("中度和严重逾期的等待"), min_value=0, max_value=999, required=False
    )
    counts_from_deadline = forms.BooleanField(label=gettext_lazy("从通知书载明的期限起算"), required=False)
    tiers = forms.MultipleChoiceField(
        label=gettext_lazy("适用等级"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("都不勾选即为全部。"),
    )
    entry_tiers = forms.MultipleChoiceField(
        label=gettext_lazy("可以直接进入本步"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("勾选的等级立案后不经提醒，直接从本步开始，并记入立案理由。"),
    )
    channel_1 = forms.ChoiceField(label=gettext_lazy("首选渠道"), required=False)
    channel_2 = forms.ChoiceField(label=gettext_lazy("备用渠道"), required=False)
    channel_3 = forms.ChoiceField(label=gettext_lazy("再备用"), required=False)
    channel_4 = forms.ChoiceField(label=gettext_lazy("最后渠道"), required=False)
    template = forms.ChoiceField(label=gettext_lazy("发送哪一种文字"), required=False)
    script = forms.ChoiceField(
        label=gettext_lazy("原因不明时用哪一段话术"),
        required=False,
        help_text=gettext_lazy("已知原因的住户按自己的原因选用。"),
    )
    deadline_days = forms.IntegerField(
        label=gettext_lazy("给业主的缴费期限"),
        min_value=1,
        max_value=180,
        required=False,
        help_text=gettext_lazy("留空按本企业的设置。"),
    )
    role = forms.ChoiceField(label=gettext_lazy("由谁办理"), required=False)
    approver = forms.ChoiceField(label=gettext_lazy("由谁批准"), required=False)
    minimum = forms.DecimalField(label=gettext_lazy("起点金额"), max_digits=14, decimal_places=2, min_value=0)
    weekly_cap = forms.IntegerField(
        label=gettext_lazy("每周最多联系"),
        min_value=1,
        max_value=99,
        required=False,
        help_text=gettext_lazy("留空按本企业的上限。"),
    )
    task = forms.CharField(
        label=gettext_lazy("工作内容"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, step: Step, data: Any = None) -> None:
        super().__init__(data, initial=_shown(step))
        self.step = step
        roles = dict(Role.choices)
        tiers = [(code, _(label)) for code, label in TIERS]
        channels = [("", "—"), *((code, label) for code, label in Message.Channel.choices if code in available())]
        choices = {
            "template": [("", _("按先后顺序")), *((use, _(places.USES[use])) for use in REMINDERS)],
            "script": [("", _("通用话术")), *((code, _(label)) for code, label in reasons.LABELS.items())],
            "tiers": tiers,
            "entry_tiers": [pair for pair in tiers if pair[0] != SLIGHT],
            "role": [("", "—"), *((code, roles[code]) for code in PEOPLE)],
            "approver": [("", "—"), *((code, roles[code]) for code in APPROVERS.get(step.kind, ()) if code)],
            **{f"channel_{number}": channels for number in range(1, WAYS + 1)},
        }
        for name, values in choices.items():
            self.fields[name].choices = values  # type: ignore[attr-defined]
        for name in _lacking(step):
            del self.fields[name]

    def values(self) -> dict[str, Any]:
        """The step's fields as typed."""
        said = dict(self.cleaned_data)
        if self.step.kind == s.REMINDER:
            ways = [said.pop(f"channel_{number}") for number in range(1, WAYS + 1)]
            said["channels"] = tuple(dict.fromkeys(way for way in ways if way))
        return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}


def _shown(step: Step) -> dict[str, Any]:
    values = {name: getattr(step, name) for name in StepForm.base_fields if hasattr(step, name)}
    ways = {f"channel_{number}": channel for number, channel in enumerate(step.channels[:WAYS], start=1)}
    return values | ways


def _lacking(step: Step) -> list[str]:
    """Fields that this kind of step has no use for."""
    found = []
    if step.kind != s.REMINDER:
        found += [f"channel_{number}" for number in range(1, WAYS + 1)]
        found += ["template"]
    else:
        found += ["role"]
    if step.kind not in TALKS:
        found += ["script"]
    if step.kind not in s.LETTERS:
        found += ["deadline_days", "approver"]
    if step.kind != s.FORMAL:
        found += ["entry_tiers"]
    if step.kind not in s.CONTACTS:
        found += ["weekly_cap"]
    if step.kind in {s.REMINDER, s.CALL, s.FORMAL}:
        found += ["counts_from_deadline"]
    return found
