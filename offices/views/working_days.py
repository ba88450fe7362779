"""节假日: the days that differ from what their weekday says, year by year, and the notice of a coming year."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from offices.forms import HolidayNoticeForm, SpanForm, WorkingDayForm
from offices.operations import Refusal
from offices.operations.working_days import remove_working_days, set_working_day, take_holiday_notice
from offices.permissions import holds, needs
from offices.queries import calendar_gap, working_calendar
from offices.scoping import office_now, office_today


@needs("settings.read")
def calendar_page(request: HttpRequest) -> HttpResponse:
    """The dated days of a year with their source; as administrator, set one."""
    form = WorkingDayForm(request.POST or None)
    if request.method == "POST":
        if not holds(request.membership.role, "settings.write"):  # type: ignore[attr-defined]
            return HttpResponse(_("只有管理员可以修改设置。"), status=403)
        if form.is_valid():
            try:
                row = set_working_day(**form.cleaned_data, by=request.user, at=office_now())
                messages.success(request, _("已保存：%s") % row)
                return redirect(_page(row.day.year))
            except Refusal as no:
                form.add_error(None, str(no))
    known = working_calendar().complete_years
    wanted = _year_asked(request)
    coming = wanted if wanted not in known else max(known) + 1
    return _render(request, form, HolidayNoticeForm(initial={"year": coming}))


@require_POST
@needs("settings.write")
def take_notice(request: HttpRequest) -> HttpResponse:
    """Enter a year's notice."""
    form = HolidayNoticeForm(request.POST)
    if form.is_valid():
        try:
            count = take_holiday_notice(**form.cleaned_data, by=request.user, at=office_now())
            messages.success(
                request,
                _("已读出 %(count)s 天：%(year)s 年的放假安排已录入。")
                % {"count": count, "year": form.cleaned_data["year"]},
            )
            return redirect(_page(form.cleaned_data["year"]))
        except Refusal as no:
            form.add_error("text", str(no))
    return _render(request, WorkingDayForm(), form)


@require_POST
@needs("settings.write")
def remove(request: HttpRequest) -> HttpResponse:
    """Take own days out again."""
    form = SpanForm(request.POST)
    if not form.is_valid():
        return HttpResponse(_("没有这一天。"), status=404)
    first = form.cleaned_data["first"]
    try:
        remove_working_days(**form.cleaned_data, by=request.user, at=office_now())
        messages.success(request, _("已移除，按国务院通知或星期计算。"))
    except Refusal as no:
        messages.error(request, str(no))
    return redirect(_page(first.year))


def _page(year: int) -> str:
    return f"{reverse('offices:calendar')}?year={year}"


def _year_asked(request: HttpRequest) -> int:
    asked = request.GET.get("year", "")
    return int(asked) if asked.isdigit() and 2025 <= int(asked) <= 2100 else office_today().year


def _render(request: HttpRequest, form: WorkingDayForm, notice: HolidayNoticeForm) -> HttpResponse:
    year, today, calendar = _year_asked(request), office_today(), working_calendar()
    years = {day.year for day in calendar.known} | {today.year, today.year + 1, year}
    context = {
        "form": form,
        "notice": notice,
        "year": year,
        "years": [
            {"label": str(each), "href": _page(each), "current": each == year, "count": None} for each in sorted(years)
        ],
        "spans": calendar.spans(year),
        "is_complete": year in calendar.complete_years,
        "gap": calendar_gap(today),
        "wants_notice": bool(notice.errors),
    }
    return render(request, "offices/calendar.html", context, status=422 if form.errors or notice.errors else 200)
