"""Forms of a correction: found wrong, not corrected after all, sent."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from collection.models import Service


class FoundWrongForm(forms.Form):
    """What is wrong with a letter that has left the house."""

    reason = forms.CharField(label=_("更正原因"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    right = forms.DecimalField(label=_("应为金额"), max_digits=14, decimal_places=2, min_value=0)


class DropForm(forms.Form):
    """Why it is not corrected."""

    reason = forms.CharField(label=_("不更正的理由"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class SentForm(forms.Form):
    """How and when the correction went out."""

    method = forms.ChoiceField(label=_("送出方式"), choices=Service.Method.choices)
    sent_on = forms.DateField(label=_("送出日期"))
    tracking_number = forms.CharField(label=_("邮件号"), max_length=30, required=False)
    note = forms.CharField(label=_("说明"), max_length=200, required=False)
