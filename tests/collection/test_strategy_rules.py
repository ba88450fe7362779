"""Which strategy a household gets, what may not be published, and where a case stands in another strategy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collection.rules import steps as s
from collection.rules import timeline
from collection.rules.steps import DEFAULT_STEPS, Progress, Step, following, next_step
from collection.rules.strategies import Scope, choose, heard_by, in_force, stands_at
from collection.rules.strategy_faults import faults

JAN, FEB, MAR = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
EVERYBODY = Scope(1, "默认策略", 1, JAN)
NEXT = Scope(2, "默认策略", 2, MAR)
TOWERS = Scope(3, "高层", 1, JAN, community_id=7)
DEVELOPERS = Scope(4, "建设单位", 1, JAN, segment="developer")
DEVELOPERS_OF_7 = Scope(5, "七区建设单位", 1, JAN, community_id=7, segment="developer")
ENDED = Scope(6, "高层试行", 1, JAN, community_id=7, ended_on=FEB)
SHIPPED = (EVERYBODY, NEXT, TOWERS, DEVELOPERS, DEVELOPERS_OF_7)


@pytest.mark.parametrize(
    ("scopes", "on", "community", "segments", "expected"),
    [
        pytest.param((EVERYBODY,), JAN, 1, {"person"}, 1, id="the-offices-own-for-everybody"),
        pytest.param((EVERYBODY,), date(2025, 12, 31), 1, {"person"}, None, id="not-before-its-day"),
        pytest.param((EVERYBODY, NEXT), FEB, 1, {"person"}, 1, id="the-day-before-the-next-version"),
        pytest.param((EVERYBODY, NEXT), MAR, 1, {"person"}, 2, id="the-next-version-from-its-day-on"),
        pytest.param(SHIPPED, FEB, 7, {"person"}, 3, id="the-communitys-before-the-offices"),
        pytest.param(SHIPPED, FEB, 8, {"person"}, 1, id="another-communitys-is-not-for-this-one"),
        pytest.param(SHIPPED, FEB, 8, {"developer"}, 4, id="the-segments-before-the-offices"),
        pytest.param((EVERYBODY, TOWERS, DEVELOPERS), FEB, 7, {"developer"}, 4, id="segment-before-community"),
        pytest.param(SHIPPED, FEB, 7, {"developer"}, 5, id="both-before-either"),
        pytest.param((EVERYBODY, ENDED), date(2026, 1, 31), 7, {"person"}, 6, id="the-day-before-it-ends"),
        pytest.param((EVERYBODY, ENDED), FEB, 7, {"person"}, 1, id="ended"),
        pytest.param(
            (EVERYBODY, TOWERS, replace(TOWERS, id=9, version=2, community_id=8)), FEB, 7, {"person"}, 1,
            id="a-later-version-that-moved-to-another-community-takes-its-name-along",
        ),
        pytest.param(
            (DEVELOPERS, Scope(8, "困难", 1, FEB, segment="hardship")), FEB, 1, {"developer", "hardship"}, 8,
            id="hardship-before-everything",
        ),
        pytest.param(
            (DEVELOPERS, Scope(8, "个人", 1, FEB, segment="person")), FEB, 1, {"person", "developer"}, 4,
            id="between-segments-their-order-decides",
        ),
    ],
)  # fmt: skip
def test_the_most_specific_version_in_force_is_chosen(scopes, on, community, segments, expected):
    found = choose(in_force(scopes, on), community_id=community, segments=segments)
    assert (found and found.id) == expected


def refused(steps, **office) -> dict[str, int]:
    """The codes of what is wrong, each with the step it stands at."""
    known = {"channels": ("sms", "email"), "formal_days": 15, "final_days": 10} | office
    return {fault.code: fault.position for fault in faults(timeline.numbered(steps), **known)}


def edit(which: str, **values) -> list[Step]:
    """The default strategy with the first step of a kind changed."""
    first = next(step for step in DEFAULT_STEPS if step.kind == which)
    return [replace(step, **values) if step is first else step for step in DEFAULT_STEPS]


def without(*kinds: str) -> list[Step]:
    return [step for step in DEFAULT_STEPS if step.kind not in kinds]


def test_the_default_strategy_may_be_published():
    assert refused(DEFAULT_STEPS) == {}


def test_a_short_friendly_strategy_without_letters_may_be_published():
    steps = [step for step in DEFAULT_STEPS if step.kind in {s.REMINDER, s.CALL}]
    assert refused([*steps, replace(DEFAULT_STEPS[-1], counts_from_deadline=False, after_days=14)]) == {}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param([], {"no_steps": 0}, id="empty"),
        pytest.param(without(s.REMINDER), {"no_reminder": 0}, id="no-reminder"),
        pytest.param(edit(s.REMINDER, tiers=("slight",)), {"no_reminder": 0}, id="a-reminder-for-some-only"),
        pytest.param(without(s.FORMAL, s.FOLLOW_UP), {"final_without_formal": 4, "deadline_without_letter": 4},
                     id="a-final-notice-without-a-formal-one"),
        pytest.param(edit(s.FORMAL, tiers=("severe",)),
                     {"final_without_formal": 6, "deadline_without_letter": 6}, id="a-formal-notice-for-some-only"),
        pytest.param(edit(s.FINAL, counts_from_deadline=False), {"final_before_deadline": 6},
                     id="a-final-notice-that-does-not-wait-for-the-deadline"),
        pytest.param(edit(s.FINAL, after_days=0), {"final_before_deadline": 6, "wait_too_short": 6},
                     id="a-final-notice-on-the-last-day"),
        pytest.param(edit(s.FORMAL, deadline_days=14), {"deadline_too_short": 4}, id="fourteen-days-are-not-reasonable"),
        pytest.param(edit(s.FINAL, deadline_days=6), {"deadline_too_short": 6}, id="six-days-for-the-final-one"),
        pytest.param(edit(s.REMINDER, after_days=0), {"first_too_soon": 1}, id="on-the-due-day-nobody-is-late"),
        pytest.param(edit(s.CALL, after_days=0, after_days_urgent=None), {"wait_too_short": 3}, id="two-on-one-day"),
        pytest.param(edit(s.CALL, after_days_urgent=9), {"urgent_longer": 3}, id="urgent-waits-longer"),
        pytest.param(edit(s.CALL, after_days=400), {"wait_too_long": 3}, id="forgotten"),
        pytest.param(edit(s.CALL, counts_from_deadline=True), {"deadline_without_letter": 3}, id="no-letter-yet"),
        pytest.param(without(s.DECISION), {"decision_missing": 0}, id="nobody-decides"),
        pytest.param([*DEFAULT_STEPS, DEFAULT_STEPS[-1]], {"decision_twice": 8}, id="two-decisions"),
        pytest.param(timeline.moved(DEFAULT_STEPS, 2, 2),
                     {"out_of_order": 4}, id="friendly-again-after-the-letter"),
        pytest.param(edit(s.REMINDER, channels=()), {"no_channel": 1}, id="no-channel"),
        pytest.param(edit(s.REMINDER, channels=("sms", "fax")), {"unknown_channel": 1}, id="an-unknown-channel"),
        pytest.param(edit(s.FORMAL, channels=("sms",)), {"channel_not_for_messages": 4}, id="a-demand-by-text-message"),
        pytest.param(edit(s.CALL, kind="lift-lock"), {"unknown_kind": 3}, id="an-unknown-kind"),
        pytest.param(edit(s.CALL, tiers=("urgent",)), {"unknown_tier": 3}, id="an-unknown-tier"),
        pytest.param(edit(s.CALL, entry_tiers=("severe",)), {"entry_not_formal": 3}, id="entry-at-the-call"),
        pytest.param(edit(s.FINAL, entry_tiers=("severe",)), {"entry_not_formal": 6}, id="entry-at-the-final-notice"),
        pytest.param(edit(s.FORMAL, entry_tiers=("slight",)), {"entry_slight": 4}, id="slight-arrears-enter-at-formal"),
        pytest.param(edit(s.CALL, role=""), {"nobody_does_it": 3}, id="nobody-rings"),
        pytest.param(edit(s.CALL, role="finance"), {"nobody_does_it": 3}, id="finance-rings"),
        pytest.param(edit(s.DECISION, role="collector"), {"manager_decides": 7}, id="a-collector-decides"),
        pytest.param(edit(s.FORMAL, approver=""), {"formal_approver": 4}, id="nobody-approves-the-formal-notice"),
        pytest.param(edit(s.FINAL, approver="supervisor"), {"final_approver": 6}, id="a-supervisor-approves-the-final"),
        pytest.param(edit(s.CALL, approver="manager"), {"approver_not_needed": 3}, id="a-call-is-approved"),
        pytest.param(edit(s.CALL, minimum=Decimal(-1)), {"negative_minimum": 3}, id="below-nothing"),
        pytest.param(edit(s.CALL, weekly_cap=0), {"no_contact_allowed": 3}, id="never"),
        pytest.param(edit(s.CALL, script="weather"), {"unknown_script": 3}, id="an-unknown-script"),
        pytest.param(edit(s.FORMAL, script="forgot"), {"unknown_script": 4}, id="a-script-for-a-letter"),
        pytest.param(edit(s.REMINDER, template="threat"), {"unknown_template": 1}, id="an-unknown-text"),
        pytest.param(edit(s.CALL, title=" "), {"no_title": 3}, id="no-name"),
        pytest.param(edit(s.CALL, task="不缴就停水停电"), {"wording": 3}, id="a-forbidden-measure-in-the-task"),
    ],
)  # fmt: skip
def test_a_strategy_that_may_not_be_published_says_what_where_and_what_to_do(steps, expected):
    assert refused(steps) == expected
    for fault in faults(timeline.numbered(steps), channels=("sms", "email"), formal_days=15, final_days=10):
        assert str(fault).endswith("。")
        assert "%(" not in str(fault)


def test_the_law_is_quoted_where_it_forbids():
    found = faults(timeline.numbered(without(s.FORMAL, s.FOLLOW_UP)), channels=("sms", "email"), formal_days=15,
                   final_days=10)  # fmt: skip
    assert "《中华人民共和国民法典》第九百四十四条第二款" in str(found[0])
    assert "可以催告其在合理期限内支付" in str(found[0])


def test_the_offices_own_deadline_counts_where_the_step_names_none():
    assert refused(DEFAULT_STEPS, formal_days=10) == {"deadline_too_short": 4}
    assert refused(edit(s.FORMAL, deadline_days=20), formal_days=10) == {}


FORMAL_ENTRY = timeline.numbered(edit(s.FORMAL, entry_tiers=("moderate", "severe")))


@pytest.mark.parametrize(
    ("reached", "tier", "expected"),
    [
        pytest.param(0, "slight", s.REMINDER, id="slight-begins-with-a-reminder"),
        pytest.param(0, "moderate", s.FORMAL, id="moderate-enters-at-the-formal-step"),
        pytest.param(0, "severe", s.FORMAL, id="severe-enters-at-the-formal-step"),
        pytest.param(1, "severe", s.REMINDER, id="reminded-once-goes-on-in-order"),
        pytest.param(4, "severe", s.FOLLOW_UP, id="after-the-letter-in-order"),
    ],
)
def test_where_a_case_enters(reached, tier, expected):
    step = following(FORMAL_ENTRY, reached, tier)
    assert step is not None
    assert step.kind == expected


def test_entering_at_the_formal_step_waits_since_the_due_date():
    progress = Progress(0, None, None, date(2026, 3, 31))
    taken = [
        next_step(FORMAL_ENTRY, progress, tier="severe", amount=Decimal(100), on=on)
        for on in (date(2026, 4, 15), date(2026, 4, 16))
    ]
    assert [step and step.kind for step in taken] == [None, s.FORMAL]


def test_a_step_for_severe_cases_is_passed_by_the_others():
    steps = timeline.numbered(edit(s.CALL, tiers=("severe",)))
    assert [following(steps, 2, tier).kind for tier in ("slight", "severe")] == [s.FORMAL, s.CALL]


lawful = st.builds(
    lambda counts: [kind for kind, count in zip(s.SEVERITY, counts, strict=True) for _ in range(count)],
    st.tuples(
        st.integers(1, 3), st.integers(0, 2), st.integers(0, 2), st.integers(0, 2), st.integers(0, 1), st.just(1)
    ),
)


class TestMovingToAnotherStrategy:
    """Positions by kind: nobody is notified twice, no step is passed over, nobody falls back (invariants 1, 6, 8)."""

    @pytest.mark.parametrize(
        ("old", "reached", "new", "expected"),
        [
            pytest.param("RRCF", 0, "RCF", 0, id="nothing-heard-yet"),
            pytest.param("RRCF", 2, "RCF", 1, id="two-reminders-count-as-the-one"),
            pytest.param("RCF", 1, "RRCF", 1, id="a-second-reminder-is-still-to-come"),
            pytest.param("RCF", 2, "RRCF", 3, id="after-the-call-no-reminder-any-more"),
            pytest.param("RRCF", 3, "RRF", 2, id="the-level-stood-on-is-gone"),
            pytest.param("RRF", 2, "RRCF", 2, id="a-new-call-is-not-passed-over"),
            pytest.param("RFN", 2, "RCFVN", 3, id="a-letter-lies-behind-with-the-call"),
            pytest.param("RFF", 3, "RF", 2, id="two-letters-count-as-the-one"),
            pytest.param("RCFVND", 6, "RFND", 4, id="decided"),
        ],
    )
    def test_by_kind(self, old, reached, new, expected):
        names = dict(zip("RCFVND", s.SEVERITY, strict=True))
        old, new = ([names[letter] for letter in word] for word in (old, new))
        assert stands_at(new, heard_by(old, reached, {}), s.SEVERITY) == expected

    @given(old=lawful, new=lawful, data=st.data())
    def test_whatever_the_two_strategies(self, old, new, data):
        reached = data.draw(st.integers(0, len(old)))
        heard = heard_by(old, reached, {})
        position = stands_at(new, heard, s.SEVERITY)
        rank = s.SEVERITY.index
        if reached == 0:
            assert position == 0
            return
        top = rank(old[reached - 1])
        for ahead in new[position:]:
            assert rank(ahead) >= top, "nobody falls back to a friendlier step"
        assert new[position:].count(old[reached - 1]) == max(
            new.count(old[reached - 1]) - heard[old[reached - 1]], 0
        ), "nobody hears the same step again"
        for behind in new[:position]:
            assert rank(behind) <= top, "nothing more serious is counted as heard"

    @given(old=lawful, new=lawful, data=st.data())
    def test_back_again_repeats_nothing(self, old, new, data):
        """What took effect counts, whatever version it belonged to."""
        reached = data.draw(st.integers(0, len(old)))
        effective = {kind: old[:reached].count(kind) for kind in old[:reached]}
        there = stands_at(new, heard_by(old, reached, effective), s.SEVERITY)
        back = stands_at(old, heard_by(new, there, effective), s.SEVERITY)
        assert back >= reached


class TestEditingATimeline:
    """Steps are added where they belong, moved, changed, taken out, and numbered anew."""

    def test_a_new_step_stands_after_its_equals(self):
        kinds = [step.kind for step in timeline.added(DEFAULT_STEPS, s.REMINDER)]
        assert kinds[:4] == [s.REMINDER, s.REMINDER, s.REMINDER, s.CALL]
        assert [step.kind for step in timeline.added((), s.CALL)] == [s.CALL]

    def test_moving_stops_at_the_ends(self):
        assert timeline.moved(DEFAULT_STEPS, 1, -1) == DEFAULT_STEPS
        assert [step.title for step in timeline.moved(DEFAULT_STEPS, 1, 1)][:2] == ["再次提示", "温馨提示"]

    def test_positions_follow_the_order(self):
        left = timeline.removed(DEFAULT_STEPS, 2)
        assert [step.position for step in left] == [1, 2, 3, 4, 5, 6]
        assert timeline.changed(left, 2, {"after_days": 9})[1].after_days == 9
        with pytest.raises(KeyError):
            timeline.removed(left, 7)
