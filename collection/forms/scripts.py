"""A text of the office for one place: use, channel, tier and reason, and its words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.rules import places, reasons


def place_of(asked: Any) -> dict[str, str]:
    """The place that an address or a posted form names; what is not known there is any."""
    known = {
        "use": places.USES,
        "channel": places.CHANNELS,
        "tier": places.TIERS,
        "reason": reasons.LABELS,
    }
    place = {name: asked.get(name, "") if asked.get(name, "") in values else "" for name, values in known.items()}
    return place | {"use": place["use"] or places.TALK}


class ScriptForm(forms.Form):
    """What is typed; whether it may be said is the operation's to say."""

    use = forms.ChoiceField(label=gettext_lazy("用途"))
    channel = forms.ChoiceField(label=gettext_lazy("方式"), required=False)
    tier = forms.ChoiceField(label=gettext_lazy("级别"), required=False)
    reason = forms.ChoiceField(label=gettext_lazy("原因"), required=False)
    subject = forms.CharField(
        label=gettext_lazy("标题"), required=False, max_length=100, help_text=gettext_lazy("只有邮件需要。")
    )
    words = forms.CharField(label=gettext_lazy("内容"), widget=forms.Textarea, max_length=4000)

    def __init__(self, data: Any = None, *, initial: dict[str, str]) -> None:
        super().__init__(data, initial=initial)
        use = (data or initial).get("use") or places.TALK
        talks, anyhow = use == places.TALK, {"": _("任何方式")}
        channels = anyhow | places.SPOKEN if talks else places.channels_of(use)
        choices = {
            "use": places.USES,
            "channel": channels,
            "tier": {"": _("任何级别")} | places.TIERS,
            "reason": {"": _("任何原因")} | reasons.LABELS,
        }
        for name, values in choices.items():
            self.fields[name].choices = [(code, _(label)) for code, label in values.items()]  # type: ignore[attr-defined]
        if talks:
            del self.fields["subject"]
        else:
            del self.fields["reason"]
        if use in places.LETTERS:  # one text for every tier; its title, number and addressee are printed around it
            del self.fields["subject"], self.fields["tier"]
            self.fields["use"].widget = self.fields["channel"].widget = forms.HiddenInput()
