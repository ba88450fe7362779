"""Rows of a historical contact log: who was spoken to when, how, and what came of it (S95–S97, before our time)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from billing.rules.cells import Cell, as_json, as_written, text_of
from billing.rules.columns import Header, Merge
from billing.rules.dates import NotADate, read_date
from billing.rules.people import read_names
from billing.rules.rooms import RoomKey
from billing.rules.rows.reasons import Reason, error, warning
from billing.rules.rows.table import Body, body_of, room_of

LONGEST_TEXT, LONGEST_RESULT = 1000, 200


@dataclass(slots=True)
class ContactRow:
    """One contact that somebody recorded before the office came to us."""

    row_no: int
    sort: str
    cells: tuple[Cell, ...]
    room: RoomKey | None = None
    community: str = ""
    names: tuple[str, ...] = ()
    on: date | None = None
    channel: str = ""
    person: str = ""
    text: str = ""
    result: str = ""
    reasons: list[Reason] = field(default_factory=list)

    def document(self) -> str:
        """What the row means, for storing with it; money as text."""
        return as_json(
            {
                "on": self.on.isoformat() if self.on else None,
                "channel": self.channel,
                "person": self.person,
                "text": self.text,
                "result": self.result,
            }
        )


def read_contacts(rows: Sequence[Sequence[Cell]], header: Header, merges: Sequence[Merge] = ()) -> Iterator[ContactRow]:
    """Every row under the header."""
    for body in body_of(rows, header, merges):
        row = ContactRow(body.row_no, body.sort, body.cells)
        if body.sort == "data":
            _read(row, body, header)
        yield row


def _read(row: ContactRow, body: Body, header: Header) -> None:
    columns = header.by_field
    row.room, reasons = room_of(body, header)
    row.reasons += reasons
    row.community = text_of(body.at(columns.get("community")))[:60]
    row.names = tuple(name[:60] for name in read_names(body.at(columns.get("owner"))))
    row.channel = text_of(body.at(columns.get("channel")))[:40]
    row.person = text_of(body.at(columns.get("person")))[:40]
    text, result = (as_written(body.at(columns.get(name))) for name in ("text", "result"))
    row.text, row.result = text[:LONGEST_TEXT], result[:LONGEST_RESULT]
    if not text and not result:
        column = columns.get("text") or columns.get("result")
        row.reasons.append(error(column, "text_missing", "没有沟通内容，也没有处理结果，请填写其中一项。"))
    if len(text) > LONGEST_TEXT or len(result) > LONGEST_RESULT:
        column = columns.get("text") if len(text) > LONGEST_TEXT else columns.get("result")
        row.reasons.append(warning(column, "text_cut", "内容太长，只保留前面的部分；原文仍在上传的文件里。"))
    column = columns.get("contact_on")
    try:
        row.on = read_date(body.at(column))
    except NotADate:
        words = f"看不懂沟通日期“{text_of(body.at(column))[:20]}”，请写成 2024-03-05。"
        row.reasons.append(error(column, "date_unreadable", words))
        return
    if row.on is None:
        row.reasons.append(error(column, "date_missing", "沟通日期为空，请填写。"))
