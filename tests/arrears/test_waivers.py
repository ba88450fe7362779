"""减免违约金: who asks, who decides and up to how much; what it does to the charge, and what later knowledge does to it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from archive.queries.timeline import timeline
from arrears.operations import ask_waiver, post_late_charges
from arrears.queries import account_late_charge, position
from arrears.rules.position import AccountFacts
from billing.models import Account, ChargeEntry, ChargeWaiver, ServiceContract
from billing.operations import record_payment
from billing.operations.waivers import WaiverRefused, approve_waiver, refuse_waiver
from billing.queries.charges import waiver_limit
from offices.models import OfficeSettings
from tests.conftest import ROLES, at
from tests.factories.books import Books, quarter

ON = date(2024, 6, 30)  # 600 yuan due on 2024-03-31 at 0.0005 a day: 91 days, 27.30
NOW = at("2024-06-30")


@pytest.fixture
def owing(office: Any) -> Any:
    with office.open(office.people["manager"]):
        OfficeSettings.objects.create(posts_late_charge=True, waiver_limit_supervisor=D("20.00"))
        books = Books()
        ServiceContract.objects.create(
            community=books.community, kind="regular", starts_on=date(2020, 1, 1), late_charge_per_day=D("0.0005")
        )
        office.account = Account.objects.get(pk=books.enter(AccountFacts(0, (quarter(1),))).account_id)
        office.books = books
    return office


@pytest.fixture
def inside_owing(owing: Any) -> Any:
    with owing.open():
        yield owing


def ask(office: Any, amount: str | None = None, who: str = "collector") -> ChargeWaiver:
    asked = None if amount is None else D(amount)
    return ask_waiver(account=office.account, amount=asked, reason="一次缴清", by=office.people[who], at=NOW)


def claimed(office: Any, on: date = ON) -> str:
    return str(account_late_charge(office.account, on).claimed)


def test_all_of_it_up_to_today_is_waived_once_another_person_agrees(inside_owing: Any) -> None:
    waiver = ask(inside_owing)
    assert (waiver.amount, claimed(inside_owing)) == (D("27.30"), "27.30")
    approve_waiver(waiver=waiver, by=inside_owing.people["manager"], at=NOW)
    assert claimed(inside_owing) == "0.00"
    assert position(inside_owing.account.pk, ON).open_amount == D(600)  # the principal is as it was
    assert claimed(inside_owing, date(2024, 7, 10)) == "3.00"  # and goes on costing
    told = [event.title for event in timeline(inside_owing.account, ON)]
    assert "提出减免违约金 ¥27.30" in told
    assert "已批准：减免违约金 ¥27.30" in told


@pytest.mark.parametrize(
    ("case", "amount", "decided_by", "code"),
    [
        ("自己批准自己提出的", "10.00", "supervisor", "two_people_needed"),
        ("超过客服主管的权限", "20.01", "other", "beyond_authority"),
        ("在权限之内", "20.00", "other", None),
        ("项目经理不限", "27.30", "manager", None),
        ("没有审批权的人", "1.00", "finance", "beyond_authority"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) and not value[0].isdigit() else "",
)
def test_two_people_and_their_authority(
    inside_owing: Any, case: str, amount: str, decided_by: str, code: str | None
) -> None:
    who = "supervisor" if code == "two_people_needed" else "collector"
    by = inside_owing.people["supervisor" if decided_by == "other" else decided_by]
    waiver = ask(inside_owing, amount, who)
    if code is None:
        assert approve_waiver(waiver=waiver, by=by, at=NOW).state == "approved"
        return
    with pytest.raises(WaiverRefused) as refusal:
        approve_waiver(waiver=waiver, by=by, at=NOW)
    assert refusal.value.code == code
    assert claimed(inside_owing) == "27.30"


def test_the_database_refuses_one_person_in_both_parts(inside_owing: Any) -> None:
    waiver = ask(inside_owing)
    with pytest.raises(IntegrityError, match="waiver_needs_two_people"), transaction.atomic():
        ChargeWaiver.objects.filter(pk=waiver.pk).update(decided_by=waiver.proposed_by)


def test_what_is_refused(inside_owing: Any) -> None:
    for amount, code in (("27.31", "more_than_open"), ("0.00", "amount_not_positive")):
        with pytest.raises(WaiverRefused) as refusal:
            ask(inside_owing, amount)
        assert refusal.value.code == code
    waiver = ask(inside_owing, "5.00")
    with pytest.raises(WaiverRefused, match="待审批"):
        ask(inside_owing, "5.00")
    refuse_waiver(waiver=waiver, by=inside_owing.people["supervisor"], at=NOW)
    with pytest.raises(WaiverRefused, match="审批过"):
        approve_waiver(waiver=waiver, by=inside_owing.people["manager"], at=NOW)
    settings = OfficeSettings.objects.get()
    settings.posts_late_charge = False
    settings.save()
    with pytest.raises(WaiverRefused, match="只测算"):
        ask(inside_owing)


def test_a_correction_below_what_was_waived_takes_the_rest_of_the_waiver_back(inside_owing: Any) -> None:
    approve_waiver(waiver=ask(inside_owing), by=inside_owing.people["manager"], at=NOW)
    record_payment(
        account=inside_owing.account, amount=D(600), value_on=date(2024, 4, 30), kind="bank", by=None, at=NOW
    )  # a transfer found late: 30 days, 9.00
    post_late_charges(on=ON, at=NOW)
    charge = account_late_charge(inside_owing.account, ON)
    assert (charge.posted, charge.waived, charge.claimed) == (D("9.00"), D("9.00"), D(0))
    assert ChargeEntry.objects.filter(kind="waived").count() == 2


def test_a_waiver_of_one_bill_leaves_the_others(inside_owing: Any) -> None:
    from billing.models import Bill

    first = Bill.objects.get()
    Bill.objects.create(
        account=inside_owing.account, fee_item=first.fee_item, amount=D(600), period_start=date(2024, 4, 1),
        period_end=date(2024, 4, 30), due_on=date(2024, 4, 30), billed_on=date(2024, 4, 1),
    )  # fmt: skip
    waiver = ask_waiver(
        account=inside_owing.account, bill=first, reason="电梯停用", by=inside_owing.people["finance"], at=NOW
    )
    approve_waiver(waiver=waiver, by=inside_owing.people["manager"], at=NOW)
    assert claimed(inside_owing) == "18.30"  # 61 days on the second


@pytest.mark.parametrize("role", ROLES)
def test_page_and_api_ask_and_decide_by_role(owing: Any, sign_in: Any, role: str) -> None:
    client, account = sign_in(owing.people[role]), owing.account.pk
    reads, asks = role != "admin", role in {"collector", "supervisor", "finance", "manager"}
    page, api = f"/arrears/accounts/{account}/late-charge/", f"/api/v1/accounts/{account}/waivers/"
    assert client.get(page).status_code == client.get(api).status_code == (200 if reads else 403)
    assert client.post(page, {"reason": "困难", "amount": "5.00"}).status_code == (302 if asks else 403)
    again = client.post(api, {"reason": "困难", "amount": "5.00"}, content_type="application/json")
    assert again.status_code == (409 if asks else 403)  # one is waiting
    with owing.open():
        waiver = ChargeWaiver.objects.first() or ask(owing, "5.00", "finance")
        if role in {"supervisor", "manager"}:
            ChargeWaiver.objects.filter(pk=waiver.pk).update(proposed_by=owing.people["finance"])
        assert (waiver_limit(owing.people[role]) == 0) is (role not in {"supervisor", "manager"})
    decides = role in {"supervisor", "manager"}
    assert client.get("/arrears/waivers/").status_code == (200 if decides else 403)
    answer = client.post(f"/api/v1/waivers/{waiver.pk}/approve/")
    assert answer.status_code == (200 if decides else 403)


def test_an_outsider_neither_sees_nor_decides(owing: Any, other_office: Any, sign_in: Any) -> None:
    with owing.open():
        waiver = ask(owing)
    client = sign_in(other_office.people["manager"])
    assert client.get(f"/arrears/accounts/{owing.account.pk}/late-charge/").status_code == 404
    assert client.post(f"/arrears/waivers/{waiver.pk}/decide/", {"decision": "approve"}).status_code == 404
    assert client.post(f"/api/v1/waivers/{waiver.pk}/refuse/").status_code == 404
    assert "困难" not in client.get("/arrears/waivers/").content.decode()
