"""The other defects of other systems (invariants.md §4): money, imports, timetable, letters, channels."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from arrears.queries import account_late_charge, position
from arrears.rules.position import AccountFacts, BillFacts
from billing.models import Account, Bill, ContactPoint, ImportBatch, Owner, ServiceContract
from billing.operations import commit_import, undo_import, upload_file
from collection.channels import CHANNELS
from collection.models import Action, Message, Sweep
from collection.operations.days import plan_day
from collection.operations.outbox import RETRIES
from collection.operations.sending import send_due_messages
from collection.queries.messages import messages
from config.benchmarks.bill_files import bill_file
from config.benchmarks.bill_files import move_in as move_in_many
from config.celery import app
from offices.queries import office_settings
from tests.collection import cast
from tests.collection.conftest import bill, estate, move_in
from tests.collection.doubles import ACCEPTS, THROTTLES, Provider
from tests.conftest import at
from tests.factories.books import Books

FIRST = "2026-04-01"


@pytest.fixture
def channel(monkeypatch: Any) -> Provider:
    """One provider behind every channel."""
    found = Provider()
    for name in CHANNELS:
        monkeypatch.setitem(CHANNELS, name, found)
    return found


def queued(office: Any, households: int) -> None:
    """So many households with a reminder in the outbox."""
    with office.open():
        place = estate()
        for _ in range(households):
            bill(place, move_in(place))
        plan_day(on=date.fromisoformat(FIRST), at=at(FIRST))


def test_d3_late_charge_is_on_what_is_left_and_not_on_the_full_amount(inside: Any) -> None:
    books, due = Books(), date(2026, 1, 31)
    ServiceContract.objects.create(
        community=books.community, kind="regular", starts_on=date(2020, 1, 1), late_charge_per_day=Decimal("0.0005")
    )
    facts = BillFacts(
        0, date(2026, 1, 1), due, due, date(2026, 1, 1), Decimal("180.88"), payments=((due, Decimal("80.88")),)
    )
    account = Account.objects.get(pk=books.enter(AccountFacts(0, (facts,))).account_id)
    assert account_late_charge(account, due + timedelta(days=100)).claimed == Decimal("5.00")


def test_d5_no_table_of_arrears_is_emptied_since_there_is_none(place: Any) -> None:
    """Arrears are computed from bills and payments in one statement, so no report can fall between two steps."""
    money = [
        field for model in apps.get_app_config("arrears").get_models() for field in model._meta.get_fields()
        if isinstance(field, models.DecimalField)
    ]  # fmt: skip
    account = move_in(place)
    bill(place, account)
    office_settings()  # read once in a scope, whatever is asked in it
    with CaptureQueriesContext(connection) as asked:
        assert position(account.pk, date(2026, 4, 1)).arrears == Decimal("666.66")
    statements = [one["sql"] for one in asked if "billing_bill" in one["sql"] or "EXECUTE kept_" in one["sql"]]
    assert (money, len(statements)) == ([], 1)


def test_d7_the_address_is_the_owners_and_never_that_of_a_row_with_the_same_number(place: Any) -> None:
    for n in range(3):  # owners without accounts: from now on no id of an owner is that of an account
        stranger = Owner.objects.create(name=f"别人{n}")
        ContactPoint.objects.create(owner=stranger, kind="phone", value=f"1390000000{n}")
    account = move_in(place)
    bill(place, account)
    plan_day(on=date.fromisoformat(FIRST), at=at(FIRST))
    message = Message.objects.get()
    assert account.pk != account.owner_id
    assert (message.contact_point.owner_id, message.recipient) == (account.owner_id, "13800000001")


def test_d8_a_run_is_finished_when_every_page_of_it_is(office: Any, channel: Provider) -> None:
    queued(office, 23)
    with office.open():
        assert Sweep.objects.get().planned == Message.objects.count() == 23
    channel.heard = lambda message: setattr(channel, "way", THROTTLES if channel.arrived.total() == 10 else ACCEPTS)
    report = send_due_messages(office_id=office.id, at=at(FIRST))
    assert (report.sent, report.later) == (11, 12)
    channel.heard = lambda message: None
    channel.way = ACCEPTS
    assert send_due_messages(office_id=office.id, at=at(FIRST, 12)).sent == 12


def test_d13_what_no_provider_takes_is_not_staged_for_ever_but_becomes_a_call(office: Any, channel: Provider) -> None:
    queued(office, 1)
    channel.way = THROTTLES
    for days in range(RETRIES * 2):  # some of them days off
        send_due_messages(office_id=office.id, at=at(FIRST) + timedelta(days=days))
    with office.open():
        assert Message.objects.get().state == "failed"
        action = Action.objects.get()
        assert (action.state, action.by_hand) == ("planned", True)
        assert "busy" in action.why


def test_d15_everything_that_goes_by_itself_is_rung_by_the_timetable() -> None:
    timetable = app.conf.beat_schedule
    rung = {name for entry in timetable.values() for name in (entry["task"], *entry.get("args", ()))}
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert rung == ours


def test_d17_the_outbox_is_on_without_a_switch_and_what_waits_is_on_a_list(office: Any, settings: Any) -> None:
    queued(office, 3)
    assert "send" in app.conf.beat_schedule
    assert not [name for name in dir(settings) if "OUTBOX" in name or "SEND_ENABLED" in name]
    with office.open():
        assert messages(state="pending").count() == 3


def test_d19_each_letter_has_words_and_law_of_its_own(inside: Any) -> None:
    cast.settle_in()
    account = cast.household()
    formal = cast.served(inside, account)
    final = cast.rendered(inside, account, "final", "2026-10-15")
    said = [{law["text"] for law in notice.frozen["citations"]} for notice in (formal, final)]
    assert said[0] != said[1]
    assert formal.frozen["title"] != final.frozen["title"]
    assert formal.pdf_sha256 != final.pdf_sha256


def test_d20_importing_1600_rows_takes_no_more_statements_than_16(inside: Any) -> None:
    statements = {}
    for rows in (16, 1600):
        if rows == 16:
            move_in_many(400)
        batch = uploaded(rows)
        with CaptureQueriesContext(connection) as asked:
            commit_import(batch=batch, accept_good=True, by=None, at=at("2026-09-01"))
        statements[rows] = len(asked)
        assert Bill.objects.filter(batch=batch).count() > rows * 0.9
        undo_import(batch=batch, by=None, at=at("2026-09-01"), reason="量一遍")
    assert statements[1600] <= statements[16] + 5


def uploaded(rows: int) -> ImportBatch:
    path = bill_file(rows)
    with path.open("rb") as file:
        return upload_file(kind="bills", file=file, name=path.name, community=None, by=None, at=at("2026-09-01"))
