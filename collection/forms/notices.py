"""Forms of notices: a reason, and the report of one service."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from collection.models import Notice
from collection.rules.service import CONTENT_NOTE, RELATIONS
from collection.rules.ways import Way
from offices.models import User
from offices.scoping import current_office

DETAILS = (
    "second_server", "signer", "signer_relation", "witness", "witness_organisation", "witness_phone",
    "tracking_number", "content_note", "address", "note",
)  # fmt: skip


class ReasonForm(forms.Form):
    """Why a notice is not sent, withdrawn or replaced."""

    reason = forms.CharField(label=_("理由"), max_length=100, widget=forms.Textarea(attrs={"rows": 2}))


class ServiceForm(forms.Form):
    """What the server reports about one attempt; only the fields of the chosen way are asked for."""

    served_on = forms.DateField(label=_("送达日期"))
    served_time = forms.TimeField(label=_("时间"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    signer = forms.CharField(label=_("签收人姓名"), max_length=40, required=False)
    signer_relation = forms.ChoiceField(
        label=_("与业主关系"),
        choices=[("", _("请选择")), *((r, r) for r in RELATIONS)],
        required=False,
        help_text=_("“其他人”签收不算送达，只作记录。"),
    )
    witness = forms.CharField(label=_("见证人姓名"), max_length=40, required=False)
    witness_organisation = forms.CharField(
        label=_("见证人单位"), max_length=60, required=False, help_text=_("例如社区居委会、邻居房号。")
    )
    witness_phone = forms.CharField(label=_("见证人电话"), max_length=20, required=False)
    second_server = forms.ModelChoiceField(label=_("另一名送达人"), queryset=User.objects.none(), required=False)
    tracking_number = forms.CharField(label=_("邮件号"), max_length=30, required=False)
    content_note = forms.CharField(label=_("内件品名"), max_length=60, required=False)
    address = forms.CharField(label=_("寄送地址"), max_length=200, required=False)
    note = forms.CharField(label=_("说明"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, notice: Notice, way: Way, colleagues: Any, now: datetime, **kwargs: Any) -> None:
        self.way, self.is_final = way, notice.kind == Notice.Kind.FINAL
        kwargs["initial"] = {
            "served_on": now.date(),
            "served_time": now.time().replace(second=0, microsecond=0),
            "content_note": CONTENT_NOTE[notice.kind],
            "address": notice.account.mailing_address,
            "key": uuid4().hex,
            **(kwargs.get("initial") or {}),
        }
        super().__init__(*args, **kwargs)
        wanted = {"served_on", "served_time", "note", "key", *way.fields}
        for name in [name for name in self.fields if name not in wanted]:
            del self.fields[name]
        if "second_server" in self.fields:
            field = self.fields["second_server"]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = colleagues
            field.empty_label = _("请选择") if self.is_final else _("（一人送达）")  # type: ignore[assignment]
            if self.is_final:
                field.help_text = _("最后通知书须由两名工作人员送达。")

    def served_at(self) -> datetime:
        """The day and time of the form, in the office's zone."""
        clock: time = self.cleaned_data["served_time"]
        return datetime.combine(self.cleaned_data["served_on"], clock, ZoneInfo(current_office().time_zone))

    def details(self) -> dict[str, Any]:
        """The further arguments of `serve_notice`."""
        return {name: self.cleaned_data[name] for name in DETAILS if name in self.cleaned_data}

    def show_lacks(self, lacks: list[dict[str, str]]) -> None:
        """Put each missing thing at its field; photos and what has no field go on top."""
        for lack in lacks:
            self.add_error(lack["field"] if lack["field"] in self.fields else None, lack["words"])
