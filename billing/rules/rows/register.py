"""Rows of an owner register: one room, its owners, and how to reach them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from billing.rules.cells import Cell, as_json, is_blank, text_of
from billing.rules.columns import Header, Merge
from billing.rules.dates import NotADate, read_date
from billing.rules.people import read_email, read_names, read_phones
from billing.rules.rooms import RoomKey
from billing.rules.rows.reasons import Reason, error, refuses, warning
from billing.rules.rows.table import Body, body_of, room_of
from offices.rules.money import NotMoney, parse_money

_RESIDENCE = (
    ("undelivered", ("未交付", "未收房", "未移交", "未售", "未销售", "开发商")),
    ("vacant", ("空置", "空关", "空闲", "未入住", "闲置")),
    ("rented", ("出租", "租")),
    ("self", ("自住", "已入住", "入住")),
)


@dataclass(slots=True)
class RegisterRow:
    """One room of the register."""

    row_no: int
    sort: str
    cells: tuple[Cell, ...]
    room: RoomKey | None = None
    community: str = ""
    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    wechat: str = ""
    email: str = ""
    area: Decimal | None = None
    residence: str = "unknown"
    handed_over_on: date | None = None
    took_over_on: date | None = None
    address: str = ""
    reasons: list[Reason] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether the row may not be taken."""
        return refuses(self.reasons)

    def document(self) -> str:
        """What the row means, for storing with it; money as text."""
        return as_json(
            {
                "phones": list(self.phones),
                "wechat": self.wechat,
                "email": self.email,
                "area": None if self.area is None else str(self.area),
                "residence": self.residence,
                "handed_over_on": self.handed_over_on.isoformat() if self.handed_over_on else None,
                "took_over_on": self.took_over_on.isoformat() if self.took_over_on else None,
                "address": self.address,
            }
        )


def read_register(
    rows: Sequence[Sequence[Cell]], header: Header, merges: Sequence[Merge] = ()
) -> Iterator[RegisterRow]:
    """Every row under the header."""
    for body in body_of(rows, header, merges):
        yield _read_row(body, header) if body.sort == "data" else RegisterRow(body.row_no, body.sort, body.cells)


def _read_row(body: Body, header: Header) -> RegisterRow:
    columns = header.by_field
    row = RegisterRow(body.row_no, "data", body.cells)
    row.room, reasons = room_of(body, header)
    row.reasons += reasons
    row.community = text_of(body.at(columns.get("community")))[:60]
    row.names = tuple(name[:60] for name in read_names(body.at(columns.get("owner"))))
    row.residence = residence_of(text_of(body.at(columns.get("residence"))))
    if not row.names and row.residence != "undelivered":
        row.reasons.append(error(columns.get("owner"), "owner_missing", "业主姓名为空，请填写。"))
    phones = read_phones(body.at(columns.get("phone")), body.at(columns.get("phone2")))
    row.phones = phones.good
    if phones.bad:
        words = f"“{phones.bad[0][:20]}”不是可用的电话号码，未导入。"
        row.reasons.append(warning(columns.get("phone"), "phone_unreadable", words))
    elif not phones.good:
        row.reasons.append(warning(columns.get("phone"), "phone_missing", "没有联系电话，提醒发不出去，请补充。"))
    row.wechat = text_of(body.at(columns.get("wechat")))[:100]
    row.email = read_email(body.at(columns.get("email")))
    if not row.email and not is_blank(body.at(columns.get("email"))):
        row.reasons.append(warning(columns.get("email"), "email_unreadable", "邮箱格式不对，未导入。"))
    row.address = text_of(body.at(columns.get("address")))[:200]
    _area(row, body, header)
    _handed_over(row, body, header)
    _took_over(row, body, header)
    return row


def residence_of(text: str) -> str:
    """自住 / 出租 / 空置 / 未交付 in the words of exports → the code; `unknown` when it says nothing."""
    return next((code for code, words in _RESIDENCE if any(word in text for word in words)), "unknown")


def _area(row: RegisterRow, body: Body, header: Header) -> None:
    column = header.by_field.get("area")
    try:
        cell = body.at(column)
        area = parse_money(
            text_of(cell).replace("㎡", "").replace("m2", "").replace("平方米", "") if cell is not None else None
        )
    except NotMoney:
        row.reasons.append(warning(column, "area_unreadable", "建筑面积不是数字，未导入。"))
        return
    row.area = area if area is not None and 0 < area < 100_000 else None


def _handed_over(row: RegisterRow, body: Body, header: Header) -> None:
    column = header.by_field.get("handed_over_on")
    try:
        row.handed_over_on = read_date(body.at(column))
    except NotADate:
        row.reasons.append(
            warning(column, "date_unreadable", f"看不懂交付日期“{text_of(body.at(column))[:20]}”，未导入。")
        )


def _took_over(row: RegisterRow, body: Body, header: Header) -> None:
    """The day a new owner began: it decides whose debt a period is, so an unreadable one refuses the row."""
    column = header.by_field.get("took_over_on")
    try:
        row.took_over_on = read_date(body.at(column))
    except NotADate:
        words = f"看不懂变更日期“{text_of(body.at(column))[:20]}”，请写成 2024-05-01。"
        row.reasons.append(error(column, "date_unreadable", words))
