"""The record of a contact, as it is filled in on 今日 and on the household page."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.models import Action, Contact
from collection.queries.work import Household
from collection.rules import outcomes


class ContactForm(forms.Form):
    """What was said. Which fields are needed depends on the outcome (`collection.rules.outcomes`)."""

    outcome = forms.ChoiceField(label=gettext_lazy("沟通结果"), widget=forms.RadioSelect, choices=())
    channel = forms.ChoiceField(
        label=gettext_lazy("沟通方式"), choices=Contact.Channel.choices, initial=Contact.Channel.CALL
    )
    spoke_with = forms.ChoiceField(label=gettext_lazy("对方"), required=False, choices=())
    promised_on = forms.DateField(label=gettext_lazy("承诺日期"), required=False)
    promised_amount = forms.DecimalField(
        label=gettext_lazy("承诺金额"), required=False, max_digits=14, decimal_places=2, min_value=0
    )
    reference = forms.CharField(label=gettext_lazy("付款流水号或凭证说明"), required=False, max_length=200)
    owner_words = forms.CharField(
        label=gettext_lazy("业主的疑问或困难"), required=False, widget=forms.Textarea, max_length=2000
    )
    explanation = forms.CharField(
        label=gettext_lazy("所作解释"), required=False, widget=forms.Textarea, max_length=2000
    )
    note = forms.CharField(label=gettext_lazy("备注"), required=False, widget=forms.Textarea, max_length=2000)
    next_on = forms.DateField(label=gettext_lazy("下次联系"), required=False)
    phone_tail = forms.CharField(required=False, max_length=4, widget=forms.HiddenInput)
    action = forms.IntegerField(required=False, widget=forms.HiddenInput)
    idempotency_key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, household: Household, on: date) -> None:
        super().__init__(
            data,
            initial={
                "promised_amount": household.default_promise or None,
                "phone_tail": next((phone.tail for phone in household.phones if phone.usable), ""),
                "action": household.action_id,
                "idempotency_key": uuid.uuid4().hex,
            },
        )
        self.household, self.on = household, on
        people = [
            (who.pk, who.described if who.may_be_told else _("%s（未获授权，只请转告回电）") % who.described)
            for who in household.occupants
        ]
        self.fields["spoke_with"].choices = [("", _("业主")), *people]  # type: ignore[attr-defined]
        self.fields["outcome"].choices = [(o.code, _(o.label)) for o in outcomes.OUTCOMES]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Each outcome's own needs, told at the field that lacks them (S52)."""
        said = super().clean() or {}
        outcome = outcomes.BY_CODE.get(said.get("outcome", ""))
        if outcome is None:
            return said
        given = {
            **said,
            **{name: said.get(name) or said.get("note") for name in ("owner_words", "explanation", "reference")},
        }
        for name in outcomes.missing(outcome, given):
            if name not in self.errors:
                self.add_error(
                    name,
                    _("「%(outcome)s」需填写：%(label)s。")
                    % {"outcome": _(outcome.label), "label": self.fields[name].label},
                )
        promised_on = said.get("promised_on")
        if outcome.code == outcomes.PROMISED and promised_on and promised_on < self.on:
            self.add_error("promised_on", _("承诺日期不能早于今天。"))
        return said

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments for `record_contact`, besides account, by and at."""
        said = dict(self.cleaned_data)
        said["promise_amount"] = said.pop("promised_amount")
        if said["outcome"] != outcomes.PROMISED:
            said["promised_on"] = said["promise_amount"] = None
        who = said["spoke_with"]
        said["spoke_with"] = next((each for each in self.household.occupants if str(each.pk) == who), None)
        wanted = said.pop("action")
        said["action"] = (
            Action.objects.filter(pk=wanted, account_id=self.household.account_id, state=Action.State.PLANNED).first()
            if wanted
            else None
        )
        return said
