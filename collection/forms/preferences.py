"""Forms for an owner's wishes and for the hours of a channel."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from collection.models.preferences import Way


class PreferenceForm(forms.Form):
    """What an owner has asked for."""

    preferred = forms.ChoiceField(label=_("首选方式"), choices=[("", _("没有特别要求")), *Way.choices], required=False)
    refused = forms.MultipleChoiceField(
        label=_("不接受的方式"), choices=Way.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    quiet_from = forms.TimeField(label=_("请勿打扰：从"), required=False)
    quiet_until = forms.TimeField(label=_("请勿打扰：到"), required=False)
    said = forms.CharField(label=_("依据"), max_length=100, help_text=_("何时、以何种方式提出，例如：8月3日来电要求。"))

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments for `set_preference`, besides account, by and at."""
        return {**self.cleaned_data, "refused": tuple(self.cleaned_data["refused"])}


class ChannelHoursForm(forms.Form):
    """The hours of one channel; what is empty follows the office's general hours."""

    channel = forms.ChoiceField(choices=Way.choices, widget=forms.HiddenInput)
    contact_from = forms.TimeField(label=_("最早"), required=False)
    contact_until = forms.TimeField(label=_("最晚"), required=False)
    rest_from = forms.TimeField(label=_("午休开始"), required=False)
    rest_until = forms.TimeField(label=_("午休结束"), required=False)
