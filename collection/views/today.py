"""今日: whom to contact today, why, and what came of it. The list leads, the household answers beside it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect, push_url, trigger_client_event

from billing.models import Account
from collection.forms.contacts import ContactForm
from collection.operations.contacts import record_contact
from collection.queries import work
from collection.queries.posters import poster_counts
from collection.rules import outcomes
from offices.operations import Refusal
from offices.permissions import Role, holds, needs
from offices.queries import calendar_gap, people
from offices.scoping import office_now, office_today

GROUPS = {
    "first": gettext_lazy("先办"),
    "late": gettext_lazy("拖延未办"),
    "serve": gettext_lazy("送达"),
    "visit": gettext_lazy("上门"),
    "call": gettext_lazy("电话"),
    "decide": gettext_lazy("待决定"),
}
CHIPS = {
    "": gettext_lazy("全部"),
    "call": gettext_lazy("电话"),
    "visit": gettext_lazy("上门"),
    "serve": gettext_lazy("送达"),
    "promise": gettext_lazy("承诺到期"),
    "instalment": gettext_lazy("分期到期"),
    "decide": gettext_lazy("待决定"),
    "review": gettext_lazy("特殊情况"),
}
ICONS = {
    "review": "circle-pause",
    "call": "phone",
    "visit": "footprints",
    "serve": "camera",
    "promise": "handshake",
    "instalment": "calendar-range",
    "decide": "gavel",
}
SHOWN = 200  # households still to do that the list shows at once


@dataclass(frozen=True, slots=True)
class Row:
    """A work item with the drawing of what is to be done."""

    item: work.WorkItem
    icon: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.item, name)


@vary_on_headers("HX-Request")
@require_GET
@needs("today.read")
def today(request: HttpRequest) -> HttpResponse:
    """The list, with the first household that is still open beside it."""
    screen = _screen(request)
    if request.GET.get("part") == "list" and request.htmx:  # type: ignore[attr-defined]
        return render(request, "collection/today_refresh.html", screen)
    first = next((row for row in screen["rows"] if not row.done), None) or next(iter(screen["rows"]), None)
    if first is not None:
        screen |= _panel(request, first.account_id)
    return render(request, "collection/today.html", screen)


@vary_on_headers("HX-Request")
@require_GET
@needs("today.read")
def household(request: HttpRequest, account_id: int) -> HttpResponse:
    """One household: the panel alone for htmx, the page with it otherwise."""
    panel = _panel(request, account_id)
    if request.htmx and not request.htmx.history_restore_request:  # type: ignore[attr-defined]
        response = render(request, "collection/today_panel.html", panel)
        return trigger_client_event(response, "panel-changed", {})
    return render(request, "collection/today.html", _screen(request) | panel | {"chosen_by_address": True})


@require_POST
@needs("contact.record")
def record(request: HttpRequest, account_id: int) -> HttpResponse:
    """Write down the contact, then go to the next household below (or stay)."""
    panel = _panel(request, account_id, data=request.POST)
    form: ContactForm = panel["form"]
    if form.is_valid():
        try:
            contact = record_contact(
                account=Account.objects.get(pk=account_id), by=request.user, at=office_now(), **form.arguments()
            )
        except Refusal as no:
            field = no.details.get("field")
            form.add_error(field if field in form.fields else None, str(no))
        else:
            return _saved(request, panel["household"], contact.outcome)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "collection/today_panel.html", panel, status=422)
    return render(request, "collection/today.html", _screen(request) | panel | {"chosen_by_address": True}, status=422)


def _saved(request: HttpRequest, done: work.Household, outcome: str) -> HttpResponse:
    """Where a saved contact leads: the dispute form, the next household below, or the same one."""
    if outcome == outcomes.DISPUTED and holds(request.membership.role, "dispute.raise"):  # type: ignore[attr-defined]
        words = request.POST.get("owner_words", "")
        return _go(request, f"{reverse('disputes:raise', args=[done.account_id])}?{urlencode({'words': words})}")
    screen = _screen(request)
    goal = done.account_id if request.POST.get("stay") else _next_below(screen["rows"], done.account_id)
    text = _("已记录：%(room)s %(owner)s") % {"room": done.room, "owner": done.owner}
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(_address(request, goal))
    screen |= {"oob": True}
    if goal is None:
        panel = render_to_string("collection/today_finished.html", screen, request)
    else:
        screen |= _panel(request, goal)
        panel = render_to_string("collection/today_panel.html", screen, request)
    extras = [render_to_string("collection/today_head.html", screen, request)]
    extras += [
        render_to_string("collection/today_row.html", screen | {"item": row}, request)
        for row in screen["rows"]
        if row.account_id == done.account_id
    ]
    response = push_url(HttpResponse(panel + "".join(extras)), _address(request, goal))
    trigger_client_event(response, "toast", {"text": text, "tone": "good"})
    return trigger_client_event(response, "panel-changed", {})


def _go(request: HttpRequest, address: str) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(address)
    return redirect(address)


def _address(request: HttpRequest, account_id: int | None) -> str:
    address = (
        reverse("collection:today") if account_id is None else reverse("collection:today-household", args=[account_id])
    )
    query = request.GET.copy()
    query.pop("part", None)
    return f"{address}?{query.urlencode()}" if query else address


def _next_below(rows: list[Row], account_id: int) -> int | None:
    """The next open household below this one; above it only when nothing is left below."""
    at = next((index for index, row in enumerate(rows) if row.account_id == account_id), -1)
    below = [row for row in rows[at + 1 :] + rows[: max(at, 0)] if not row.done and row.account_id != account_id]
    return below[0].account_id if below else None


def _screen(request: HttpRequest) -> dict[str, Any]:
    """Everything about the list: rows by group, counts, what was left out and why."""
    role = request.membership.role  # type: ignore[attr-defined]
    own = role == Role.COLLECTOR or request.GET.get("who") == "me"
    day = work.work_day(on=office_today(), at=office_now(), assignee=request.user if own else None)
    every = [Row(item, ICONS.get(item.kind, "circle")) for item in day.items]
    wanted = request.GET.get("kind", "")
    rows = [row for row in every if not wanted or row.kind == wanted]
    finished = sum(row.done for row in every)
    households = {row.account_id: row for row in every if not row.done}
    return {
        "day": day,
        "rows": rows,
        "groups": _groups(rows),
        "todo": len(households),
        "finished": finished,
        "progress": 100 * finished / len(every) if every else 0,
        "total": sum((row.pursuable for row in households.values()), Decimal(0)),
        "chips": _chips(request, every, wanted),
        "collectors": [m for m in people() if m.is_active and holds(m.role, "contact.record")]
        if holds(role, "case.assign")
        else [],
        "calendar_gap": calendar_gap(office_today()),
        "posters": poster_counts(office_today()),
        "first_run": not day.items and not day.removed,
    }


def _groups(rows: list[Row]) -> list[dict[str, Any]]:
    """The rows by group, as far as the page goes: the next ones move up while the first are done."""
    groups, left = [], SHOWN
    for code, title in GROUPS.items():
        members = [row for row in rows if row.group == code]
        if not members:
            continue
        items = []
        for row in members:
            if not row.done and not left:
                continue
            left -= not row.done
            items.append(row)
        groups.append({"title": title, "items": items, "count": len(members), "more": len(members) - len(items)})
    return groups


def _chips(request: HttpRequest, rows: list[Row], wanted: str) -> list[dict[str, Any]]:
    query = request.GET.copy()
    query.pop("part", None)
    chips = []
    for code, label in CHIPS.items():
        count = sum(1 for row in rows if not code or row.kind == code)
        if code and not count and code != wanted:
            continue
        query["kind"] = code
        href = reverse("collection:today") + (f"?{query.urlencode()}" if code else "")
        chips.append({"label": label, "count": count, "href": href, "current": code == wanted})
    return chips


def _panel(request: HttpRequest, account_id: int, data: Any = None) -> dict[str, Any]:
    """One household with its form; a number that is not ours is not found."""
    try:
        found = work.household(account_id, on=office_today(), at=office_now())
    except Account.DoesNotExist as gone:
        raise Http404 from gone
    form = None
    if holds(request.membership.role, "contact.record"):  # type: ignore[attr-defined]
        form = ContactForm(data, household=found, on=office_today())
    return {
        "household": found,
        "form": form,
        "outcome_list": outcomes.OUTCOMES,
        "draft_words": f"words-{account_id}",
        "draft_explanation": f"explanation-{account_id}",
        "draft_note": f"note-{account_id}",
    }
