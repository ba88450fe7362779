"""What the disputes app prints: the agreement to pay in instalments (S55, S87)."""

from __future__ import annotations

from datetime import date
from typing import Any

from disputes.models import InstalmentPlan
from offices.letterhead import letter_pdf
from offices.models import Office, OfficeSettings
from offices.rules.money import format_yuan, in_words


def agreement_of(
    plan: InstalmentPlan, *, number: str, issued_on: date, office: Office, settings: OfficeSettings
) -> dict[str, Any]:
    """Everything the agreement prints, frozen when it is approved. `plan` comes with its bills and instalments."""
    account = plan.account
    head = settings.letterhead or office.name
    co_owners = [share.owner.name for share in account.co_owners.select_related("owner")]
    covered = sorted(plan.covered.all(), key=lambda line: (line.bill.due_on, line.bill_id))
    return {
        "title": "物业费分期缴纳协议",
        "number": number,
        "letterhead": head,
        "head_size": "m" if len(head) <= 16 else "s" if len(head) <= 22 else "xs",
        "office": office.name,
        "community": account.room.community.name,
        "room": str(account.room),
        "owner": "、".join([account.owner.name, *co_owners]),
        "issued": _day(issued_on),
        "bills": [
            {
                "item": line.bill.fee_item.name,
                "period": f"{line.bill.period_start:%Y-%m-%d} 至 {line.bill.period_end:%Y-%m-%d}",
                "due": f"{line.bill.due_on:%Y-%m-%d}",
                "amount": format_yuan(line.amount, symbol=False),
            }
            for line in covered
        ],
        "total": format_yuan(plan.total),
        "total_words": in_words(plan.total),
        "instalments": [
            {
                "name": "首付" if line.seq == 0 else f"第{line.seq}期",
                "due": _day(line.due_on),
                "amount": format_yuan(line.amount, symbol=False),
            }
            for line in plan.instalments.all()
        ],
        "grace_days": plan.grace_days,
        "broken_after": plan.broken_after,
        "payee": {"name": settings.payee_name, "bank": settings.payee_bank, "account": settings.payee_account}
        if settings.payee_account
        else None,
        "address": settings.address,
        "hours": settings.office_hours,
        "contact": settings.contact_person,
        "phone": settings.contact_phone,
    }


def agreement_pdf(version: str, frozen: dict[str, Any]) -> bytes:
    """The agreement as PDF; the same frozen facts give the same bytes."""
    return letter_pdf("agreement", version, frozen)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
