"""Golden late-charge cases of domain 4.2, lived through the books as an accountant would: bill, contract, run, figure."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from arrears.operations import interrupt_limitation, post_late_charges
from arrears.queries import account_late_charge
from arrears.rules.position import AccountFacts, BillFacts, Special
from billing.models import Account, ChargeEntry, LateChargeRule, ServiceContract
from offices.models import OfficeSettings, WorkingDay
from tests.conftest import at
from tests.factories.books import Books

day = date.fromisoformat
MAY = (day("2024-05-01"), day("2024-05-21"))
HOLIDAY = [day("2024-05-01") + timedelta(days=n) for n in range(5)]
FORMAL = (day("2024-05-16"), day("2024-05-31"))  # handed over, and the last day to pay that it sets
AFTER_DEMAND = {"start": "demand"}
CASES: list[tuple[str, str, str, dict[str, Any], str, str]] = [
    # case, principal and due date, rates by contract, rule, as of, posted
    ("G1 91 天", "1200.00 2024-03-31", "0.0005", {}, "2024-06-30", "54.60"),
    ("G4 不封顶", "500.00 2021-06-30", "0.003", {}, "2024-06-30", "1644.00"),
    ("G4 不超过本金", "500.00 2021-06-30", "0.003", {"cap": "principal"}, "2024-06-30", "500.00"),
    ("G4 LPR 的 4 倍", "500.00 2021-06-30", "0.003", {"cap": "lpr_multiple", "cap_value": 4}, "2024-06-30", "207.19"),
    ("G4 LPR 损失的 1.3 倍", "500.00 2021-06-30", "0.003", {"cap": "lpr_loss_130"}, "2024-06-30", "67.34"),
    ("G5 宽限不追溯", "800.00 2024-05-10", "0.0005", {"grace_days": 30}, "2024-07-09", "12.00"),
    (
        "G5 宽限追溯",
        "800.00 2024-05-10",
        "0.0005",
        {"grace_days": 30, "grace_retroactive": True},
        "2024-07-09",
        "24.00",
    ),
    ("催告期满次日起算", "1200.00 2024-03-31", "0.0005", AFTER_DEMAND | {"demand": FORMAL}, "2024-06-30", "18.00"),
    ("催告期满次日起算，没有催告", "1200.00 2024-03-31", "0.0005", AFTER_DEMAND, "2024-06-30", "0.00"),
    ("到期起算的不问催告", "1200.00 2024-03-31", "0.0005", {"demand": FORMAL}, "2024-06-30", "54.60"),
    ("G6 四舍五入", "333.33 2024-01-01", "0.0005", {}, "2024-01-08", "1.17"),
    ("G7 五入不取偶", "50.00 2024-01-01", "0.0005", {}, "2024-01-02", "0.03"),
    ("G7 只舍入一次", "50.00 2024-01-01", "0.0005", {}, "2024-01-08", "0.18"),
    ("G8 争议期间不计", "1200.00 2024-03-31", "0.0005", {"held": MAY}, "2024-06-30", "42.60"),
    ("G9 分段费率", "1200.00 2024-03-31", "0.001 2024-06-01:0.0005", {}, "2024-06-30", "91.20"),
    ("G10 节假日顺延", "1200.00 2024-05-01", "0.0005", {"rolls_due_on": True}, "2024-05-10", "2.40"),
    ("G10 不顺延", "1200.00 2024-05-01", "0.0005", {}, "2024-05-10", "5.40"),
    ("G11 未到期", "1200.00 2024-07-01", "0.0005", {}, "2024-06-30", "0.00"),
    ("G11 到期日缴清", "1200.00 2024-03-31", "0.0005", {"paid_on": day("2024-03-31")}, "2024-06-30", "0.00"),
]


@pytest.mark.parametrize("daily", [False, True], ids=["一次计到底", "逐日计"])
@pytest.mark.parametrize(("case", "bill", "rates", "rule", "on", "posted"), CASES, ids=[row[0] for row in CASES])
def test_the_books_say_the_golden_figure_however_often_it_runs(
    inside: Any, case: str, bill: str, rates: str, rule: dict[str, Any], on: str, posted: str, daily: bool
) -> None:
    OfficeSettings.objects.create(posts_late_charge=True)
    books, terms = Books(), dict(rule)
    for number, words in enumerate(rates.split()):
        start, _, rate = words.rpartition(":")
        ServiceContract.objects.create(
            community=books.community, kind=("preliminary", "regular")[number], starts_on=start or "2020-01-01",
            late_charge_per_day=D(rate),
        )  # fmt: skip
    amount, due = bill.split()
    held, paid_on, demand = (terms.pop(name, None) for name in ("held", "paid_on", "demand"))
    paid = ((paid_on, D(amount)),) if paid_on else ()
    end = day(due)
    facts = BillFacts(0, end - timedelta(days=29), end, end, end - timedelta(days=29), D(amount), payments=paid)
    specials = (Special("other", *held),) if held else ()
    who = Account.objects.get(pk=books.enter(AccountFacts(0, (facts,), receipts=paid, specials=specials)).account_id)
    for served_on, until in filter(None, [demand]):
        interrupt_limitation(
            bill_ids=list(who.bills.values_list("pk", flat=True)), kind="service", strength="strong", on=served_on,
            source="service:1", demanded_until=until, by=None, at=at(str(served_on)),
        )  # fmt: skip
    if terms:
        LateChargeRule.objects.create(
            starts_on="2020-01-01", reason=case, set_by=inside.people["manager"], set_at=at("2020-01-01"), **terms
        )
    for holiday in HOLIDAY:
        WorkingDay.objects.create(day=holiday, is_working=False, name="劳动节", source="国办发明电")
    last = day(on)
    first = max(end, last - timedelta(days=9)) if daily else last
    for n in range((last - first).days + 1):
        run = first + timedelta(days=n)
        post_late_charges(on=run, at=at(str(run)))
    assert sum(ChargeEntry.objects.values_list("amount", flat=True), D(0)) == D(posted)
    assert account_late_charge(who, last).claimed == D(posted)
