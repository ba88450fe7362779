"""到账核对: transfers on the left, whose they may be on the right; a person decides every one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from billing.forms import ReasonForm
from billing.models import Account, BankLine, Payment
from billing.operations import claim_line, match_open_lines, release_line, set_line_aside
from billing.queries import bank_day, bank_lines, candidates_of, find_accounts
from billing.rules.matching import CERTAIN_FROM
from offices.models import User
from offices.operations import Refusal
from offices.permissions import needs
from offices.scoping import office_now

TABS = (
    ("suggested", gettext_lazy("有建议")),
    ("unclaimed", gettext_lazy("未认领")),
    ("claimed", gettext_lazy("已认领")),
    ("not_fees", gettext_lazy("非物业费")),
)


@needs("bank.read")
@require_GET
def bank(request: HttpRequest) -> HttpResponse:
    """The two columns. `state`, `line` and `q` stand in the address."""
    day = bank_day()
    default = "suggested" if day["suggested"]["count"] or not day["unclaimed"]["count"] else "unclaimed"
    state = request.GET.get("state") or default
    page = Paginator(bank_lines(state=state, text=request.GET.get("find", "")), 50).get_page(request.GET.get("page"))
    lines = list(page.object_list)
    chosen = _chosen(request, lines)
    query = request.GET.get("q", "").strip()
    context: dict[str, Any] = {
        "state": state,
        "tabs": [
            {"label": label, "href": f"?state={code}", "current": code == state, "count": day[code]["count"]}
            for code, label in TABS
        ],
        "day": day,
        "find": request.GET.get("find", ""),
        "page_obj": page,
        "lines": lines,
        "line": chosen,
        "q": query,
        "found": list(find_accounts(query)[:8]) if query else [],
        "candidates": candidates_of(chosen) if chosen and chosen.state in ("suggested", "unclaimed") else [],
        "payment": _payment(chosen),
        "certain": CERTAIN_FROM,
    }
    return render(request, "billing/bank.html", context)


def _chosen(request: HttpRequest, lines: list[BankLine]) -> BankLine | None:
    wanted = request.GET.get("line", "")
    if wanted.isdigit():
        return bank_lines().filter(pk=int(wanted)).first()
    return lines[0] if lines else None


def _payment(line: BankLine | None) -> Payment | None:
    if line is None or line.state != BankLine.State.CLAIMED:
        return None
    payments = Payment.objects.filter(bank_line=line, reversals=None)
    return (
        payments.select_related("account__room", "account__owner", "recorded_by")
        .prefetch_related("allocations__bill")
        .first()
    )


def _back(request: HttpRequest, **changes: Any) -> HttpResponse:
    """To the list one came from."""
    query = {name: request.POST.get(name, "") for name in ("state", "page", "find")} | changes
    return redirect(reverse("billing:bank") + "?" + urlencode({name: value for name, value in query.items() if value}))


@needs("bank.match")
@require_POST
def claim(request: HttpRequest, line_id: int) -> HttpResponse:
    """Accept one account for one transfer."""
    line = get_object_or_404(BankLine, pk=line_id)
    account = get_object_or_404(Account.objects.select_related("room"), pk=request.POST.get("account") or None)
    try:
        payment = claim_line(line=line, account=account, by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        messages.error(request, str(no))
        return _back(request, line=line.pk)
    messages.success(request, _("已认领到 %(room)s，金额已核销。") % {"room": payment.account.room})
    return _back(request)


@needs("bank.match")
@require_POST
def claim_many(request: HttpRequest) -> HttpResponse:
    """Accept the ticked suggestions, each on its own: one refusal leaves the others standing."""
    ids = [int(value) for value in request.POST.getlist("ids") if value.isdigit()]
    lines = (
        BankLine.objects.filter(pk__in=ids, state=BankLine.State.SUGGESTED)
        .select_related("suggested")
        .order_by("on", "row_no")
    )
    done, problems = _claim_each(list(lines), request.user, office_now())  # type: ignore[arg-type]
    if done:
        messages.success(request, _("已认领 %(count)s 笔。") % {"count": done})
    for problem in problems[:3]:
        messages.error(request, problem)
    return _back(request)


def _claim_each(lines: list[BankLine], by: User, at: datetime) -> tuple[int, list[str]]:
    done, problems = 0, []
    for line in lines:
        assert line.suggested is not None
        try:
            claim_line(line=line, account=line.suggested, by=by, at=at)
            done += 1
        except Refusal as no:
            problems.append(str(no))
    return done, problems


@needs("bank.match")
@require_POST
def release(request: HttpRequest, line_id: int) -> HttpResponse:
    """Take a claim back; its payment is reversed."""
    line = get_object_or_404(BankLine, pk=line_id)
    form = ReasonForm(request.POST)
    try:
        if not form.is_valid():
            messages.error(request, _("请填写撤销原因。"))
        else:
            release_line(line=line, by=request.user, at=office_now(), reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
            messages.success(request, _("已撤销认领，对应的缴费已冲正。"))
    except Refusal as no:
        messages.error(request, str(no))
    return _back(request, line=line.pk, state="")


@needs("bank.match")
@require_POST
def aside(request: HttpRequest, line_id: int) -> HttpResponse:
    """Mark a transfer as no property fee, or take the mark back."""
    line = get_object_or_404(BankLine, pk=line_id)
    try:
        if line.state == BankLine.State.NOT_FEES:
            release_line(line=line, by=request.user, at=office_now(), reason=_("取消“非物业费”标记"))  # type: ignore[arg-type]
        else:
            set_line_aside(line=line, by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        messages.error(request, str(no))
    return _back(request)


@needs("bank.match")
@require_POST
def rematch(request: HttpRequest) -> HttpResponse:
    """Look again for whose the open transfers are, after new bills or owners came in."""
    count = match_open_lines(at=office_now())
    messages.success(request, _("已重新匹配，%(count)s 笔有建议。") % {"count": count})
    return _back(request)
