"""What the calendar is asked for by its address; an absence, and work handed over."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from offices.models import Community, Membership, User

WEEK, MONTH = "week", "month"


@dataclass(frozen=True, slots=True)
class Asked:
    """A view of the calendar: `who` is all, me, none or a person's number."""

    view: str
    day: date
    who: str
    community: str

    @property
    def span(self) -> tuple[date, date]:
        """First and last day: the week from Monday, or the month."""
        if self.view == WEEK:
            monday = self.day - timedelta(days=self.day.weekday())
            return monday, monday + timedelta(days=6)
        first = self.day.replace(day=1)
        return first, first.replace(day=monthrange(first.year, first.month)[1])

    def query(self, **changes: Any) -> str:
        """The address of this view with something changed."""
        values = {"view": self.view, "day": self.day, "who": self.who, "community": self.community, **changes}
        return "?" + urlencode(values)

    @property
    def before(self) -> str:
        """The week or month before."""
        return self.query(day=self.span[0] - timedelta(days=1))

    @property
    def after(self) -> str:
        """The week or month after."""
        return self.query(day=self.span[1] + timedelta(days=1))


def asked_of(values: Any, *, today: date, who: str) -> Asked:
    """Read the address; what makes no sense there counts as not said. `who`: whose work when it says nothing."""
    try:
        day = parse_date(values.get("day", "")) or today
    except ValueError:
        day = today
    day = min(max(day, date(2000, 1, 31)), date(2100, 1, 1))
    whose, community = values.get("who", who), values.get("community", "")
    return Asked(
        WEEK if values.get("view") == WEEK else MONTH,
        day,
        whose if whose in {"all", "me", "none"} or whose.isdecimal() else who,
        community if community.isdecimal() else "",
    )


class _PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        """The name as it is shown everywhere."""
        return str(obj)


def _choose(workers: list[Membership]) -> Any:
    return User.objects.filter(pk__in=[member.user_id for member in workers]).order_by("display_name", "pk")


class AbsenceForm(forms.Form):
    """Who is away, who stands in, from when to when."""

    person = _PersonField(label=gettext_lazy("请假人"), queryset=User.objects.none())
    stand_in = _PersonField(label=gettext_lazy("代理人"), queryset=User.objects.none())
    starts_on = forms.DateField(label=gettext_lazy("自"))
    ends_on = forms.DateField(label=gettext_lazy("至"))
    note = forms.CharField(label=gettext_lazy("说明"), required=False, max_length=100)

    def __init__(self, data: Any = None, *, workers: list[Membership], on: date) -> None:
        super().__init__(data, prefix="absence", initial={"starts_on": on, "ends_on": on})
        for name in ("person", "stand_in"):
            self.fields[name].queryset = _choose(workers)  # type: ignore[attr-defined]


class HandOverForm(forms.Form):
    """All open cases of one person, in one community or everywhere, to another."""

    of = _PersonField(
        label=gettext_lazy("原负责人"),
        queryset=User.objects.none(),
        required=False,
        empty_label=gettext_lazy("未分配的"),
    )
    to = _PersonField(
        label=gettext_lazy("改派给"), queryset=User.objects.none(), required=False, empty_label=gettext_lazy("不指定")
    )
    community = forms.ModelChoiceField(
        label=gettext_lazy("小区"),
        queryset=Community.objects.none(),
        required=False,
        empty_label=gettext_lazy("全部小区"),
    )
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=100)

    def __init__(self, data: Any = None, *, workers: list[Membership], owners: list[int]) -> None:
        super().__init__(data, prefix="hand-over")
        self.fields["to"].queryset = _choose(workers)  # type: ignore[attr-defined]
        self.fields["of"].queryset = User.objects.filter(pk__in=owners).order_by("display_name", "pk")  # type: ignore[attr-defined]
        self.fields["community"].queryset = Community.objects.all()  # type: ignore[attr-defined]
