"""Rooms, bills and what happened to them, written into the open office as the earlier stages would have."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D

from arrears.rules.position import AccountFacts, BillFacts, Special
from billing.models import (
    Account,
    Adjustment,
    Allocation,
    Bill,
    ChargePayment,
    FeeItem,
    Owner,
    Payment,
    Room,
    SpecialCase,
)
from billing.rules.days import Hold
from disputes.models import CoveredBill, Dispute, DisputedBill, HardshipReview, InstalmentPlan
from offices.models import Community, StoredFile
from tests.conftest import at


class Books:
    """Writes facts into the office's tables, as the earlier stages would have."""

    def __init__(self, community: str = "华庭一期") -> None:
        self.community = Community.objects.create(name=community)
        self.item, _made = FeeItem.objects.get_or_create(name="物业费")
        self.rooms = 0

    def account(self, name: str = "张三", room: tuple[str, str, str] | None = None) -> Account:
        self.rooms += 1
        building, unit, number = room or ("1", "1", f"{self.rooms:04}")
        place = Room.objects.create(
            community=self.community,
            building=building,
            unit=unit,
            number=number,
            sort_key=f"{building:0>4}-{number:0>6}",
        )
        return Account.objects.create(room=place, owner=Owner.objects.create(name=name))

    def enter(self, facts: AccountFacts) -> AccountFacts:
        """The facts with their ids, once they are in the books."""
        account = self.account("华庭商贸有限公司" if facts.is_company else "张三")
        for days in facts.hardships:
            self._hardship(account, days)
        entered = tuple(self._bill(account, bill) for bill in facts.bills)
        allocated = [entry for bill in facts.bills for entry in bill.payments]
        for on, amount in facts.receipts[len(allocated) :]:
            self.pay(account, on, amount)
        for special in facts.specials:
            self.hold(account, special)
        services = tuple(Hold(c.starts_on, c.ends_before) for bill in facts.bills for c in bill.contests if c.is_full)
        for on, amount in facts.charges:
            self.settle_charge(account, on, amount)
        return replace(facts, account_id=account.pk, bills=entered, services=services)

    def settle_charge(self, account: Account, on: date, amount: D) -> None:
        """Late charge paid out of the account's first payment, for its first bill."""
        payment, bill = Payment.objects.filter(account=account).first(), Bill.objects.filter(account=account).first()
        nth = ChargePayment.objects.filter(account=account).count()
        ChargePayment.objects.create(payment=payment, bill=bill, account=account, nth=nth, amount=amount, value_on=on)

    def _bill(self, account: Account, facts: BillFacts) -> BillFacts:
        bill = Bill.objects.create(
            account=account, fee_item=self.item, period_start=facts.period_start, period_end=facts.period_end,
            due_on=facts.due_on, amount=facts.amount, is_reconciled=facts.is_reconciled, billed_on=facts.billed_on,
        )  # fmt: skip
        for on, amount in facts.reductions:
            Adjustment.objects.create(
                bill=bill,
                kind="waiver",
                state="approved",
                amount=amount,
                effective_on=on,
                reason="减免",
                proposed_at=at("2024-01-01"),
            )
        last = None
        for on, amount in facts.payments:
            last = self.pay(account, on, amount, bill=bill, reverses=last if amount < 0 else None)
        for contest in facts.contests:
            dispute = Dispute.objects.create(
                account=account, kind="service" if contest.is_full else "charge", owner_words="电梯常坏",
                raised_on=contest.starts_on, raised_at=at("2024-01-01"), resolved_on=contest.ends_before,
                state="open" if contest.ends_before is None else "closed",
            )  # fmt: skip
            DisputedBill.objects.create(dispute=dispute, bill=bill, amount=contest.amount, is_full=contest.is_full)
        for plan in facts.plans:
            self._cover(account, bill, plan)
        return BillFacts(
            bill.pk, facts.period_start, facts.period_end, facts.due_on, facts.billed_on, facts.amount,
            facts.is_reconciled, facts.reductions, facts.payments, facts.contests, facts.plans,
        )  # fmt: skip

    def _paper(self) -> StoredFile:
        return StoredFile.objects.create(
            kind="evidence", sha256="0" * 64, size=1, mime="image/jpeg", name="签字.jpg", stored_at=at("2024-01-01")
        )

    def _hardship(self, account: Account, days: Hold) -> None:
        HardshipReview.objects.create(
            account=account, state="ended", details="失业", evidence=self._paper(), asked_at=at("2024-01-01"),
            starts_on=days.starts_on, ends_before=days.ends_before or date(2099, 1, 1),
        )  # fmt: skip

    def _cover(self, account: Account, bill: Bill, days: Hold) -> None:
        paper = self._paper()
        plan = InstalmentPlan.objects.create(
            account=account, state="broken", total=bill.amount, reason="失业", willingness="written", grace_days=3,
            broken_after=1, proposed_at=at("2024-01-01"), signed_copy=paper, starts_on=days.starts_on,
            ends_before=days.ends_before,
        )  # fmt: skip
        CoveredBill.objects.create(plan=plan, bill=bill, amount=bill.amount)

    def pay(
        self, account: Account, on: date, amount: D, bill: Bill | None = None, reverses: Payment | None = None
    ) -> Payment:
        payment = Payment.objects.create(
            account=account, kind="bank" if reverses is None else "reversal", amount=amount, value_on=on,
            reverses=reverses, recorded_at=at("2024-01-01"),
        )  # fmt: skip
        if bill is not None:
            Allocation.objects.create(payment=payment, bill=bill, amount=amount, value_on=on)
        return payment

    def hold(self, account: Account, special: Special) -> SpecialCase:
        return SpecialCase.objects.create(
            account=account, kind=special.kind, starts_on=special.starts_on, ends_before=special.ends_before,
            blocks_reminder=special.blocks_reminder, note="核实中", opened_at=at("2024-01-01"),
        )  # fmt: skip


def quarter(number: int, **changes) -> BillFacts:
    """A bill of 600 yuan for one quarter of 2024, due on the quarter's last day."""
    start = date(2024, 3 * number - 2, 1)
    end = (start + timedelta(days=100)).replace(day=1) - timedelta(days=1)
    return BillFacts(0, start, end, end, start, D("600.00"), **changes)
