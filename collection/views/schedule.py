"""日程与人手: the calendar of the office, the timetable of a household, the printed list, and who has how much to do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from billing.models import Account
from collection.documents import timetable_pdf
from collection.forms.schedule import MONTH, WEEK, AbsenceForm, Asked, HandOverForm, asked_of
from collection.models import Absence
from collection.operations.assignments import end_absence, enter_absence, hand_over
from collection.queries import schedule as queries
from collection.queries.work.parts import STAGES
from offices.models import Community, SecurityEvent, User
from offices.operations import Refusal
from offices.permissions import Role, needs
from offices.queries import working_calendar
from offices.scoping import current_office, office_now, office_today

KINDS = {
    "late": gettext_lazy("拖延"),
    "call": gettext_lazy("电话"),
    "follow_up": gettext_lazy("回访"),
    "formal": gettext_lazy("催缴通知书"),
    "final": gettext_lazy("最后通知书"),
    "decision": gettext_lazy("经理决定"),
    "reminder": gettext_lazy("温馨提示"),
    "promise": gettext_lazy("承诺到期"),
}
SHOWN = 30  # rows of one day in the week; the printed list has all of them


@vary_on_headers("HX-Request")
@require_GET
@needs("household.read")
def household_schedule(request: HttpRequest, account_id: int) -> HttpResponse:
    """The coming steps of one household."""
    account = get_object_or_404(Account.objects.select_related("room", "owner"), pk=account_id)
    context = {"account": account, "timetable": queries.timetable(account.pk, office_today()), "stages": STAGES}
    return render(request, "collection/household_schedule.html", context)


def _entries(request: HttpRequest, asked: Asked) -> list[queries.Entry]:
    first, last = asked.span
    who = None
    if asked.who == "me":
        who = request.user
    elif asked.who.isdecimal():
        who = User.objects.filter(pk=int(asked.who)).first()
    return queries.calendar_entries(
        first=first,
        last=last,
        on=office_today(),
        who=who,  # type: ignore[arg-type]
        nobodys=asked.who == "none",
        community_id=int(asked.community) if asked.community else None,
    )


def _asked(request: HttpRequest) -> Asked:
    own = request.membership.role == Role.COLLECTOR  # type: ignore[attr-defined]
    return asked_of(request.GET, today=office_today(), who="me" if own else "all")


@require_GET
@needs("today.read")
def calendar(request: HttpRequest) -> HttpResponse:
    """A month or a week; view, day, person and community stand in the address."""
    asked, today = _asked(request), office_today()
    entries = _entries(request, asked)
    context = {
        "asked": asked,
        "today": today,
        "days": _days(asked, entries, today),
        "count": len(entries),
        "first": asked.span[0],
        "last": asked.span[1],
        "workers": queries.workers(),
        "communities": list(Community.objects.all()),
        "tabs": [
            {"label": _("月"), "href": asked.query(view=MONTH), "current": asked.view == MONTH},
            {"label": _("周"), "href": asked.query(view=WEEK), "current": asked.view == WEEK},
        ],
        "weekdays": [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")],
        "links": {
            "before": asked.before,
            "after": asked.after,
            "today": asked.query(day=today),
            "print": asked.query(),
        },
    }
    return render(request, "collection/calendar.html", context)


def _days(asked: Asked, entries: Sequence[queries.Entry], today: date) -> list[dict[str, Any]]:
    """One cell per day; a month is filled up to whole weeks with days that are not its own."""
    by_day: dict[date, list[queries.Entry]] = defaultdict(list)
    for entry in entries:
        by_day[entry.day].append(entry)
    known = working_calendar()
    first, last = asked.span
    start, end = first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())
    cells = []
    for number in range((end - start).days + 1):
        day = start + timedelta(days=number)
        found = by_day.get(day, [])
        cells.append(
            {
                "day": day,
                "is_outside": not first <= day <= last,
                "is_today": day == today,
                "is_off": not known.is_working(day),
                "holiday": known.holiday_name(day),
                "is_make_up": day.weekday() > 4 and known.is_working(day),
                "counts": _counts(found),
                "entries": found[:SHOWN],
                "more": len(found) - SHOWN,
                "href": asked.query(view=WEEK, day=day),
            }
        )
    return cells


def _counts(found: Sequence[queries.Entry]) -> list[dict[str, Any]]:
    """How many of each kind on a day, the late ones apart."""
    counted = Counter(
        ("late" if each.late_days else each.step_kind or "promise", each.kind == queries.PLAN) for each in found
    )
    return [
        {"kind": kind, "label": label, "count": counted[kind, is_plan], "is_plan": is_plan}
        for kind, label in KINDS.items()
        for is_plan in (False, True)
        if counted[kind, is_plan]
    ]


@require_GET
@needs("today.read")
def calendar_print(request: HttpRequest) -> HttpResponse:
    """The same on paper: every row of the week or month, with room for a tick."""
    asked = _asked(request)
    first, last = asked.span
    printed = _("%(who)s 打印于 %(when)s") % {"who": request.user, "when": f"{office_now():%Y-%m-%d %H:%M}"}
    pdf = timetable_pdf(
        _entries(request, asked),
        first=first,
        last=last,
        whose=_whose(request, asked),
        office=current_office().name,
        printed=printed,
    )
    answer = HttpResponse(pdf, content_type="application/pdf")
    name = f"催缴时间表_{first:%Y%m%d}_{last:%Y%m%d}.pdf"
    answer["Content-Disposition"] = content_disposition_header(False, name) or ""
    return answer


def _whose(request: HttpRequest, asked: Asked) -> str:
    if asked.who == "me":
        return str(request.user)
    if asked.who == "none":
        return "未分配"
    member = next((m for m in queries.workers() if str(m.user_id) == asked.who), None)
    return str(member.user) if member is not None else "全部人员"


@require_http_methods(["GET", "POST"])
@needs("case.assign")
def workload(request: HttpRequest) -> HttpResponse:
    """Who has how much to do, who stands in for whom; hand over, and what was handed over."""
    on, workers = office_today(), queries.workers()
    loads = queries.workload(on)
    posted = request.POST.get("what", "")
    absence = AbsenceForm(request.POST if posted == "absence" else None, workers=workers, on=on)
    handing = HandOverForm(
        request.POST if posted == "hand-over" else None,
        workers=workers,
        owners=[load.person_id for load in loads if load.person_id is not None],
    )
    form = {"absence": absence, "hand-over": handing}.get(posted)
    if form is not None and form.is_valid():
        try:
            messages.success(request, _done(request, posted, form.cleaned_data))
            return redirect("collection:workload")
        except Refusal as no:
            field = no.details.get("field")
            form.add_error(field if field in form.fields else None, str(no))
    context = {
        "on": on,
        "loads": loads,
        "absence_form": absence,
        "hand_over_form": handing,
        "absences": queries.absences_from(on),
        "log": SecurityEvent.objects.filter(kind="cases_assigned").select_related("by").order_by("-at", "-id")[:20],
    }
    has_errors = any(each.errors for each in (absence, handing))
    return render(request, "collection/workload.html", context, status=422 if has_errors else 200)


def _done(request: HttpRequest, what: str, said: dict[str, Any]) -> str:
    who: Any = {"by": request.user, "at": office_now()}
    if what == "absence":
        made = enter_absence(**said, **who)
        return _("已安排：%(person)s 由 %(other)s 代理。") % {"person": made.person, "other": made.stand_in}
    community = said.pop("community")
    count = hand_over(**said, **who, community_id=community.pk if community else None)
    return _("已将 %(count)s 户改派给%(person)s。") % {"count": count, "person": said["to"] or _("全体")}


@require_POST
@needs("case.assign")
def absence_end(request: HttpRequest, pk: int) -> HttpResponse:
    """The person is back today."""
    absence = get_object_or_404(Absence.objects.all(), pk=pk)
    try:
        end_absence(absence=absence, on=office_today(), by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        messages.error(request, str(no))
    else:
        messages.success(request, _("代理已结束，工作回到本人。"))
    return redirect("collection:workload")
