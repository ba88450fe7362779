"""A household with unpaid bills and a case at a step, for tests of notices and their service."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from PIL import Image

from billing.models import Account, Allocation, Bill, FeeItem, Owner, Payment, Room
from billing.operations.accounts import stamp_account
from billing.rules.rooms import RoomKey
from collection.models import Action, Case, Notice, Step, Strategy
from collection.operations.notices import approve_notice, propose_notice
from collection.operations.rendering import render_due_notices
from collection.operations.service import serve_notice
from collection.operations.strategies import ensure_default_strategy
from offices.models import Community, OfficeSettings
from tests.conftest import at

SETTINGS = {
    "letterhead": "华庭物业服务有限公司",
    "notice_prefix": "华物催",
    "contact_person": "周敏",
    "contact_phone": "0512-6666 0000",
    "payee_name": "华庭物业服务有限公司",
    "payee_bank": "工商银行园区支行",
    "payee_account": "1102 0228 0900 1234 567",
}
OPENED = date(2026, 9, 1)


def photo(name: str = "door.jpg", size: tuple[int, int] = (64, 48)) -> BytesIO:
    """A photo as a phone would send it."""
    out = BytesIO()
    Image.new("RGB", size, "grey").save(out, "JPEG")
    out.seek(0)
    out.name = name
    return out


def settle_in(**changes: Any) -> OfficeSettings:
    """The office's letterhead, filled in."""
    return OfficeSettings.objects.create(**{**SETTINGS, **changes})


def household(number: str = "0502", name: str = "林秀英", bills: int = 2, amount: str = "600.00") -> Account:
    """One room with `bills` unpaid quarters of `amount` before 2026, signed off."""
    community, _ = Community.objects.get_or_create(name="华庭苑")
    item, _ = FeeItem.objects.get_or_create(name="物业服务费")
    room = Room.objects.create(
        community=community,
        building="3",
        unit="1",
        number=number,
        sort_key=RoomKey("3", "1", number).sort_key,
        area=Decimal("89.30"),
        address=f"华庭苑 3 幢 1 单元 {number} 室",
    )
    account = Account.objects.create(room=room, owner=Owner.objects.create(name=name))
    first_year = 2026 - (bills + 3) // 4
    for n in range(bills):
        start = date(first_year + n // 4, n % 4 * 3 + 1, 1)
        Bill.objects.create(
            account=account,
            fee_item=item,
            period_start=start,
            period_end=date(start.year, start.month + 2, 31 if start.month in (1, 10) else 30),
            due_on=start + timedelta(days=14),
            amount=Decimal(amount),
            is_reconciled=True,
            billed_on=start,
        )
    return account


def case_of(account: Account) -> Case:
    """The account's open case under the default strategy."""
    strategy: Strategy = ensure_default_strategy(by=None, at=at("2026-01-01"))
    case, _ = Case.objects.get_or_create(
        account=account,
        state=Case.State.OPEN,
        defaults={"strategy": strategy, "opened_on": OPENED, "next_action_on": OPENED, "tier": "slight"},
    )
    return case


def action_for(account: Account, kind: str, on: date) -> Action:
    """The planned letter step of the account's case."""
    case = case_of(account)
    step = Step.objects.get(strategy=case.strategy, kind=kind)
    return Action.objects.create(
        case=case,
        account=account,
        step=step,
        kind=kind,
        position=step.position,
        by_hand=True,
        planned_on=on,
        due_on=on,
        why="逾期未缴",
    )


def proposed(account: Account, kind: str = "formal", day: str = "2026-09-10") -> Notice:
    """A notice waiting for approval."""
    moment: datetime = at(day)
    notice = propose_notice(action=action_for(account, kind, moment.date()), on=moment.date(), at=moment)
    assert notice is not None
    return notice


def rendered(office: Any, account: Account, kind: str = "formal", day: str = "2026-09-10") -> Notice:
    """A notice approved and drawn, ready to be served."""
    notice = approve_notice(notice=proposed(account, kind, day), by=office.people["manager"], at=at(day))
    assert render_due_notices(at=at(day, 11)) == 1
    notice.refresh_from_db()
    return notice


def served(office: Any, account: Account, day: str = "2026-09-12") -> Notice:
    """A formal notice served by hand and signed; its printed deadline is 28 September 2026."""
    notice = rendered(office, account)
    serve_notice(
        notice=notice, method="hand_delivery", outcome="signed", served_at=at(day, 15), by=office.people["collector"],
        signer=account.owner.name, signer_relation="本人",
    )  # fmt: skip
    notice.refresh_from_db()
    return notice


def pay(account: Account, amounts: dict[Bill, str], day: str) -> Payment:
    """Money received on `day`, set against these bills; stamps the account as billing does."""
    whole = sum((Decimal(each) for each in amounts.values()), Decimal(0))
    payment = Payment.objects.create(
        account=account, kind=Payment.Kind.COUNTER, amount=whole, value_on=at(day).date(), recorded_at=at(day)
    )
    for bill, amount in amounts.items():
        Allocation.objects.create(payment=payment, bill=bill, amount=Decimal(amount), value_on=payment.value_on)
    stamp_account(account_id=account.pk)
    return payment
