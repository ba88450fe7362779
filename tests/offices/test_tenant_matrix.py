"""Every door × role × the other office's ids: the answer is the same as for something that does not exist.

The doors come from the URL resolver; one that is not classified here fails the test (reliability T2).
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from arrears.models import SavedView
from arrears.operations.exports import ask_export
from arrears.queries import ArrearsFilters
from billing.models import (
    Account,
    Adjustment,
    BankDay,
    BankLine,
    Bill,
    ChargeWaiver,
    ContactPoint,
    FeeItem,
    ImportBatch,
    Occupant,
    PastContact,
    Payment,
    PaymentReceipt,
    ServiceContract,
    SpecialCase,
)
from billing.operations import close_bank_day, issue_receipt, keep_evidence, open_special_case, propose_reduction
from billing.operations.occupants import record_occupant
from collection.models import (
    Absence,
    Action,
    Case,
    Contact,
    Correction,
    Message,
    Notice,
    Poster,
    Promise,
    Script,
    ServicePhoto,
    Strategy,
    Sweep,
)
from collection.operations.assignments import enter_absence
from collection.operations.corrections import propose_correction
from collection.operations.posters import make_poster, record_posting
from collection.operations.scripts import publish_script
from disputes.models import Dispute, HardshipReview, InstalmentPlan
from disputes.operations import activate_plan, approve_plan, propose_plan, record_hardship
from disputes.queries import coverable_lines
from disputes.rules.plans import even_schedule
from offices.models import ApiToken, Job, Membership, StoredFile
from offices.operations.offices import issue_token
from offices.scoping.managers import OfficeModel
from tests.conftest import ROLES, make_office
from tests.offices.test_permissions import PUBLIC, routes
from tests.scenarios.world import SAMPLES, World, photo, small_world

# Beginning of an address → whose id stands in it. The first that fits counts.
CLASSES: list[tuple[str, type]] = [
    ("settings/people/", Membership),
    ("settings/tokens/", ApiToken),
    ("arrears/views/", SavedView),
    ("arrears/accounts/", Account),
    ("arrears/waivers/", ChargeWaiver),
    ("api/v1/waivers/", ChargeWaiver),
    ("arrears/exports/", Job),
    ("api/v1/exports/", Job),
    ("jobs/", Job),
    ("billing/imports/", ImportBatch),
    ("billing/bank/", BankLine),
    ("billing/accounts/", Account),
    ("billing/special-cases/", SpecialCase),
    ("billing/occupants/", Occupant),
    ("billing/payments/", Payment),
    ("billing/receipts/", PaymentReceipt),
    ("billing/reductions/", Adjustment),
    ("disputes/raise/", Account),
    ("disputes/hardship/of/", Account),
    ("disputes/hardship/", HardshipReview),
    ("disputes/plans/of/", Account),
    ("disputes/plans/propose/", Account),
    ("disputes/plans/", InstalmentPlan),
    ("disputes/", Dispute),
    ("today/", Account),
    ("plan/", Sweep),
    ("cases/", Case),
    ("actions/", Action),
    ("accounts/", Account),
    ("contact-points/", ContactPoint),
    ("promises/", Promise),
    ("scripts/", Script),
    ("workload/absences/", Absence),
    ("sent/", Message),
    ("strategy/", Strategy),
    ("posters/", Poster),
    ("corrections/", Correction),
    ("notices/photos/", ServicePhoto),
    ("notices/", Notice),
    ("serve/", Notice),
    ("households/", Account),
    ("files/", StoredFile),
    ("api/v1/imports/", ImportBatch),
    ("api/v1/accounts/", Account),
    ("api/v1/runs/", Sweep),
    ("api/v1/bills/", Bill),
    ("api/v1/payments/", Payment),
    ("api/v1/bank-lines/", BankLine),
    ("api/v1/bank-days/", BankDay),
    ("api/v1/receipts/", PaymentReceipt),
    ("api/v1/fee-items/", FeeItem),
    ("api/v1/contracts/", ServiceContract),
    ("api/v1/occupants/", Occupant),
    ("api/v1/past-contacts/", PastContact),
    ("api/v1/special-cases/", SpecialCase),
    ("api/v1/disputes/", Dispute),
    ("api/v1/plans/", InstalmentPlan),
    ("api/v1/hardships/", HardshipReview),
    ("api/v1/cases/", Case),
    ("api/v1/contacts/", Contact),
    ("api/v1/promises/", Promise),
    ("api/v1/scripts/", Script),
    ("api/v1/notices/", Notice),
    ("api/v1/corrections/", Correction),
    ("api/v1/posters/", Poster),
    ("api/v1/absences/", Absence),
    ("api/v1/strategies/", Strategy),
]
NOWHERE = 987_654_321
PARAMETER = re.compile(r"<int:\w+>|\(\?P<\w+>[^)]*\)")


def doors() -> list[tuple[str, type]]:
    """(address with {} for the id, whose id it is) of every door that takes an id."""
    found = []
    for address, name, _view in routes():
        if not PARAMETER.search(address) or name in PUBLIC or "format" in address:
            continue
        plain = PARAMETER.sub("{}", address).replace("^", "").replace("$", "")
        owner = next((model for start, model in CLASSES if plain.startswith(start)), None)
        assert owner is not None, f"{address} ({name}) is not classified: whose id stands in it?"
        found.append((plain, owner))
    return found


def lived_in(world: World) -> World:
    """An office in which everything that a door can show exists."""
    world.live_until(world.day + timedelta(days=7))
    world.call("0101", "informed", explanation="已说明")
    world.call("0103", "promised", promised_on=world.day + timedelta(days=5), promise_amount=Decimal("600.00"))
    world.dispute("0102", "楼道灯坏了", {}, kind="service")
    world.pay("0103", "10.00")
    with world.open("finance"):
        issue_receipt(payment=Payment.objects.latest("pk"), by=world.who("finance"), at=world.now())
    world.upload("bank", SAMPLES / "3_银行流水.csv")
    with world.open():
        bank = ImportBatch.objects.get(kind="bank")
    from billing.operations import commit_import

    with world.open("finance"):
        commit_import(batch=bank, accept_good=True, by=world.who("finance"), at=world.now())
        first = BankLine.objects.order_by("on").first()
        assert first is not None
        close_bank_day(on=first.on, by=world.who("finance"), at=world.now())
        bill = Bill.objects.filter(account=world.account("0102")).first()
        propose_reduction(
            bill=bill,
            amount=Decimal("5.00"),
            kind="waiver",
            reason="试验",
            effective_on=world.day,
            by=world.who("finance"),
            at=world.now(),
        )
        open_special_case(
            account=world.account("0102"),
            kind="other",
            starts_on=world.day,
            note="核实中",
            by=world.who("finance"),
            at=world.now(),
        )
        agree_plan(world.account("0103"), world)
        issue_token(user=world.who("finance"), label="ERP", by=world.who("admin"), at=world.now())
        ChargeWaiver.objects.create(
            account=world.account("0101"), amount=Decimal("1.00"), reason="困难", proposed_by=world.who("finance"),
            proposed_at=world.now(),
        )  # fmt: skip
        ask_export(
            form="xlsx", on=world.day, filters=ArrearsFilters(), query="", result="", by=world.who("manager"), at=world.now()
        )  # fmt: skip
        SavedView.objects.create(user=world.who("manager"), name="试验", query="", is_shared=True, saved_at=world.now())
        enter_absence(
            person=world.who("collector"),
            stand_in=world.who("supervisor"),
            starts_on=world.day,
            ends_on=world.day + timedelta(days=1),
            by=world.who("manager"),
            at=world.now(),
        )
        publish_script(use="talk", channel="call", words="您好。", by=world.who("manager"), at=world.now())
        hang_poster(world)
        record_occupant(
            account=world.account("0101"), name="王芳", relation="spouse", by=world.who("collector"), at=world.now()
        )
        PastContact.objects.create(account=world.account("0101"), on=world.day, text="迁入前的记录")
        ServiceContract.objects.create(
            community=world.account("0101").room.community, kind="regular", starts_on=world.day
        )
    world.live_until(world.day + timedelta(days=17))
    notice = world.approve(world.notices_of("0101")[-1])
    world.live_until(world.day + timedelta(days=1))
    world.serve(notice, "door_posting", "posted", photos=[(photo(), "door")], note="业主约定当日上门")
    with world.open():
        propose_correction(
            notice=notice, reason="面积有误", right=Decimal(0), by=world.who("supervisor"), at=world.now()
        )
    return world


def hang_poster(world: World) -> None:
    """A notice on the board of a building, with its photo."""
    room = world.account("0101").room
    poster = make_poster(
        community=room.community, building=room.building, words="欢迎与我们联系。", location="电梯轿厢",
        take_down_on=world.day + timedelta(days=7), by=world.who("supervisor"), at=world.now(),
    )  # fmt: skip
    record_posting(poster=poster, posted_on=world.day, photo=photo(), by=world.who("collector"), at=world.now())


def agree_plan(account: Account, world: World) -> InstalmentPlan:
    """A hardship with its proof, and two instalments over everything the household owes, approved and signed."""
    lines = coverable_lines(account.pk, world.day)
    schedule = even_schedule(
        sum(line.open_amount for line in lines), down=Decimal(0), down_on=world.day, count=2,
        first_on=world.day + timedelta(days=20),
    )  # fmt: skip
    plan = propose_plan(
        account=account, bill_ids=[line.bill_id for line in lines], schedule=schedule, reason="失业", willingness="written",
        by=world.who("collector"), at=world.now(),
    )  # fmt: skip
    approve_plan(plan=plan, by=world.who("manager"), at=world.now())
    signed = keep_evidence(data=photo().read(), name="签字.jpg", by=world.who("collector"), at=world.now())
    record_hardship(account=account, details="失业", evidence=signed, by=world.who("collector"), at=world.now())
    return activate_plan(plan=plan, signed_copy=signed, by=world.who("collector"), at=world.now())


def digest(world: World) -> dict[str, str]:
    """A fingerprint of every row of an office."""
    prints = {}
    with world.open(), connection.cursor() as cursor:
        for model in apps.get_models():
            if issubclass(model, OfficeModel):
                table = model._meta.db_table
                cursor.execute(
                    f"select count(*) || coalesce(md5(string_agg(t::text, '|' order by id)), '') from {table} t"
                )
                prints[table] = cursor.fetchone()[0]
    return prints


@pytest.mark.django_db(transaction=True)
def test_nothing_of_another_office_can_be_seen_or_touched(client: Any, provider: Any) -> None:
    mine = small_world(make_office("huating", "华庭物业服务有限公司"))
    theirs = lived_in(small_world(make_office("cuihu", "翠湖物业服务有限公司")))
    with theirs.open():
        ids: dict[type, int] = {}
        for _address, model in doors():
            rows = model.objects.filter(office_id=theirs.office.id)  # type: ignore[attr-defined]
            assert rows.exists(), f"the other office has no {model.__name__} to be stolen"
            ids[model] = rows.latest("pk").pk
    before, leaks, probes = digest(theirs), [], 0
    for role in ROLES:
        client.force_login(mine.office.people[role], backend="django.contrib.auth.backends.ModelBackend")
        for address, model in doors():
            for verb in ("get", "post"):
                answers = [
                    getattr(client, verb)("/" + address.format(key), HTTP_HX_REQUEST="")
                    for key in (ids[model], NOWHERE)
                ]
                probes += 1
                found, missing = (answer.status_code for answer in answers)
                if found != missing or found in {200, 204, 302, 500}:
                    leaks.append((role, verb, address, found, missing))
    assert leaks == []
    assert digest(theirs) == before
    client.force_login(theirs.who("manager"), backend="django.contrib.auth.backends.ModelBackend")
    seen = [address for address, model in doors() if client.get("/" + address.format(ids[model])).status_code == 200]
    assert len(seen) >= 20, "the same ids open the same doors for their own people, or the probe proves nothing"
    assert probes >= 600


@pytest.mark.django_db(transaction=True)
def test_the_other_offices_ids_in_a_body_are_refused(client: Any, provider: Any) -> None:
    mine = small_world(make_office("huating", "华庭物业服务有限公司"))
    theirs = small_world(make_office("cuihu", "翠湖物业服务有限公司"))
    with theirs.open():
        account = theirs.account("0101").pk
        bill = Bill.objects.filter(account_id=account).earliest("id").pk
    with mine.open():
        own = mine.account("0101").pk
    before = digest(theirs)
    bodies: list[tuple[str, str, dict[str, Any]]] = [
        (
            "finance",
            "payments",
            {"account": account, "amount": "10.00", "value_on": str(date(2026, 8, 31)), "kind": "counter"},
        ),
        ("collector", "contacts", {"account": account, "channel": "call", "outcome": "informed", "explanation": "x"}),
        ("collector", "disputes", {"account": account, "kind": "service", "owner_words": "x", "lines": []}),
        (
            "collector",
            "disputes",
            {"account": own, "kind": "charge", "owner_words": "x", "lines": [{"bill": bill, "amount": "1.00"}]},
        ),
        (
            "finance",
            "payments",
            {
                "account": own,
                "amount": "10.00",
                "value_on": "2026-08-31",
                "kind": "counter",
                "designated_bills": [bill],
            },
        ),
    ]
    for role, where, body in bodies:
        client.force_login(mine.office.people[role], backend="django.contrib.auth.backends.ModelBackend")
        answer = client.post(f"/api/v1/{where}/", body, content_type="application/json")
        assert answer.status_code in {400, 404, 409}, (where, answer.status_code, answer.content[:200])
    assert digest(theirs) == before
