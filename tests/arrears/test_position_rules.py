"""One account as of a day: what is open, late, held, contested, and left to pursue."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

from arrears.rules.position import AccountFacts, BillFacts, Contest, Special, position_of
from arrears.rules.tier import TierPolicy
from billing.rules.days import Hold

ON = date(2024, 11, 1)
Q1 = BillFacts(1, date(2024, 1, 1), date(2024, 3, 31), date(2024, 3, 31), date(2024, 1, 1), D("600.00"))
Q2 = BillFacts(2, date(2024, 4, 1), date(2024, 6, 30), date(2024, 6, 30), date(2024, 4, 1), D("600.00"))
Q4 = BillFacts(4, date(2024, 10, 1), date(2024, 12, 31), date(2024, 12, 31), date(2024, 10, 1), D("600.00"))


def position(*bills, on=ON, **facts):
    return position_of(AccountFacts(7, bills, **facts), on, TierPolicy())[0]


def paid(bill, *entries):
    """The bill with payments, which are receipts of the account too."""
    return replace(bill, payments=entries)


def test_arrears_are_what_is_past_due_and_unpaid():
    found = position(Q1, Q2, Q4)
    assert (found.billed, found.open_amount, found.arrears, found.pursuable) == (D(1800), D(1800), D(1200), D(1200))
    assert (found.oldest_due_on, found.periods_owed, found.bucket, found.tier) == (Q1.due_on, 2, "d365", "severe")


def test_a_bill_due_today_is_not_in_arrears():
    assert position(Q1, on=Q1.due_on).arrears == 0
    assert position(Q1, on=date(2024, 4, 1)).arrears == D(600)


def test_payments_and_reductions_count_from_their_own_day():
    bill = replace(paid(Q1, (date(2024, 5, 1), D("200.00"))), reductions=((date(2024, 6, 1), D("100.00")),))
    receipts = ((date(2024, 5, 1), D("200.00")),)
    assert position(bill, on=date(2024, 4, 30), receipts=receipts).arrears == D(600)
    assert position(bill, on=date(2024, 5, 1), receipts=receipts).arrears == D(400)
    assert position(bill, on=date(2024, 6, 1), receipts=receipts).arrears == D(300)


def test_a_full_contest_holds_the_bill_and_its_clock_and_the_rest_goes_on():
    contested = replace(Q1, contests=(Contest(date(2024, 4, 11), None, D(600), is_full=True),))
    found = position(contested, Q2)
    assert (found.arrears, found.contested, found.pursuable, found.blockers) == (D(1200), D(600), D(600), ())
    assert found.days_overdue == (ON - Q2.due_on).days
    assert position(contested).days_overdue == 10
    assert position(contested).blockers == ("contested",)


def test_a_partial_contest_lowers_what_is_pursued_and_leaves_the_clock_running():
    found = position(replace(Q1, contests=(Contest(date(2024, 4, 11), None, D(250), is_full=False),)))
    assert (found.contested, found.pursuable, found.days_overdue) == (D(250), D(350), 215)


def test_two_partial_contests_never_take_more_than_is_open():
    contests = (Contest(ON, None, D(400), is_full=False), Contest(ON, None, D(400), is_full=False))
    found = position(replace(Q1, contests=contests))
    assert (found.contested, found.pursuable, found.blockers) == (D(600), D(0), ("contested",))


def test_a_contest_that_ended_holds_nothing_but_its_days_stay_uncounted():
    found = position(replace(Q1, contests=(Contest(date(2024, 4, 11), date(2024, 4, 21), D(600), is_full=True),)))
    assert (found.contested, found.pursuable, found.days_overdue) == (D(0), D(600), 205)


def test_a_special_case_holds_everything_beyond_the_reminder():
    found = position(Q1, specials=(Special("vacancy_discount", date(2024, 10, 1), None, blocks_reminder=False),))
    assert (found.special, found.pursuable, found.remindable) == (D(600), D(0), D(600))
    assert found.blockers == ("special_case",)


def test_a_special_case_may_stop_reminders_too():
    found = position(Q1, specials=(Special("pending_transfer", date(2024, 10, 1), None, blocks_reminder=True),))
    assert (found.remindable, found.blockers) == (D(0), ("special_case", "special_case_reminder"))


def test_credit_is_taken_off_the_oldest_bill_first():
    found, lines = position_of(AccountFacts(7, (Q1, Q2), receipts=((ON, D("700.00")),)), ON, TierPolicy())
    assert (found.credit, found.pursuable) == (D(700), D(500))
    assert [line.pursuable for line in lines] == [D(0), D(500)]


def test_credit_that_covers_everything_blocks():
    found = position(Q1, receipts=((ON, D("600.00")),))
    assert (found.pursuable, found.blockers) == (D(0), ("credit",))


def test_a_reduction_after_full_payment_becomes_credit_and_no_negative_bill():
    bill = replace(paid(Q1, (ON, D("600.00"))), reductions=((ON, D("100.00")),))
    found = position(bill, receipts=((ON, D("600.00")),))
    assert (found.open_amount, found.credit) == (D(0), D(100))


def test_an_unsigned_bill_is_owed_but_not_pursued():
    found = position(replace(Q1, is_reconciled=False), Q2)
    assert (found.arrears, found.unreconciled, found.pursuable) == (D(1200), D(600), D(600))
    assert found.blockers == ("unreconciled",)


def test_an_open_service_dispute_is_told_as_a_blocker_of_the_whole_account():
    assert position(Q1, services=(Hold(ON),)).blockers == ("service_dispute",)


def test_a_settled_account_has_no_tier_and_no_blockers():
    found = position(paid(Q1, (ON, D("600.00"))), receipts=((ON, D("600.00")),), services=(Hold(ON),))
    assert (found.is_settled, found.tier, found.bucket, found.blockers) == (True, "", "", ())
