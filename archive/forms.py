"""Filters of the archive's pages, as they stand in the address."""

from __future__ import annotations

from datetime import date

from django import forms

from archive.queries.ledger import STAGES, LedgerFilters
from arrears.rules.tier import TIERS


class DayForm(forms.Form):
    """「截至某日」: a day that cannot be understood, or is still to come, is today."""

    on = forms.DateField(required=False)

    def day(self, today: date) -> date:
        """The chosen day."""
        self.is_valid()
        return min(self.cleaned_data.get("on") or today, today)


class LedgerForm(DayForm):
    """The ledger's filters."""

    q = forms.CharField(required=False, max_length=60)
    building = forms.CharField(required=False, max_length=20)
    tier = forms.ChoiceField(required=False, choices=[("", ""), *TIERS])
    stage = forms.ChoiceField(required=False, choices=[("", ""), *STAGES])
    assignee = forms.IntegerField(required=False, min_value=1)
    scope = forms.ChoiceField(required=False, choices=[("", ""), ("open", ""), ("all", "")])

    def filters(self) -> LedgerFilters:
        """What was understood."""
        self.is_valid()
        data = self.cleaned_data
        return LedgerFilters(
            q=data.get("q") or "",
            building=data.get("building") or "",
            tier=data.get("tier") or "",
            stage=data.get("stage") or "",
            assignee=data.get("assignee"),
            scope=data.get("scope") or "open",
        )
