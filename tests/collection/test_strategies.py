"""Strategies are drafted, edited, published and ended; what is published stays as it is (invariant 28)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from collection.models import Action, Case, Message, Step, Strategy
from collection.operations.cases import open_cases
from collection.operations.filling import fill_planned
from collection.operations.notices import NoticeRefused, approve_notice
from collection.operations.strategies import (
    NoStrategy,
    StrategyRefused,
    describe_draft,
    discard_draft,
    draft_strategy,
    end_strategy,
    ensure_default_strategy,
    publish_strategy,
    set_steps,
)
from collection.operations.sweeps import run_sweep
from collection.queries.reminders import bearers
from collection.queries.scripts import talk_for
from collection.queries.strategies import current_strategy, rules_of, strategies_for
from collection.queries.work import work_day
from collection.rules import steps as s
from collection.rules import timeline
from offices.models import Community, OfficeSettings, SecurityEvent
from offices.scoping.context import forget_settings
from tests.collection.cast import household as household_of
from tests.collection.cast import proposed, settle_in
from tests.collection.conftest import bill, move_in
from tests.conftest import at

NOW = at("2026-04-20")
TODAY = date(2026, 4, 20)


@pytest.fixture
def admin(office: Any) -> Any:
    return office.people["admin"]


def draft(admin: Any, name: str = "默认策略", **described: Any) -> Strategy:
    """A draft beginning with the steps now in force."""
    made = draft_strategy(name=name, source=current_strategy(TODAY), by=admin, at=NOW)
    if described:
        values = {"community_id": None, "segment": "", "effective_on": TODAY, "note": ""} | described
        made = describe_draft(strategy=made, by=admin, **values)
    return made


def published(admin: Any, steps: Any = None, name: str = "默认策略", **described: Any) -> Strategy:
    made = draft(admin, name, **described)
    if steps is not None:
        made = set_steps(strategy=made, steps=steps, by=admin)
    return publish_strategy(strategy=made, by=admin, at=NOW)


def test_a_draft_is_the_next_version_with_the_steps_in_force(place: Any, admin: Any):
    made = draft(admin)
    assert (made.version, made.is_draft) == (2, True)
    assert rules_of(made.pk) == s.DEFAULT_STEPS
    assert current_strategy(TODAY).version == 1, "a draft changes nothing for anybody"


def test_one_draft_at_a_time_per_strategy(place: Any, admin: Any):
    draft(admin)
    with pytest.raises(StrategyRefused, match="已有一份草稿") as no:
        draft(admin)
    assert no.value.code == "draft_exists"


def test_a_draft_may_be_wrong_but_not_published(place: Any, admin: Any):
    made = draft(admin)
    set_steps(strategy=made, steps=timeline.removed(rules_of(made.pk), 4), by=admin)
    with pytest.raises(
        StrategyRefused, match="有 3 处需要改正。第一处：第 4 步“到期回访”：从通知书期限起算，但前面没有书面通知"
    ) as no:
        publish_strategy(strategy=made, by=admin, at=NOW)
    assert [fault["position"] for fault in no.value.details["faults"]] == [4, 5, 5]
    assert Strategy.objects.get(pk=made.pk).is_draft


def test_two_who_edit_at_once(place: Any, admin: Any):
    made = draft(admin)
    seen = made.revision
    set_steps(strategy=made, steps=timeline.added(rules_of(made.pk), s.CALL), seen=seen, by=admin)
    with pytest.raises(StrategyRefused, match="同事刚刚修改过") as no:
        set_steps(strategy=made, steps=(), seen=seen, by=admin)
    assert no.value.code == "changed_meanwhile"
    assert len(rules_of(made.pk)) == 8


def test_what_is_published_is_never_changed_and_no_level_of_it_removed(place: Any, admin: Any):
    made = published(admin)
    before = list(Step.objects.filter(strategy=made).values_list())
    for attempt in (
        lambda: set_steps(strategy=made, steps=timeline.removed(rules_of(made.pk), 3), by=admin),
        lambda: describe_draft(strategy=made, community_id=None, segment="", effective_on=TODAY, note="改", by=admin),
        lambda: discard_draft(strategy=made, by=admin, at=NOW),
        lambda: publish_strategy(strategy=made, by=admin, at=NOW),
    ):
        with pytest.raises(StrategyRefused) as no:
            attempt()
        assert no.value.code == "not_draft"
    assert list(Step.objects.filter(strategy=made).values_list()) == before


def test_it_begins_on_its_day_and_not_in_the_past(place: Any, admin: Any):
    published(admin, effective_on=date(2026, 5, 1))
    assert current_strategy(date(2026, 4, 30)).version == 1
    assert current_strategy(date(2026, 5, 1)).version == 2
    late = draft(admin, effective_on=date(2026, 4, 19))
    with pytest.raises(StrategyRefused, match="生效日已经过去"):
        publish_strategy(strategy=late, by=admin, at=NOW)


def test_publishing_is_written_down(place: Any, admin: Any):
    published(admin, effective_on=TODAY, note="缩短电话前的等待")
    event = SecurityEvent.objects.get(kind="strategy_published")
    assert (event.subject, event.by, event.details["note"]) == ("默认策略 v2", admin, "缩短电话前的等待")


def test_a_draft_can_be_thrown_away(place: Any, admin: Any):
    discard_draft(strategy=draft(admin), by=admin, at=NOW)
    assert Strategy.objects.count() == 1
    assert draft(admin).version == 2


def test_open_cases_keep_their_version_and_new_ones_begin_with_the_new(place: Any, household: Any, admin: Any):
    first = household()
    run_sweep(on=TODAY, at=NOW)
    newer = published(admin, timeline.removed(s.DEFAULT_STEPS, 2))
    second = household()
    run_sweep(on=TODAY, at=NOW)
    versions = {case.account_id: case.strategy.version for case in Case.objects.select_related("strategy")}
    assert versions == {first.pk: 1, second.pk: 2}
    assert newer.cases.count() == 1


def test_each_household_gets_the_most_specific_one(place: Any, admin: Any, household: Any):
    there, here = household(), household()
    other = Community.objects.create(name="翠湖苑")
    there.room.community = other
    there.room.save()
    builder = move_in(place)
    builder.owner.kind = "developer"
    builder.owner.save()
    bill(place, builder)
    published(admin, name="翠湖苑专用", community_id=other.pk)
    published(admin, name="建设单位", segment="developer")
    empty = household()
    empty.room.residence = "vacant"
    empty.room.save()
    rich = household("88000.00")
    OfficeSettings.objects.update(high_value_from=Decimal(50_000))
    forget_settings()
    published(admin, name="空置房", segment="vacant")
    published(admin, name="高额", segment="high_value")
    open_cases(on=TODAY, at=NOW)
    names = {case.account_id: case.strategy.name for case in Case.objects.select_related("strategy")}
    assert names == {
        rich.pk: "高额",
        empty.pk: "空置房",
        there.pk: "翠湖苑专用",
        here.pk: "默认策略",
        builder.pk: "建设单位",
    }


def test_ending_a_strategy_hands_its_new_cases_to_the_general_one(place: Any, admin: Any, household: Any):
    account = household()
    special = published(admin, name="华庭苑专用", community_id=place.community.pk)
    end_strategy(strategy=special, ended_on=date(2026, 5, 1), by=admin, at=NOW)
    general = Strategy.objects.get(name="默认策略")
    owed = {account.pk: Decimal("666.66")}
    assert strategies_for(owed, date(2026, 4, 30)) == {account.pk: special.pk}
    assert strategies_for(owed, date(2026, 5, 1)) == {account.pk: general.pk}
    with pytest.raises(StrategyRefused, match="没有策略可用"):
        end_strategy(strategy=general, ended_on=date(2026, 5, 1), by=admin, at=NOW)


def test_without_a_strategy_for_everybody_no_case_is_opened_in_silence(inside: Any, admin: Any, household: Any):
    household()
    Strategy.objects.update(effective_on=date(2026, 12, 1))
    with pytest.raises(NoStrategy):
        open_cases(on=TODAY, at=NOW)
    assert not Case.objects.exists()


def test_severe_cases_enter_at_the_formal_step_with_the_reason_on_record(place: Any, admin: Any):
    entry = timeline.changed(s.DEFAULT_STEPS, 4, {"entry_tiers": ("moderate", "severe")})
    published(admin, entry)
    old, fresh = move_in(place), move_in(place)
    bill(place, old, due_on=date(2025, 12, 31))
    bill(place, fresh, due_on=date(2026, 4, 15))
    run_sweep(on=TODAY, at=NOW)
    taken = {action.account_id: action for action in Action.objects.select_related("case")}
    assert (taken[old.pk].kind, taken[fresh.pk].kind) == (s.FORMAL, s.REMINDER)
    assert taken[old.pk].why == "自 2025-12-31 起逾期，严重逾期按策略直接进入「催缴通知书」"
    assert taken[old.pk].case.entry_reason == "逾期 110 天，欠费 666.66 元；严重逾期按策略直接进入「催缴通知书」"


class TestWhatAStepSaysIsDone:
    """The deadline it prints and who approves it are the step's, where it names them (S46, decisions 5)."""

    def set_up(self, **values: Any) -> None:
        settle_in()
        ensure_default_strategy(by=None, at=at("2026-01-01"))
        Step.objects.filter(kind=s.FORMAL).update(**values)

    def test_the_letter_prints_the_steps_deadline(self, inside: Any):
        self.set_up(deadline_days=30)
        notice = approve_notice(notice=proposed(household_of()), by=inside.people["manager"], at=at("2026-09-10"))
        assert (notice.deadline_on - notice.issued_on).days == 33

    def test_a_reminder_sends_the_text_the_step_names(self, place: Any, household: Any):
        Step.objects.filter(position=1).update(template="reminder_again")
        household()
        run_sweep(on=TODAY, at=NOW)
        fill_planned(on=TODAY, at=NOW)
        assert "尚待缴纳" in Message.objects.get().body

    def test_a_call_begins_with_the_words_of_the_steps_reason(self, place: Any, household: Any):
        account = household()
        about = bearers([account.pk], TODAY)[account.pk]
        usual = talk_for(account, tier="slight", channel="call", bearer=about)
        Step.objects.filter(position=1).update(script="financial_hardship")
        run_sweep(on=TODAY, at=NOW)
        named = talk_for(account, tier="slight", channel="call", bearer=about)
        assert (usual.reason, named.reason) == ("unknown", "financial_hardship")
        assert usual.words != named.words

    @pytest.mark.parametrize(("role", "seen"), [("collector", 1), ("supervisor", 0)])
    def test_a_step_of_the_supervisors_is_not_on_a_collectors_list(
        self, place: Any, household: Any, inside: Any, role: str, seen: int
    ):
        Step.objects.filter(position=1).update(kind=s.CALL, role=role)
        household()
        run_sweep(on=TODAY, at=NOW)
        assert len(work_day(on=TODAY, at=NOW).items) == 1
        assert len(work_day(on=TODAY, at=NOW, assignee=inside.people["collector"]).items) == seen

    def test_a_formal_notice_left_to_the_manager(self, inside: Any):
        self.set_up(approver="manager")
        notice = proposed(household_of())
        with pytest.raises(NoticeRefused, match="此项须由项目经理处理"):
            approve_notice(notice=notice, by=inside.people["supervisor"], at=at("2026-09-10"))
        assert approve_notice(notice=notice, by=inside.people["manager"], at=at("2026-09-10")).number
