"""Rows of a list of service contracts: type, parties, term, rate and the three clauses (L4, 民法典 937–939, 948)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from billing.rules.cells import Cell, as_json, as_written, is_blank, text_of
from billing.rules.columns import Column, Header, Merge
from billing.rules.dates import NotADate, read_date
from billing.rules.periods import read_period
from billing.rules.rooms import RoomKey
from billing.rules.rows.reasons import Reason, error, warning
from billing.rules.rows.table import Body, body_of
from billing.rules.terms import UnclearTerm, read_agreed, read_arbitration, read_day_rate, read_rate

_OPEN_END = re.compile(r"长期|不定期|无固定期限|无期限|至今|-+|/|另行选聘.*|业主大会.*成立.*|业委会.*成立.*")
_DEVELOPER = re.compile(r"建设单位|开发商|开发公司|房地产|置业|地产")
_OWNERS = re.compile(r"业委会|业主委员会|业主大会|全体业主")


@dataclass(slots=True)
class ContractRow:
    """One contract of a community. `ends_on` None: indefinite. `late_charge_per_day` is a fraction of the principal.

    A value that is None or empty is not in the file and leaves what is known untouched.
    """

    row_no: int
    sort: str
    cells: tuple[Cell, ...]
    community: str = ""
    kind: str = ""
    party: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    unit_rate: Decimal | None = None
    late_charge_per_day: Decimal | None = None
    late_charge_clause: str = ""
    has_address_clause: bool | None = None
    has_arbitration_clause: bool | None = None
    reasons: list[Reason] = field(default_factory=list)
    room: RoomKey | None = None
    names: tuple[str, ...] = ()

    def document(self) -> str:
        """What the row means, for storing with it; money as text."""
        return as_json(
            {
                "kind": self.kind,
                "party": self.party,
                "starts_on": self.starts_on.isoformat() if self.starts_on else None,
                "ends_on": self.ends_on.isoformat() if self.ends_on else None,
                "unit_rate": None if self.unit_rate is None else str(self.unit_rate),
                "late_charge_per_day": None if self.late_charge_per_day is None else str(self.late_charge_per_day),
                "late_charge_clause": self.late_charge_clause,
                "has_address_clause": self.has_address_clause,
                "has_arbitration_clause": self.has_arbitration_clause,
            }
        )


def read_contracts(
    rows: Sequence[Sequence[Cell]], header: Header, merges: Sequence[Merge] = ()
) -> Iterator[ContractRow]:
    """Every row under the header."""
    for body in body_of(rows, header, merges):
        row = ContractRow(body.row_no, body.sort, body.cells)
        if body.sort == "data":
            columns = header.by_field
            row.community = text_of(body.at(columns.get("community")))[:60]
            row.party = as_written(body.at(columns.get("party")))[:100]
            _kind(row, body, columns)
            _term(row, body, columns)
            _late_charge(row, body, columns)
            _clauses(row, body, columns)
        yield row


def kind_of_contract(kind: str, party: str) -> str:
    """`preliminary` with the developer (民法典 939), `regular` with the owners; "" when neither text says which."""
    if "前期" in kind:
        return "preliminary"
    if kind and re.search(r"物业服务合同|正式|普通|业委会|业主|选聘|续", kind):
        return "regular"
    if _OWNERS.search(party):
        return "regular"
    return "preliminary" if _DEVELOPER.search(party) else ""


def _kind(row: ContractRow, body: Body, columns: dict[str, Column]) -> None:
    row.kind = kind_of_contract(text_of(body.at(columns.get("contract_kind"))), row.party)
    if not row.kind:
        words = "看不出是前期物业服务合同还是物业服务合同，请在「合同类型」写明。"
        row.reasons.append(error(columns.get("contract_kind") or columns.get("party"), "contract_kind_missing", words))


def _term(row: ContractRow, body: Body, columns: dict[str, Column]) -> None:
    term = columns.get("term")
    if term is not None and not is_blank(body.at(term)) and is_blank(body.at(columns.get("starts_on"))):
        _whole_term(row, body, term)
    else:
        row.starts_on = _day(row, body, columns.get("starts_on"))
        row.ends_on = _day(row, body, columns.get("ends_on"))
    if row.starts_on is None and not row.reasons:
        column = columns.get("starts_on") or term
        row.reasons.append(error(column, "start_missing", "合同起始日为空，请填写。"))
    if row.starts_on and row.ends_on and row.ends_on < row.starts_on:
        words = f"终止日 {row.ends_on} 早于起始日 {row.starts_on}，请核对。"
        row.reasons.append(error(columns.get("ends_on") or term, "term_backwards", words))


def _whole_term(row: ContractRow, body: Body, column: Column) -> None:
    """Both ends in one cell, the end inclusive: a contract to 2025-01-01 covers that day."""
    text = text_of(body.at(column))
    for between in re.finditer(r"\s*(?:至|到|~|—+|-)\s*", text):
        first, last = text[: between.start()], text[between.end() :]
        try:
            row.starts_on = read_date(first)
            row.ends_on = None if _OPEN_END.fullmatch(last) else read_date(last)
        except NotADate:
            continue
        return
    try:
        period = read_period(text)
    except NotADate:
        words = f"看不懂合同期限“{text[:30]}”，请写成 2024-01-01至2026-12-31。"
        row.reasons.append(error(column, "term_unreadable", words))
        return
    if period is not None:
        row.starts_on, row.ends_on = period.start, period.end


def _day(row: ContractRow, body: Body, column: Column | None) -> date | None:
    text = text_of(body.at(column))
    if _OPEN_END.fullmatch(text):
        return None
    try:
        return read_date(body.at(column))
    except NotADate:
        row.reasons.append(error(column, "date_unreadable", f"看不懂日期“{text[:20]}”，请写成 2024-01-01。"))
        return None


def _late_charge(row: ContractRow, body: Body, columns: dict[str, Column]) -> None:
    """The rate of its own column, else of the clause. A clause that cannot be read is kept as text, without a rate."""
    try:
        row.unit_rate = read_rate(body.at(columns.get("unit_rate")))
    except UnclearTerm as unclear:
        words = f"“{str(unclear)[:20]}”不是单价，请写成数字，例如 2.35。"
        row.reasons.append(error(columns.get("unit_rate"), "rate_unreadable", words))
    stated, clause = columns.get("late_charge_rate"), columns.get("late_charge_clause")
    row.late_charge_clause = as_written(body.at(clause))[:300]
    rate_text = as_written(body.at(stated))
    try:
        row.late_charge_per_day = read_day_rate(rate_text) or read_day_rate(row.late_charge_clause)
    except UnclearTerm as unclear:
        words = f"违约金“{str(unclear)[:30]}”读不出每日比例，日率未导入；请写成 0.05% 或 万分之五，没有约定的不要填。"
        row.reasons.append(warning(stated or clause, "late_charge_unclear", words))
    if not row.late_charge_clause and len(rate_text) > 8:
        row.late_charge_clause = rate_text[:300]


def _clauses(row: ContractRow, body: Body, columns: dict[str, Column]) -> None:
    def agreed(name: str, read: Callable[[Cell], bool]) -> bool | None:
        column = columns.get(name)
        if is_blank(body.at(column)):
            return None
        try:
            return read(body.at(column))
        except UnclearTerm as unclear:
            words = f"“{str(unclear)[:30]}”看不出是否有约定，按没有约定导入；请写「有」或「无」。"
            row.reasons.append(warning(column, "clause_unclear", words))
            return False

    row.has_address_clause = agreed("address_clause", read_agreed)
    row.has_arbitration_clause = agreed("arbitration_clause", read_arbitration)
