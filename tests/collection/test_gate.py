"""The gate before any notice: no bill that is not signed off, no household under a special case (S5–S10, invariant 45)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.rules.position import AccountFacts, BillFacts, Position, Special, position_of
from arrears.rules.tier import TierPolicy
from billing.models import Account, Bill, ImportBatch, SpecialCase
from billing.operations import commit_import, open_special_case, record_payment, upload_file
from collection.models import Action, Message, Notice, NoticeLine
from collection.operations.changes import consume_changes
from collection.operations.days import plan_day
from collection.operations.notices import NoticeRefused, approve_notice
from collection.operations.rendering import render_due_notices, take_pdf, take_print_run
from collection.operations.service import ServiceRefused, serve_notice
from collection.queries.freshness import data_days, stale_communities
from collection.queries.work import household as household_of
from collection.queries.work import work_day
from collection.rules import decide as d
from collection.rules import steps as s
from offices.filing import store_file
from offices.models import Community, OfficeSettings, StoredFile
from tests.collection.cast import household as cast_household
from tests.collection.cast import proposed, rendered, served, settle_in
from tests.conftest import at
from tests.factories import workbooks

ON = date(2026, 9, 10)
DUE = date(2026, 3, 31)
KINDS = ("prepaid", "pending_transfer", "not_handed_over", "vacancy_discount", "legacy_issue")
OWED = D("600.00")


def standing(step: s.Step) -> s.Progress:
    """A case for which exactly this step is due: the one before took effect long ago, every printed deadline is over."""
    return s.Progress(
        reached=step.position - 1,
        reached_on=date(2026, 6, 1) if step.position > 1 else None,
        letter_deadline_on=date(2026, 7, 1) if step.position > 4 else None,
        oldest_due_on=DUE,
    )


def a_bill(number: int, *, is_reconciled: bool = True) -> BillFacts:
    month = date(2026, number % 3 + 1, 1)
    return BillFacts(number, month, month + timedelta(days=27), DUE, month, OWED, is_reconciled)


def asked(step: s.Step, position: Position, **more: Any) -> d.Plan | d.Skip:
    return d.decide(
        d.Facts(
            steps=s.DEFAULT_STEPS, progress=standing(step), tier=position.tier or "slight",
            remindable=position.remindable, pursuable=position.pursuable, blockers=position.blockers, **more,
        ),
        ON,
    )  # fmt: skip


def position(bills: list[BillFacts], specials: list[Special]) -> Position:
    return position_of(AccountFacts(1, tuple(bills), specials=tuple(specials)), ON, TierPolicy())[0]


@pytest.mark.parametrize("step", s.DEFAULT_STEPS, ids=lambda step: step.title)
def test_every_step_is_taken_when_nothing_is_in_the_way(step: s.Step) -> None:
    answer = asked(step, position([a_bill(1)], []))
    assert isinstance(answer, d.Plan)
    assert answer.step == step


@pytest.mark.parametrize("step", s.DEFAULT_STEPS, ids=lambda step: step.title)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stops_reminders", [True, False], ids=["reminders-too", "reminders-go-on"])
def test_a_special_case_stops_every_step_beyond_the_reminder(kind: str, step: s.Step, stops_reminders: bool) -> None:
    answer = asked(step, position([a_bill(1)], [Special(kind, ON, None, blocks_reminder=stops_reminders)]))
    if step.kind == s.REMINDER and not stops_reminders:
        assert isinstance(answer, d.Plan)
    else:
        assert (answer.code, bool(answer.words)) == (d.SPECIAL_CASE, True)


@pytest.mark.parametrize("step", s.DEFAULT_STEPS, ids=lambda step: step.title)
def test_bills_that_nobody_signed_off_reach_no_step(step: s.Step) -> None:
    answer = asked(step, position([a_bill(1, is_reconciled=False)], []))
    assert answer.code == d.NOT_RECONCILED


@pytest.mark.parametrize("step", s.DEFAULT_STEPS, ids=lambda step: step.title)
def test_a_case_that_ended_yesterday_stops_nothing(step: s.Step) -> None:
    over = Special("pending_transfer", ON - timedelta(days=3), ON, blocks_reminder=True)
    assert isinstance(asked(step, position([a_bill(1)], [over])), d.Plan)


days = st.integers(-40, 40).map(lambda n: ON + timedelta(days=n))
specials = st.builds(
    lambda kind, start, length, flag: Special(
        kind, start, None if length is None else start + timedelta(days=length), blocks_reminder=flag
    ),
    st.sampled_from((*KINDS, "other")), days, st.none() | st.integers(0, 60), st.booleans(),
)  # fmt: skip


@given(
    step=st.sampled_from(s.DEFAULT_STEPS),
    signed=st.lists(st.booleans(), min_size=1, max_size=4),
    held=st.lists(specials, max_size=3),
)
def test_nothing_wrong_ever_passes_the_gate(step: s.Step, signed: list[bool], held: list[Special]) -> None:
    """Whatever the bills and the cases: what is planned names signed-off bills only, and no letter or call passes a case."""
    bills = [a_bill(n, is_reconciled=flag) for n, flag in enumerate(signed)]
    answer = asked(step, position(bills, held))
    open_now = [h for h in held if h.starts_on <= ON and (h.ends_before is None or h.ends_before > ON)]
    if isinstance(answer, d.Plan):
        assert answer.amount <= OWED * sum(signed)
        assert not open_now or (answer.step.kind == s.REMINDER and not any(h.blocks_reminder for h in open_now))
    elif not open_now and any(signed):
        pytest.fail(f"a free household was skipped: {answer.code}")


@given(
    step=st.sampled_from(s.DEFAULT_STEPS),
    blockers=st.sets(st.sampled_from(("special_case", "special_case_reminder", "unreconciled", "credit"))),
    pursuable=st.sampled_from((D("0.00"), OWED)),
)
def test_the_gate_does_not_lean_on_the_amount(step: s.Step, blockers: set[str], pursuable: D) -> None:
    """Even if a position were wrong about the sum, an open special case alone is enough."""
    one = replace(position([a_bill(1)], []), blockers=tuple(blockers), pursuable=pursuable, remindable=pursuable)
    answer = asked(step, one)
    if isinstance(answer, d.Plan):
        assert "special_case_reminder" not in blockers
        assert step.kind == s.REMINDER or "special_case" not in blockers


# In the books: what was already on its way is taken back


@pytest.fixture
def home(inside: Any, monkeypatch: Any) -> Account:
    """3-1-0502 with two signed-off quarters; the letterhead is complete. What letters look like is tested elsewhere."""
    monkeypatch.setattr("collection.operations.rendering.letter_pdf", lambda *_letter: b"%PDF-1.7 letter")
    settle_in()
    return cast_household()


def hold(account: Account, kind: str, office: Any, moment: Any) -> SpecialCase:
    given_facts: dict[str, Any] = {
        "prepaid": {"claimed_amount": D("1200.00")},
        "pending_transfer": {"claimed_amount": D("1200.00")},
        "vacancy_discount": {
            "evidence": store_file(b"%PDF-1.7", name="证明.pdf", kind=StoredFile.Kind.EVIDENCE, by=None, at=moment)
        },
        "legacy_issue": {"issue_owner": "工程部李工", "review_on": moment.date() + timedelta(days=21)},
    }.get(kind, {})
    return open_special_case(
        account=account, kind=kind, starts_on=moment.date(), note="业主说明", by=office.people["supervisor"], at=moment,
        **given_facts,
    )  # fmt: skip


def letter(office: Any, account: Account, kind: str, state: str) -> Notice:
    if kind == "final":
        served(office, account)
    day = "2026-10-15" if kind == "final" else "2026-09-10"
    if state == "rendered":
        return rendered(office, account, kind, day)
    notice = proposed(account, kind, day)
    return notice if state == "proposed" else approve_notice(notice=notice, by=office.people["manager"], at=at(day))


@pytest.mark.parametrize("state", ["proposed", "approved", "rendered"])
@pytest.mark.parametrize("step", ["formal", "final"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_case_takes_back_what_has_not_left_the_house(
    inside: Any, home: Account, kind: str, step: str, state: str
) -> None:
    notice = letter(inside, home, step, state)
    day = "2026-10-15" if step == "final" else "2026-09-10"
    hold(home, kind, inside, at(day, 12))
    if state == "rendered":
        for refused in (
            lambda: take_pdf(notice=notice, by=inside.people["collector"], at=at(day, 13)),
            lambda: take_print_run(notices=[notice], by=inside.people["collector"], at=at(day, 13)),
        ):
            with pytest.raises(NoticeRefused) as no:
                refused()
            assert no.value.code == "ON_HOLD"
        with pytest.raises(ServiceRefused) as not_served:
            serve_notice(
                notice=notice, method="hand_delivery", outcome="signed", served_at=at(day, 13), by=inside.people["collector"],
                signer="林秀英", signer_relation="本人",
            )  # fmt: skip
        assert not_served.value.code == "ON_HOLD"
    elif state == "approved":
        assert render_due_notices(at=at(day, 13)) == 0
    else:
        with pytest.raises(NoticeRefused) as no:
            approve_notice(notice=notice, by=inside.people["manager"], at=at(day, 13))
        assert no.value.code == "ON_HOLD"
    consume_changes(on=at(day).date(), at=at(day, 13))
    notice.refresh_from_db()
    assert notice.state == "void"
    assert Action.objects.get(pk=notice.action_id).state == "void"


def test_a_letter_handed_over_before_the_case_was_opened_is_written_down(inside: Any, home: Account) -> None:
    notice = rendered(inside, home)
    hold(home, "legacy_issue", inside, at("2026-09-12", 16))
    done = serve_notice(
        notice=notice, method="hand_delivery", outcome="signed", served_at=at("2026-09-12", 15), at=at("2026-09-12", 17),
        by=inside.people["collector"], signer="林秀英", signer_relation="本人",
    )  # fmt: skip
    assert done.service.is_effective


def test_a_bill_that_nobody_signed_off_is_on_no_letter(inside: Any, home: Account) -> None:
    loose = home.bills.first()
    Bill.objects.filter(pk=loose.pk).update(is_reconciled=False)
    notice = rendered(inside, home)
    assert notice.amount == D("600.00")
    assert not NoticeLine.objects.filter(bill=loose).exists()


@pytest.mark.parametrize("kind", KINDS)
def test_a_reminder_in_the_outbox_is_taken_back(household: Any, inside: Any, kind: str) -> None:
    account = household()
    plan_day(on=date(2026, 4, 1), at=at("2026-04-01", 7))
    case = hold(account, kind, inside, at("2026-04-01", 8))
    SpecialCase.objects.filter(pk=case.pk).update(blocks_reminder=True)
    consume_changes(on=date(2026, 4, 1), at=at("2026-04-01", 9))
    assert Message.objects.get().state == "void"


def test_when_the_transfer_never_comes_the_case_goes_on_by_itself(household: Any, inside: Any) -> None:
    account = household(phone="010-8888 0001")
    plan_day(on=date(2026, 4, 1), at=at("2026-04-01"))
    case = open_special_case(
        account=account, kind="pending_transfer", starts_on=date(2026, 4, 1), note="业主称已转账", blocks_reminder=True,
        claimed_amount=D("666.66"), claimed_on=date(2026, 3, 31), by=inside.people["collector"], at=at("2026-04-01", 11),
    )  # fmt: skip
    for on in ("2026-04-02", "2026-04-07"):
        plan_day(on=date.fromisoformat(on), at=at(on))
        assert not Action.objects.filter(state="planned").exists(), on
        assert [gone.code for gone in work_day(on=date.fromisoformat(on), at=at(on)).removed] == []
    plan_day(on=date(2026, 4, 8), at=at("2026-04-08"))
    assert Action.objects.get(state="planned").kind == "reminder"
    [item] = work_day(on=date(2026, 4, 8), at=at("2026-04-08")).items
    assert item.group == "first"
    assert "业主称 3月31日 已转账 666.66 元，等到 4月7日 仍未到账" in item.why
    record_payment(
        account=account, amount=D("666.66"), value_on=date(2026, 4, 8), kind="bank", by=None, at=at("2026-04-08", 12)
    )
    case.refresh_from_db()
    assert case.closed_at is not None
    assert work_day(on=date(2026, 4, 8), at=at("2026-04-08", 13)).items == ()


def test_what_waits_for_a_second_person_and_what_is_to_be_reviewed_is_on_the_list(household: Any, inside: Any) -> None:
    account = household()
    hold(account, "legacy_issue", inside, at("2026-09-10"))
    waiting = work_day(on=ON, at=at("2026-09-10"))
    assert [item.why for item in waiting.items] == ["特殊情况「历史遗留问题」待批准（华庭supervisor登记）"]
    assert (waiting.to_approve, waiting.to_review) == (1, 0)
    assert work_day(on=ON, at=at("2026-09-10"), assignee=inside.people["collector"]).items == ()
    SpecialCase.objects.update(approved_at=at("2026-09-11"), approved_by=inside.people["manager"])
    assert work_day(on=date(2026, 9, 30), at=at("2026-09-30")).items == ()
    due = work_day(on=date(2026, 10, 1), at=at("2026-10-01"))
    assert [item.why for item in due.items] == ["特殊情况「历史遗留问题」应于 10月1日 复核（负责人：工程部李工）"]
    assert (due.to_approve, due.to_review) == (0, 1)


# Fresh data (invariant 45)


def imported(kind: str, day: str, *names: str, home: Community | None = None) -> ImportBatch:
    file = StoredFile.objects.create(
        kind="upload", sha256="0" * 64, size=1, mime="text/csv", name="x", stored_at=at(day)
    )
    return ImportBatch.objects.create(
        kind=kind, state="committed", file=file, file_name="x.csv", sha256=day.replace("-", "") + kind, community=home,
        totals={"by_community": [{"label": name} for name in names]}, uploaded_at=at(day), committed_at=at(day),
    )  # fmt: skip


def test_each_community_has_its_own_last_day_of_data(inside: Any) -> None:
    first, second, third = (Community.objects.create(name=name) for name in ("一期", "二期", "三期"))
    imported("bills", "2026-09-01", "一期", "二期")
    imported("bills", "2026-09-05", "二期")
    imported("register", "2026-09-09", "三期")
    assert data_days() == {first.pk: date(2026, 9, 1), second.pk: date(2026, 9, 5)}
    imported("bank", "2026-09-03", home=first)
    assert data_days()[first.pk] == date(2026, 9, 3)
    imported("bank", "2026-09-04")
    assert data_days() == {first.pk: date(2026, 9, 4), second.pk: date(2026, 9, 5), third.pk: date(2026, 9, 4)}


def test_a_file_that_was_really_imported_counts_for_the_communities_it_names(inside: Any) -> None:
    for kind, file in (
        ("register", workbooks.register([("0101", "林秀英", "13800000001")], community="华庭一期")),
        ("bills", workbooks.bills([("0101", "林秀英", "2024-01-01", "2024-03-31", "2024-04-15", "600.00")])),
    ):
        batch = upload_file(
            kind=kind, file=file, name=file.name, community=Community.objects.first(), by=None, at=at("2026-09-03")
        )
        commit_import(batch=batch, accept_good=True, by=None, at=at("2026-09-03"))
    other = Community.objects.create(name="二期")
    assert data_days() == {Community.objects.get(name="华庭一期").pk: date(2026, 9, 3)}
    assert other.pk not in data_days()


@pytest.mark.parametrize(
    ("last", "days", "is_stale"),
    [
        pytest.param("2026-09-03", 7, False, id="exactly-seven-days"),
        pytest.param("2026-09-02", 7, True, id="eight-days"),
        pytest.param(None, 7, True, id="never"),
        pytest.param(None, None, False, id="the-office-has-no-limit"),
    ],
)
def test_old_data_stops_letters_and_says_where_and_since_when(
    inside: Any, home: Account, last: str | None, days: int | None, is_stale: bool
) -> None:
    OfficeSettings.objects.update(fresh_days=days)
    if last:
        imported("bank", last)
    notice = proposed(home)
    stale = stale_communities(ON)
    assert bool(stale) is is_stale
    if not is_stale:
        assert approve_notice(notice=notice, by=inside.people["manager"], at=at("2026-09-10")).state == "approved"
        return
    assert [(each.community, each.since) for each in stale] == [("华庭苑", last and date.fromisoformat(last))]
    with pytest.raises(NoticeRefused) as no:
        approve_notice(notice=notice, by=inside.people["manager"], at=at("2026-09-10"))
    assert no.value.code == "STALE_DATA"
    assert "华庭苑" in str(no.value)
    assert work_day(on=ON, at=at("2026-09-10")).stale == tuple(stale)


def test_an_approved_letter_waits_for_the_next_statement(inside: Any, home: Account) -> None:
    imported("bank", "2026-09-10")
    OfficeSettings.objects.update(fresh_days=3)
    approve_notice(notice=proposed(home), by=inside.people["manager"], at=at("2026-09-10"))
    assert render_due_notices(at=at("2026-09-14")) == 0
    imported("bank", "2026-09-14")
    assert render_due_notices(at=at("2026-09-14", 11)) == 1


def test_a_drawn_letter_is_not_taken_to_the_door_on_old_data(inside: Any, home: Account) -> None:
    imported("bank", "2026-09-10")
    OfficeSettings.objects.update(fresh_days=3)
    notice, collector = rendered(inside, home), inside.people["collector"]
    with pytest.raises(NoticeRefused, match="华庭苑") as no:
        take_print_run(notices=[notice], by=collector, at=at("2026-09-14"))
    assert no.value.code == "STALE_DATA"
    assert take_pdf(notice=notice, by=collector, at=at("2026-09-14")).startswith(b"%PDF"), "it may be looked at"
    imported("bank", "2026-09-14")
    assert stale_communities(date(2026, 9, 14)) == []


def test_a_call_waits_for_fresh_data_and_a_reminder_does_not(household: Any, inside: Any) -> None:
    account = household(phone="010-8888 0001")
    OfficeSettings.objects.update(fresh_days=3)
    plan_day(on=date(2026, 4, 1), at=at("2026-04-01"))
    [item] = work_day(on=date(2026, 4, 1), at=at("2026-04-01")).items
    assert "提醒" in item.why
    Action.objects.update(kind="call")
    listed = work_day(on=date(2026, 4, 1), at=at("2026-04-01"))
    assert listed.items == ()
    assert [gone.code for gone in listed.removed] == ["STALE_DATA"]
    assert "新鲜期" in household_of(account.pk, on=date(2026, 4, 1), at=at("2026-04-01", 11)).may_not_call
