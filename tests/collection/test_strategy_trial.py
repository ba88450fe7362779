"""A strategy is tried on today's cases before it is published, and cases go over to it by a previewed act (invariant 28)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from collection.models import Action, Case, Message, Notice, Strategy
from collection.operations.cases import mark_effective
from collection.operations.filling import fill_planned
from collection.operations.moves import Moved, MoveRefused, migrate_cases
from collection.operations.notices import reject_notice
from collection.operations.strategies import draft_strategy, publish_strategy, set_steps
from collection.operations.sweeps import run_sweep
from collection.queries.strategies import rules_of
from collection.queries.trials import trial
from collection.rules import decide as d
from collection.rules import steps as s
from collection.rules import timeline
from collection.rules import trial as t
from offices.models import OfficeModel, SecurityEvent
from tests.collection.conftest import bill, move_in
from tests.collection.test_strategy_rules import lawful
from tests.conftest import at

DUE = date(2026, 3, 31)
OWED = Decimal("666.66")
WITHOUT_SECOND = timeline.removed(s.DEFAULT_STEPS, 2)  # 提醒、电话、催缴通知书、回访、最后通知书、决定
SLOWER = timeline.changed(s.DEFAULT_STEPS, 2, {"after_days": 9, "after_days_urgent": 9})


def version(inside: Any, steps: Any, day: str, publish: bool = True) -> Strategy:
    """The next version of the default strategy with these steps."""
    admin = inside.people["admin"]
    made = draft_strategy(name="默认策略", source=None, by=admin, at=at(day))
    set_steps(strategy=made, steps=steps, by=admin)
    return publish_strategy(strategy=made, by=admin, at=at(day)) if publish else made


def take_effect(day: str) -> None:
    """Everything planned takes effect on that day; letters with fifteen days to pay."""
    for action in Action.objects.filter(state="planned"):
        deadline = date.fromisoformat(day).replace(day=28) if action.kind in s.LETTERS else None
        mark_effective(action=action, on=date.fromisoformat(day), at=at(day), deadline_on=deadline)


def sweep(day: str) -> None:
    run_sweep(on=date.fromisoformat(day), at=at(day))
    fill_planned(on=date.fromisoformat(day), at=at(day))


def migrate(inside: Any, to: Strategy, day: str) -> Moved:
    old = Strategy.objects.get(version=1)
    seen = trial(to, date.fromisoformat(day), of=old).fingerprint
    return migrate_cases(strategy=old, to=to, seen=seen, by=inside.people["manager"], at=at(day))


def digest() -> dict[str, str]:
    prints = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if issubclass(model, OfficeModel):
                cursor.execute(
                    f"select md5(coalesce(string_agg(t::text, '|' order by id), '')) from {model._meta.db_table} t"
                )
                prints[model._meta.db_table] = cursor.fetchone()[0]
    return prints


class TestTheTrial:
    """「会改变 2 户：1 户升级…」, with the households, their next step and day before and after, and the reasons."""

    @pytest.fixture
    def reminded(self, place: Any, household: Any, inside: Any) -> Any:
        """One household reminded on 1 April; the second reminder would follow on 7 April."""
        account = household()
        sweep("2026-04-01")
        take_effect("2026-04-01")
        return account

    def test_a_step_taken_out_moves_the_household_up(self, reminded: Any, inside: Any):
        found = trial(version(inside, WITHOUT_SECOND, "2026-04-03", publish=False), date(2026, 4, 3))
        [line] = found.changed
        assert found.effects == {"up": 1}
        assert (line.move.before.title, line.move.before.on) == ("再次提示", date(2026, 4, 7))
        assert (line.move.after.title, line.move.after.on) == ("电话沟通", date(2026, 4, 9))
        assert line.move.before.words == "距上一步未满规定间隔，4月7日起进行「再次提示」"
        assert line.move.after.words == "距上一步未满规定间隔，4月9日起进行「电话沟通」"

    def test_a_longer_wait_puts_it_off(self, reminded: Any, inside: Any):
        found = trial(version(inside, SLOWER, "2026-04-03", publish=False), date(2026, 4, 3))
        assert found.effects == {"later": 1}
        assert found.changed[0].move.after.on == date(2026, 4, 10)

    def test_the_same_steps_change_nothing(self, reminded: Any, inside: Any):
        found = trial(version(inside, s.DEFAULT_STEPS, "2026-04-03", publish=False), date(2026, 4, 3))
        assert (found.looked_at, found.changed, found.effects) == (1, (), {"same": 1})

    def test_it_writes_nothing(self, reminded: Any, inside: Any):
        made = version(inside, WITHOUT_SECOND, "2026-04-03", publish=False)
        before = digest()
        trial(made, date(2026, 4, 3))
        assert digest() == before

    def test_only_households_it_is_for_are_tried(self, reminded: Any, inside: Any):
        made = version(inside, WITHOUT_SECOND, "2026-04-03", publish=False)
        made.segment = "developer"
        made.save()
        assert trial(made, date(2026, 4, 3)).lines == ()

    def test_who_has_paid_is_not_counted(self, place: Any, household: Any, inside: Any):
        account = household()
        sweep("2026-04-01")
        account.bills.update(due_on=date(2026, 12, 31))
        assert trial(version(inside, WITHOUT_SECOND, "2026-04-03", publish=False), date(2026, 4, 3)).lines == ()

    def test_a_fixed_number_of_statements(
        self, place: Any, household: Any, inside: Any, django_assert_max_num_queries: Any
    ):
        for _ in range(3):
            household()
        sweep("2026-04-01")
        made = version(inside, WITHOUT_SECOND, "2026-04-01", publish=False)
        with django_assert_max_num_queries(20) as few:
            trial(made, date(2026, 4, 1))
        for _ in range(12):
            household()
        sweep("2026-04-01")
        with django_assert_max_num_queries(len(few.captured_queries)):
            assert len(trial(made, date(2026, 4, 1)).lines) == 15

    def test_what_it_foretells_is_what_the_next_run_does(self, place: Any, household: Any, inside: Any):
        """The dry run is the run (invariant 43): after the migration every case does what the trial said."""
        for due_on in (DUE, date(2026, 3, 20), date(2025, 12, 31), date(2025, 3, 31)):
            bill(place, move_in(place), due_on=due_on)
        for day in ("2026-04-01", "2026-04-07", "2026-04-15"):
            sweep(day)
            take_effect(day)
        made = version(inside, WITHOUT_SECOND, "2026-05-02")
        found = {line.case.pk: line.move for line in trial(made, date(2026, 5, 2)).lines}
        migrate(inside, made, "2026-05-02")
        sweep("2026-05-02")
        assert found
        for case in Case.objects.filter(state="open"):
            action = case.actions.filter(state="planned", planned_on=date(2026, 5, 2)).first()
            move = found[case.pk]
            assert (action.step.title if action else "") == (
                move.after.title if move.after.on == date(2026, 5, 2) else ""
            )


class TestTheMigration:
    """Positions by kind: nobody is notified twice, no step passed over, everything on record."""

    def test_nobody_is_moved_by_publishing_alone(self, place: Any, household: Any, inside: Any):
        household()
        sweep("2026-04-01")
        version(inside, WITHOUT_SECOND, "2026-04-02")
        assert Case.objects.get().strategy.version == 1

    def test_two_reminders_heard_then_the_call(self, place: Any, household: Any, inside: Any):
        household()
        for day in ("2026-04-01", "2026-04-07"):
            sweep(day)
            take_effect(day)
        made = version(inside, WITHOUT_SECOND, "2026-04-08")
        assert migrate(inside, made, "2026-04-08") == Moved(moved=1, taken_back=0, stayed=0)
        case = Case.objects.get()
        assert (case.strategy_id, case.reached, case.reached_on) == (made.pk, 1, date(2026, 4, 7))
        sweep("2026-04-15")
        assert list(Action.objects.values_list("kind", "position", "state")) == [
            ("reminder", 1, "effective"),
            ("reminder", 2, "effective"),
            ("call", 2, "planned"),
        ]

    def test_the_level_a_case_stands_on_may_be_gone(self, place: Any, household: Any, inside: Any):
        household()
        for day in ("2026-04-01", "2026-04-07", "2026-04-15"):
            sweep(day)
            take_effect(day)
        made = version(inside, timeline.removed(s.DEFAULT_STEPS, 3), "2026-04-16")
        migrate(inside, made, "2026-04-16")
        sweep("2026-05-02")
        assert Action.objects.get(state="planned").kind == "formal"

    def test_work_under_way_goes_along_when_the_new_version_has_it_next(self, place: Any, household: Any, inside: Any):
        household()
        for day in ("2026-04-01", "2026-04-07"):
            sweep(day)
            take_effect(day)
        sweep("2026-04-15")
        call = Action.objects.get(state="planned")
        made = version(inside, WITHOUT_SECOND, "2026-04-15")
        assert migrate(inside, made, "2026-04-15") == Moved(1, 0, 0)
        call.refresh_from_db()
        assert (call.state, call.position, call.step.strategy_id) == ("planned", 2, made.pk)
        take_effect("2026-04-16")
        assert Case.objects.get().reached == 2

    def test_a_reminder_still_in_the_house_is_taken_back(self, place: Any, household: Any, inside: Any):
        household()
        sweep("2026-04-01")
        take_effect("2026-04-01")
        sweep("2026-04-07")
        assert migrate(inside, version(inside, WITHOUT_SECOND, "2026-04-07"), "2026-04-07") == Moved(1, 1, 0)
        action = Action.objects.latest("pk")
        assert (action.state, action.void_reason) == ("void", "策略迁移后重新安排")
        assert set(Message.objects.filter(action=action).values_list("state", flat=True)) == {"void"}

    def test_one_that_has_left_the_house_keeps_the_case_where_it_is(self, place: Any, household: Any, inside: Any):
        household()
        sweep("2026-04-01")
        take_effect("2026-04-01")
        sweep("2026-04-07")
        Message.objects.filter(action__state="planned").update(state="unknown")
        made = version(inside, WITHOUT_SECOND, "2026-04-07")
        [line] = trial(made, date(2026, 4, 7)).staying
        assert line.move.effect == "same"
        with pytest.raises(MoveRefused, match="没有可以迁移的案件"):
            migrate(inside, made, "2026-04-07")

    def test_a_letter_goes_along_or_holds_the_case(self, place: Any, household: Any, inside: Any):
        household()
        for day in ("2026-04-01", "2026-04-07", "2026-04-15"):
            sweep(day)
            take_effect(day)
        sweep("2026-05-01")
        assert Notice.objects.get().state == "proposed"
        friendly = [step for step in s.DEFAULT_STEPS if step.kind in {s.REMINDER, s.CALL}]
        mild = timeline.numbered([*friendly, replace(s.DEFAULT_STEPS[-1], counts_from_deadline=False)])
        assert [line.move.fate for line in trial(version(inside, mild, "2026-05-01"), date(2026, 5, 1)).lines] == [
            "stays"
        ]
        assert migrate(inside, version(inside, WITHOUT_SECOND, "2026-05-01"), "2026-05-01") == Moved(1, 0, 0)
        assert Action.objects.get(state="planned").position == 3

    def test_a_rejected_letter_stays_put_off(self, place: Any, household: Any, inside: Any):
        household()
        for day in ("2026-04-01", "2026-04-07", "2026-04-15"):
            sweep(day)
            take_effect(day)
        sweep("2026-05-01")
        reject_notice(notice=Notice.objects.get(), reason="先谈", by=inside.people["manager"], at=at("2026-05-01"))
        migrate(inside, version(inside, WITHOUT_SECOND, "2026-05-02"), "2026-05-02")
        assert Case.objects.get().next_action_on == date(2026, 5, 15)

    def test_there_and_back_repeats_nothing(self, place: Any, household: Any, inside: Any):
        household()
        for day in ("2026-04-01", "2026-04-07"):
            sweep(day)
            take_effect(day)
        made = version(inside, WITHOUT_SECOND, "2026-04-08")
        migrate(inside, made, "2026-04-08")
        first = Strategy.objects.get(version=1)
        again = version(inside, rules_of(first.pk), "2026-04-09")
        seen = trial(again, date(2026, 4, 9), of=made).fingerprint
        migrate_cases(strategy=made, to=again, seen=seen, by=inside.people["admin"], at=at("2026-04-09"))
        assert Case.objects.get().reached == 2

    def test_what_was_previewed_is_what_is_done(self, place: Any, household: Any, inside: Any):
        household()
        sweep("2026-04-01")
        made = version(inside, WITHOUT_SECOND, "2026-04-01")
        old = Strategy.objects.get(version=1)
        seen = trial(made, date(2026, 4, 1), of=old).fingerprint
        take_effect("2026-04-01")
        with pytest.raises(MoveRefused, match="预览之后案件有了变化") as no:
            migrate_cases(strategy=old, to=made, seen=seen, by=inside.people["manager"], at=at("2026-04-01"))
        assert no.value.code == "changed_meanwhile"
        assert Case.objects.get().strategy == old

    def test_only_to_a_version_in_force(self, place: Any, household: Any, inside: Any):
        household()
        sweep("2026-04-01")
        made = version(inside, WITHOUT_SECOND, "2026-04-01", publish=False)
        with pytest.raises(MoveRefused, match="目标版本今天没有生效"):
            migrate(inside, made, "2026-04-01")

    def test_it_is_written_down_once_for_the_office_and_once_for_each_case(
        self, place: Any, household: Any, inside: Any
    ):
        household()
        sweep("2026-04-01")
        take_effect("2026-04-01")
        made = version(inside, WITHOUT_SECOND, "2026-04-02")
        migrate(inside, made, "2026-04-02")
        event = SecurityEvent.objects.get(kind="cases_migrated")
        assert (event.subject, event.by) == ("默认策略 v1 → 默认策略 v2", inside.people["manager"])
        old = Strategy.objects.get(version=1)
        assert event.details == {"strategy": old.pk, "to": made.pk, "moved": 1, "stayed": 0}
        change = Case.objects.get().history.latest("history_date")
        assert change.history_change_reason == "策略迁移 默认策略 v1 → 默认策略 v2：第 1 步 → 第 1 步"
        assert change.history_user == inside.people["manager"]


FIRST, TODAY = date(2026, 1, 1), date(2026, 6, 1)


@given(old=lawful, new=lawful, data=st.data())
def test_whatever_the_strategies_the_next_step_is_neither_heard_before_nor_too_early(old, new, data):
    """Invariants 1, 6, 7, 8 across a migration, by the same decision that the sweep takes."""
    patterns = {step.kind: step for step in s.DEFAULT_STEPS}
    old_steps, new_steps = (timeline.numbered([patterns[kind] for kind in kinds]) for kinds in (old, new))
    reached = data.draw(st.integers(0, len(old)))
    deadline = date(2026, 5, 10) if {s.FORMAL, s.FINAL} & set(old[:reached]) else None
    progress = s.Progress(reached, date(2026, 4, 20) if reached else None, deadline, FIRST)
    facts = d.Facts(old_steps, progress, "slight", OWED, OWED)
    heard = {kind: old[:reached].count(kind) for kind in old[:reached]}
    move = t.move(facts, new_steps, effective=heard, open_step=None, looks_on=TODAY, on=TODAY)
    if reached and move.next_position:
        step = timeline.at(new_steps, move.next_position)
        before = old[reached - 1]
        assert s.SEVERITY.index(step.kind) >= s.SEVERITY.index(before)
        ordinal = [each.kind for each in new_steps[: step.position]].count(step.kind)
        assert step.kind != before or ordinal > heard[before]
    if move.after.kind == s.FINAL and move.after.on == TODAY:
        assert deadline is not None
