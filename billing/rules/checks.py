"""The five items that have to be right before an owner is addressed: name, room, period, amount, contact (S4). Pure."""

from __future__ import annotations

from dataclasses import dataclass

OK, DOUBT, MISSING = "ok", "doubt", "missing"


@dataclass(frozen=True, slots=True)
class Item:
    """One of the five. `missing`, `doubt`: codes of reasons that say the row does not give it, or not for certain."""

    name: str
    label: str
    missing: tuple[str, ...] = ()
    doubt: tuple[str, ...] = ()


ITEMS: tuple[Item, ...] = (
    Item("name", "业主姓名", ("account_missing",), ("owner_differs", "debtor_is_developer")),
    Item(
        "room",
        "房号",
        ("room_missing", "room_unknown", "room_unreadable", "room_is_date", "community_unknown"),
        ("room_zero_lost", "room_short"),
    ),
    Item(
        "period",
        "账期",
        ("period_missing", "period_unreadable"),
        ("period_backwards", "period_overlaps", "period_of_title", "prior_period_assumed", "row_repeated", "due_early"),
    ),
    Item(
        "amount",
        "金额",
        ("amount_missing", "amount_unreadable"),
        (
            "amount_negative",
            "received_negative",
            "row_conflict",
            "bill_differs",
            "paid_more",
            "difference_unexplained",
            "line_sum_differs",
        ),
    ),
    Item("contact", "联系方式"),
)
LABELS: dict[str, str] = {item.name: item.label for item in ITEMS}
