"""A business date asked for in an address."""

from __future__ import annotations

from datetime import date

from django import forms


class DayAsked(forms.Form):
    """`?on=`: a day that cannot be understood, or is still to come, is today."""

    on = forms.DateField(required=False)

    def day(self, today: date) -> date:
        """The day meant."""
        self.is_valid()
        return min(self.cleaned_data.get("on") or today, today)
