"""到账核对: transfers on the left, whose they may be on the right; a person decides, the next one follows (ux 3.5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import replace_url, trigger_client_event

from billing.forms import ReasonForm
from billing.models import Account, BankLine
from billing.operations import (
    LineRefused,
    Part,
    claim_line,
    claim_suggested,
    claim_together,
    match_open_lines,
    refund_line,
    release_line,
    set_line_aside,
    split_line,
)
from billing.queries import after, bank_lines
from billing.rules.matching import CERTAIN_FROM
from billing.views.board import board_of
from offices.models import User
from offices.operations import Refusal
from offices.permissions import holds, needs
from offices.rules.money import NotMoney, format_yuan, parse_money
from offices.scoping import office_now


@vary_on_headers("HX-Request")
@needs("bank.read")
@require_GET
def bank(request: HttpRequest) -> HttpResponse:
    """The two columns. What is shown stands in the address: `state`, `find`, `page`, `line`; and what is being done
    with it: `q` looks for another household, `split` names households, `ids` are transfers taken together.
    """
    if request.htmx and request.GET.get("part") == "panel":  # type: ignore[attr-defined]
        response = render(request, "billing/bank_panel.html", board_of(request.GET))
        return trigger_client_event(response, "panel-changed", {})
    return render(request, "billing/bank.html", board_of(request.GET))


@needs("bank.match")
@require_POST
def claim(request: HttpRequest, line_id: int) -> HttpResponse:
    """Accept one household for one transfer, with the bills that the payer meant, if ticked."""
    account = get_object_or_404(Account.objects.select_related("room"), pk=request.POST.get("account") or None)
    bills = [int(value) for value in request.POST.getlist("bill") if value.isdigit()]

    def work(line: BankLine) -> str:
        claim_line(line=line, account=account, by=_who(request), at=office_now(), bills=bills)
        return _("已认领 %(amount)s 到 %(room)s") % {"amount": format_yuan(line.amount), "room": account.room}

    return _decide(request, line_id, work)


@needs("bank.match")
@require_POST
def split(request: HttpRequest, line_id: int) -> HttpResponse:
    """Spread one transfer over several households; together it is the whole transfer."""
    ids = [int(value) for value in request.POST.getlist("account") if value.isdigit()]
    accounts = Account.objects.select_related("room").in_bulk(ids)

    def work(line: BankLine) -> str:
        parts = [
            Part(account=accounts[pk], amount=_money(text))
            for pk, text in zip(ids, request.POST.getlist("amount"), strict=False)
            if pk in accounts
        ]
        split_line(line=line, parts=parts, by=_who(request), at=office_now())
        rooms = "、".join(str(part.account.room) for part in parts if part.amount)
        return _("已把 %(amount)s 拆分到 %(rooms)s") % {"amount": format_yuan(line.amount), "rooms": rooms}

    return _decide(request, line_id, work)


def _money(text: str) -> Decimal:
    try:
        amount = parse_money(text) or Decimal(0)
    except NotMoney as unreadable:
        raise LineRefused(_("“%s”不是金额，请填写数字。") % text[:20], code="amount_unreadable") from unreadable
    if amount < 0:
        raise LineRefused(_("各户金额不能为负，请核对。"), code="amount_negative")
    return amount


@needs("bank.match")
@require_POST
def together(request: HttpRequest) -> HttpResponse:
    """Accept one household for several transfers."""
    account = get_object_or_404(Account.objects.select_related("room"), pk=request.POST.get("account") or None)
    lines = list(BankLine.objects.filter(pk__in=_ids(request)))
    try:
        payments = claim_together(lines=lines, account=account, by=_who(request), at=office_now())
    except Refusal as no:
        return _board(request, error=str(no))
    words = _("已把 %(count)s 笔到账认领到 %(room)s") % {"count": len(payments), "room": account.room}
    return _board(request, done={"words": words})


@needs("bank.match")
@require_POST
def claim_many(request: HttpRequest) -> HttpResponse:
    """Accept the ticked suggestions, or all that are certain; lines decided meanwhile are left alone."""
    ids = _ids(request)
    if request.POST.get("certain"):
        sure = BankLine.objects.filter(state=BankLine.State.SUGGESTED, score__gte=CERTAIN_FROM)
        ids = list(sure.values_list("pk", flat=True))
    try:
        payments = claim_suggested(line_ids=ids, by=_who(request), at=office_now())
    except Refusal as no:
        return _board(request, error=str(no))
    words = _("已按建议认领 %(count)s 笔，共 %(amount)s") % {
        "count": len(payments),
        "amount": format_yuan(sum((payment.amount for payment in payments), Decimal(0))),
    }
    return _board(request, done={"words": words})


@needs("bank.match")
@require_POST
def release(request: HttpRequest, line_id: int) -> HttpResponse:
    """Undo what was decided: payments are reversed, marks taken off. The line stays in view."""
    line = get_object_or_404(BankLine, pk=line_id)
    form = ReasonForm(request.POST)
    try:
        if not form.is_valid():
            raise LineRefused(_("请填写撤销原因。"), code="reason_missing")
        release_line(
            line=line,
            by=_who(request),
            at=office_now(),
            reason=form.cleaned_data["reason"],
            may_change_closed=holds(request.membership.role, "bank.close"),  # type: ignore[attr-defined]
        )
    except Refusal as no:
        return _board(request, line_id=line.pk, error=str(no))
    return _board(request, line_id=line.pk, state="", done={"words": _("已撤销，这笔到账回到待认领")})


@needs("bank.match")
@require_POST
def aside(request: HttpRequest, line_id: int) -> HttpResponse:
    """Mark a transfer as no property fee."""

    def work(line: BankLine) -> str:
        set_line_aside(line=line, by=_who(request), at=office_now(), note=request.POST.get("note", ""))
        return _("已把 %(amount)s 标为非物业费") % {"amount": format_yuan(line.amount)}

    return _decide(request, line_id, work)


@needs("payment.record")
@require_POST
def refund(request: HttpRequest, line_id: int) -> HttpResponse:
    """Write down that an unclaimed transfer was sent back."""

    def work(line: BankLine) -> str:
        try:
            on = date.fromisoformat(request.POST.get("refunded_on", ""))
        except ValueError as unreadable:
            raise LineRefused(_("请填写退款日期。"), code="refund_date_missing") from unreadable
        refund_line(line=line, refunded_on=on, note=request.POST.get("note", ""), by=_who(request), at=office_now())
        return _("已登记退款 %(amount)s") % {"amount": format_yuan(line.amount)}

    return _decide(request, line_id, work)


@needs("bank.match")
@require_POST
def rematch(request: HttpRequest) -> HttpResponse:
    """Look again for whose the open transfers are, after new bills or owners came in."""
    count = match_open_lines(at=office_now())
    return _board(request, done={"words": _("已重新匹配，%(count)s 笔有建议。") % {"count": count}})


def _decide(request: HttpRequest, line_id: int, work: Callable[[BankLine], str]) -> HttpResponse:
    """Do one thing with one line; then the next below it is shown, and `u` takes the thing back."""
    line = get_object_or_404(BankLine, pk=line_id)
    try:
        words = work(line)
    except Refusal as no:
        return _board(request, line_id=line.pk, error=str(no))
    following = after(line, bank_lines(state=request.POST.get("state", ""), text=request.POST.get("find", "")))
    return _board(request, line_id=following.pk if following else None, done={"words": words, "line": line.pk})


def _board(
    request: HttpRequest,
    *,
    line_id: int | None = None,
    state: str | None = None,
    error: str = "",
    done: dict[str, Any] | None = None,
) -> HttpResponse:
    """The board again: for htmx itself, otherwise its address."""
    asked = {name: request.POST.get(name, "") for name in ("state", "find", "page")}
    if state is not None:
        asked["state"] = state
    if line_id is not None:
        asked["line"] = str(line_id)
    address = reverse("billing:bank") + "?" + urlencode({name: value for name, value in asked.items() if value})
    if request.htmx:  # type: ignore[attr-defined]
        context = board_of(asked) | {"error": error, "done": done}
        response = render(request, "billing/bank_board.html", context, status=422 if error else 200)
        return replace_url(response, address)
    if error:
        messages.error(request, error)
    elif done:
        messages.success(request, done["words"])
    return redirect(address)


def _who(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]


def _ids(request: HttpRequest) -> list[int]:
    return [int(value) for value in request.POST.getlist("ids") if value.isdigit()]
