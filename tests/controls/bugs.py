"""The seeded bugs: what each breaks, where, and the test that must turn red (docs/invariants.md).

A bug is a piece of source text replaced by another while its test runs, and put back afterwards; a text that is not
there any more is an error and no pass. `SQL` bugs are statements of the schema's owner, with the one that mends them.
"""

from __future__ import annotations

from dataclasses import dataclass

SQL = "sql"


@dataclass(frozen=True)
class Bug:
    """`where` is `module:function`, `module:Class.method`, `module:CONSTANT`, or `sql`; `test` a pytest node id."""

    invariant: int
    what: str
    where: str
    old: str
    new: str
    test: str


C, R, Q = "collection.operations", "collection.rules", "collection.queries"
I = "tests/collection/test_invariants.py::"  # noqa: E741
ONE_ACTION = (
    "CREATE UNIQUE INDEX one_action_per_step ON collection_action (office_id, case_id, position) "
    "WHERE state IN ('planned', 'effective')"
)

BUGS: tuple[Bug, ...] = (
    Bug(1, "the key over case and step is gone", SQL, "DROP INDEX one_action_per_step", ONE_ACTION,
        I + "test_i01_the_database_refuses_a_second_living_action_of_a_step"),
    Bug(2, "a case that was looked at is looked at again the same day", f"{C}.sweeps:_STORE", "next_action_on = e.again", "next_action_on = e.again - 400",
        "tests/collection/test_sweep.py::test_the_same_day_again_changes_nothing"),
    Bug(3, "a promise counts for whoever stands first", f"{Q}.facts:FACTS",
        "p.account_id = d.account_id", "p.account_id = (SELECT min(account_id) FROM due)",
        I + "test_i03_any_part_of_the_cases_in_any_order_is_decided_like_all_of_them"),
    Bug(4, "after missed days a step is left out", f"{R}.steps:following",
        "step.position > reached and", "step.position > reached + bool(reached) and",
        "tests/collection/test_sweep.py::test_missed_days_make_the_next_step_late_but_never_two_at_once"),
    Bug(5, "a skipped case has no later day to be looked at", f"{R}.decide:_skip", "max(again or on + A_DAY, on + A_DAY)",
        "on", "tests/collection/test_decide.py::test_every_combination_has_exactly_one_answer_with_words_and_a_later_day"),
    Bug(6, "what is planned is taken for done", f"{Q}.facts:_waiting", "row.waiting_kind is None", "True",
        "tests/collection/test_sweep.py::test_no_step_is_planned_before_the_one_before_it_took_effect"),
    Bug(7, "waits count from the due day", f"{R}.steps:takes_place_from", "progress.reached_on if progress.reached else ", "",
        I + "test_i07_the_next_step_waits_its_days_from_the_day_the_last_one_took_effect"),
    Bug(8, "an older step brings the level down", f"{C}.cases:mark_effective", "if action.position <= case.reached:", "if False:",
        I + "test_i08_each_level_is_one_event_and_an_older_step_never_brings_it_down"),
    Bug(9, "due today is overdue", f"{Q}.newly_late:newly_late", "with connection.cursor() as cursor:", "on += date.resolution\n    with connection.cursor() as cursor:",
        "tests/collection/test_sweep.py::test_on_the_due_day_nobody_is_late"),
    Bug(10, "a special case does not stand in the way", f"{R}.decide:_gate", '{"special_case", "special_case_reminder"}', "set()",
        "tests/collection/test_decide.py::test_the_reason_why_not"),
    Bug(11, "overlapping holds are counted twice", "billing.rules.days:days_overdue", "start = max(start, reached)", "pass",
        "tests/arrears/test_ageing.py::test_days_overdue_equal_a_day_by_day_count"),
    Bug(12, "the day of release is still held", "billing.operations.special_cases:end_case", "max(today, case.starts_on)",
        "max(today, case.starts_on) + timedelta(days=1)",
        I + "test_i12_a_hold_released_the_same_day_changes_nothing_and_the_release_raises_one_step"),
    Bug(13, "a cent less keeps a promise", f"{R}.promises:verdict", ">= promise.amount", '>= promise.amount - Decimal("0.01")',
        "tests/collection/test_guards.py::test_a_promise_is_kept_or_broken"),
    Bug(14, "a plan need not add up to what it covers", "disputes.rules.plans:fault_of", "if agreed != total:", "if False:",
        "tests/disputes/test_plan_rules.py::test_a_schedule_is_agreed_to_the_cent_and_inside_the_policy"),
    Bug(15, "what was paid is reminded of", f"{R}.sendoff:GUARDS", "_paid,", "",
        "tests/collection/test_sendoff.py::test_what_must_not_leave_any_more"),
    Bug(16, "a letter keeps the old amount after a part payment", f"{C}.notices:_refresh", "a == still", "True",
        "tests/collection/test_notices.py::test_part_paid_supersedes_with_a_new_number"),
    Bug(17, "a payment changes a letter that was served", f"{Q}.notices:UNSERVED", "(Notice.State.PROPOSED,",
        "(Notice.State.SERVED, Notice.State.PROPOSED,",
        "tests/collection/test_notices.py::test_a_payment_does_not_touch_what_was_served"),
    Bug(18, "credit is not taken off", "arrears.rules.position:net_of_credit", "formal = reminder = credit", "formal = reminder = ZERO",
        "tests/arrears/test_position_rules.py::test_credit_is_taken_off_the_oldest_bill_first"),
    Bug(19, "the minimum is asked of the gross amount", f"{R}.decide:amount_for", "facts.remindable if", "facts.pursuable if",
        I + "test_i19_the_minimum_is_asked_of_the_net_amount_and_is_enough_at_equality"),
    Bug(20, "a tier stays what it was at first", f"{C}.sweeps:_store_tiers", "one.stored_tier != one.tier", "False",
        I + "test_i20_the_stored_tier_is_that_of_todays_debts_after_every_event"),
    Bug(21, "a reversal opens a new cycle", f"{Q}.openings:reopening", "[case for case in found if case.pk not in met]", "[]",
        "tests/collection/test_case_cycles.py::test_a_payment_taken_back_early_in_the_morning_brings_the_case_back"),
    Bug(22, "every sweep adds a fee", f"{C}.days:plan_steps", "        sweep = run_sweep(on=on, at=at)",
        "        sweep = run_sweep(on=on, at=at)\n        from billing.models import Bill\n        from django.db.models import F\n"
        "        Bill.objects.filter(account__cases__state='open').update(amount=F('amount') + 1)",
        I + "test_i22_no_number_of_sweeps_or_letters_adds_a_cent_to_what_is_owed"),
    Bug(23, "a period that was posted is posted again", "billing.operations.charges:book_charges", "total.total - ledger.posted", "total.total",
        "tests/arrears/test_posted_charges.py::test_each_period_is_posted_once_and_a_missed_one_is_filled"),
    Bug(24, "the charge is charged on itself", "billing.rules.late_charge:late_charge", "max(principal, Decimal(0)))",
        "max(principal + accrued, Decimal(0)))", "tests/billing/rules/test_late_charge.py::test_golden_cases"),
    Bug(25, "a payment known late corrects nothing", "billing.operations.charges:book_charges", "if not amount:", "if amount <= 0:",
        "tests/arrears/test_posted_charges.py::test_a_late_known_payment_is_corrected_by_new_entries"),
    Bug(26, "what is left of a payment is lost", "billing.rules.allocation:allocate", "for bill_id, parts in paid.items()), left)",
        "for bill_id, parts in paid.items()), ZERO)", "tests/billing/rules/test_allocation.py::test_no_cent_is_lost_and_none_is_made"),
    Bug(27, "the charge is gone with the principal", "billing.rules.late_charge:late_charge", "claimed = max(",
        "claimed = ZERO if principal <= 0 else max(",
        "tests/arrears/test_posted_charges.py::test_the_charge_outlives_the_principal_and_credit_pays_it_later"),
    Bug(28, "what is published can be edited", f"{C}.strategies:_draft", "row is None or not row.is_draft", "row is None",
        "tests/collection/test_strategies.py::test_what_is_published_is_never_changed_and_no_level_of_it_removed"),
    Bug(29, "whoever holds a lost lease may settle", f"{C}.outbox:settle", "lease=lease, ", "",
        "tests/collection/test_outbox.py::test_a_lost_lease_may_neither_call_nor_settle"),
    Bug(30, "a day is not one transaction", f"{C}.days:plan_day", "@transaction.atomic\n", "",
        I + "test_i30_whatever_statement_a_day_dies_at_nothing_of_it_stays[20]"),
    Bug(31, "a case that cannot be decided passes in silence", f"{Q}.decisions:decide_all", "decided.faults += 1", "pass",
        "tests/collection/test_sweep.py::test_one_case_that_cannot_be_decided_is_reported_and_the_rest_goes_on"),
    Bug(32, "only the first page of changes is dealt with", f"{C}.days:plan_day", "while page := consume_changes", "if page := consume_changes",
        I + "test_i32_a_night_with_more_changes_than_one_page_holds_deals_with_all_of_them"),
    Bug(33, "the server's date is the business day", f"{Q}.facts:business_day", "at.astimezone(ZoneInfo(current_office().time_zone)).date()",
        "at.date()", I + "test_i33_the_business_day_is_the_date_on_the_offices_own_clock"),
    Bug(34, "make-up days are weekends", "offices.rules.days:WorkingCalendar.is_working",
        "day.weekday() < SATURDAY if recorded is None else recorded.is_working",
        "day.weekday() < SATURDAY and (recorded is None or recorded.is_working)",
        "tests/offices/test_working_days.py::test_the_state_councils_notices"),
    Bug(35, "four contacts in a week", f"{R}.guards:cap_lifts_on", "len(recent) < cap", "len(recent) <= cap",
        "tests/collection/test_guards.py::test_three_contacts_in_any_seven_days"),
    Bug(36, "a bounce counts as sent", f"{C}.outbox:apply_receipt", "receipt.outcome is Outcome.ACCEPTED",
        "receipt.outcome in (Outcome.ACCEPTED, Outcome.REFUSED)",
        I + "test_i36_a_reminder_that_bounced_is_not_effective_and_blocks_the_next_step"),
    Bug(37, "each letter speaks of one debt", f"{Q}.notices:demanded_lines", "return lines", "return lines[:1]",
        I + "test_i37_several_debts_of_a_household_are_one_letter_on_which_each_stands_once"),
    Bug(38, "row-level security is not forced", SQL, "ALTER TABLE collection_case NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE collection_case FORCE ROW LEVEL SECURITY", "tests/architecture/test_catalog_gate.py::test_every_wall_stands"),
    Bug(39, "what is with the lawyers is collected again", f"{Q}.newly_late:_CANDIDATES", "('open', 'referred')", "('open')",
        I + "test_i39_after_the_decision_nothing_happens_by_itself"),
    Bug(40, "a demand that was delivered is not corrected", f"{Q}.corrections:found_wrong", "known_at__gt=", "known_at__lt=",
        I + "test_i40_a_cancelled_bill_keeps_its_letters_closes_the_case_and_brings_a_correction"),
    Bug(41, "a day lies in no band", "arrears.rules.ageing:bucket_of", "late <= 0", "late <= 1",
        "tests/arrears/test_ageing.py::test_every_late_day_lies_in_exactly_one_bucket"),
    Bug(42, "an earlier day may be run", f"{C}.sweeps:run_sweep", "on < last.on:", "False:",
        "tests/collection/test_sweep.py::test_an_earlier_day_is_refused"),
    Bug(43, "who is skipped is not counted", f"{C}.sweeps:run_sweep", "decided.skipped", "0",
        I + "test_i43_every_case_is_planned_or_skipped_with_exactly_one_reason"),
    Bug(44, "a decision is stored without how far the case had come", f"{R}.inputs:inputs_of", '_told(facts, without="steps")',
        '{name: each for name, each in _told(facts, without="steps").items() if name != "progress"}',
        "tests/collection/test_replay.py::test_every_decision_of_a_sweep_is_stored_with_its_inputs_and_can_be_made_again"),
    Bug(45, "a letter is approved on old data", f"{C}.notices:approve_notice", "_check_fresh(notice, on)", "pass",
        "tests/collection/test_gate.py::test_old_data_stops_letters_and_says_where_and_since_when"),
    Bug(46, "steps after a letter count from its service", f"{R}.steps:takes_place_from",
        "day = progress.letter_deadline_on + step.wait(tier)", "day = (progress.reached_on or progress.letter_deadline_on) + step.wait(tier)",
        I + "test_i46_steps_after_a_letter_count_from_the_deadline_that_is_printed_on_it"),
)  # fmt: skip
