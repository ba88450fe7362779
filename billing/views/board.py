"""What the board of 到账核对 shows, from what stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from billing.models import Account, BankLine, Payment
from billing.queries import (
    Preview,
    bank_day,
    bank_lines,
    candidates_of,
    certain_suggestions,
    find_accounts,
    is_closed,
    settlement_previews,
)
from billing.rules.matching import CERTAIN_FROM, Match
from offices.rules.money import ZERO
from offices.scoping import office_today

PAGE = 50
TABS = (
    ("suggested", _("有建议")),
    ("unclaimed", _("未认领")),
    ("claimed", _("已认领")),
    ("refunded", _("已退款")),
    ("not_fees", _("非物业费")),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A household that a transfer may be from; without a match it was looked for by a person."""

    account: Account
    preview: Preview
    match: Match | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class SplitRow:
    """One household in a split, with the amount proposed for it."""

    account: Account
    open: Decimal
    amount: Decimal


def board_of(asked: Mapping[str, str]) -> dict[str, Any]:
    """The list with its tabs, and the panel beside it."""
    day = bank_day()
    default = "suggested" if day["suggested"]["count"] or not day["unclaimed"]["count"] else "unclaimed"
    wanted = asked.get("line", "")
    chosen = bank_lines().filter(pk=int(wanted)).first() if wanted.isdigit() else None
    state = asked.get("state") or (chosen.state if chosen else default)
    find = asked.get("find", "")
    page = Paginator(bank_lines(state=state, text=find), PAGE).get_page(asked.get("page"))
    lines = list(page.object_list)
    if chosen is None and lines:
        chosen = lines[0]
    here = {"state": state, "find": find, "page": page.number if page.number > 1 else ""}
    return {
        "state": state,
        "find": find,
        "here": urlencode({name: value for name, value in here.items() if value}),
        "tabs": [
            {"label": label, "href": f"?state={code}", "current": code == state, "count": day[code]["count"]}
            for code, label in TABS
        ],
        "day": day,
        "page_obj": page,
        "lines": lines,
        "line": chosen,
        "certain": CERTAIN_FROM,
        "sure": certain_suggestions(),
        "today": office_today(),
        "chosen_by_address": bool(wanted),
    } | _panel(asked, chosen)


def _panel(asked: Mapping[str, str], line: BankLine | None) -> dict[str, Any]:
    query = asked.get("q", "").strip()
    found = list(find_accounts(query)[:8]) if query else []
    ids = [int(value) for value in _list(asked, "ids") if value.isdigit()]
    if ids:
        lines = list(bank_lines().filter(pk__in=ids, state__in=BankLine.OPEN))
        ranked = candidates_of(*lines) if lines else []
        return {
            "q": query,
            "together": {"lines": lines, "total": sum((each.amount for each in lines), ZERO)},
            "candidates": [
                Candidate(account, _none(), match, str(number)) for number, (account, match) in enumerate(ranked, 1)
            ],
            "found": _with_keys(found, {}, after=len(ranked)),
        }
    if line is None or line.state not in BankLine.OPEN:
        return {"q": query, "payments": _payments(line), "is_closed": bool(line and is_closed(line.on))}
    ranked = candidates_of(line)
    accounts = {account.pk: account for account, _match in ranked} | {account.pk: account for account in found}
    extra = [int(value) for value in _list(asked, "split") if value.isdigit()]
    missing = [pk for pk in extra if pk not in accounts]
    accounts |= Account.objects.select_related("room", "room__community", "owner").in_bulk(missing)
    previews = settlement_previews(line, list(accounts))
    return {
        "q": query,
        "is_closed": is_closed(line.on),
        "candidates": [
            Candidate(account, previews[account.pk], match, str(number))
            for number, (account, match) in enumerate(ranked, 1)
        ],
        "found": _with_keys(found, previews, after=0 if "split" in asked else len(ranked)),
        "splitting": "split" in asked,
        "split_rows": _split_rows(line, extra, accounts, previews, ranked) if "split" in asked else [],
    }


def _split_rows(
    line: BankLine,
    chosen: list[int],
    accounts: dict[int, Account],
    previews: dict[int, Preview],
    ranked: list[tuple[Account, Match]],
) -> list[SplitRow]:
    """The households named in the address, else those whose rooms the memo names; each gets what it owes, while
    there is money; the last takes the rest.
    """
    ids = [pk for pk in dict.fromkeys(chosen) if pk in accounts]
    ids = ids or [account.pk for account, match in ranked if match.is_heard] or [a.pk for a, _m in ranked[:1]]
    rows, left = [], line.amount
    for place, pk in enumerate(ids):
        amount = left if place == len(ids) - 1 else min(left, previews[pk].open)
        rows.append(SplitRow(accounts[pk], previews[pk].open, amount))
        left -= amount
    return rows


def _payments(line: BankLine | None) -> list[Payment]:
    """The living payments that came of a claimed line."""
    if line is None or line.state != BankLine.State.CLAIMED:
        return []
    payments = Payment.objects.filter(bank_line=line, reversals=None)
    return list(
        payments.select_related("account__room", "account__owner", "recorded_by")
        .prefetch_related("allocations__bill__fee_item", "charge_payments__bill")
        .order_by("pk")
    )


def _with_keys(found: list[Account], previews: Mapping[int, Preview], *, after: int) -> list[Candidate]:
    """Households looked for by a person: their keys go on where those of the candidates end; there are nine."""
    keys = [str(number) if number <= 9 else "" for number in range(after + 1, after + 1 + len(found))]
    return [
        Candidate(account, previews.get(account.pk, _none()), None, key)
        for account, key in zip(found, keys, strict=True)
    ]


def _none() -> Preview:
    return Preview((), ZERO, frozenset(), ())


def _list(asked: Mapping[str, str], name: str) -> list[str]:
    return asked.getlist(name) if isinstance(asked, QueryDict) else []
