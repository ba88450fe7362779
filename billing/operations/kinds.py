"""The kinds of file, one line each: how its rows are read, judged, summed, booked and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from billing.models import ImportBatch
from billing.operations import verdicts
from billing.operations.bills import book_bills, judge_bills, take_back_bills
from billing.operations.contracts import book_contracts, judge_contracts, take_back_contracts
from billing.operations.fee_items import book_fee_items, judge_fee_items, take_back_fee_items
from billing.operations.past_contacts import book_contacts, judge_contacts, take_back_contacts
from billing.operations.registers import book_register, judge_register, take_back_register
from billing.operations.statements import book_lines, match_statement, take_back_lines
from billing.operations.summaries import Summary, money_of, nothing_more, people_of
from billing.rules.cells import Cell
from billing.rules.columns import Header, Merge
from billing.rules.rows import (
    FileRow,
    read_bank,
    read_bills,
    read_contacts,
    read_contracts,
    read_fee_items,
    read_register,
)
from offices.models import User


class Reader(Protocol):
    """A pure reader of the rows under a header."""

    def __call__(
        self, rows: Sequence[Sequence[Cell]], header: Header, merges: Sequence[Merge] = ()
    ) -> Iterator[FileRow]:
        """Every row under the header."""


class Booking(Protocol):
    """Writes the good rows of a batch; says what was written."""

    def __call__(self, batch: ImportBatch, *, by: User | None, at: datetime) -> dict[str, Any]:
        """In the transaction of the commit; a row written meanwhile raises IntegrityError."""


class TakingBack(Protocol):
    """Removes what a batch wrote."""

    def __call__(self, batch: ImportBatch, *, by: User | None, at: datetime) -> None:
        """Raises IntegrityError while something depends on it."""


@dataclass(frozen=True, slots=True)
class KindOfFile:
    """What differs from one kind of file to the next."""

    read: Reader
    judge: Callable[[ImportBatch], None]  # sets the verdicts in the temporary table
    summarise: Summary
    book: Booking
    take_back: TakingBack
    follow_up: Callable[[ImportBatch], object] | None = None  # after the commit, in its transaction
    belongs_to_community: bool = True


KINDS: dict[str, KindOfFile] = {
    ImportBatch.Kind.REGISTER: KindOfFile(
        read=read_register,
        judge=judge_register,
        summarise=people_of,
        book=book_register,
        take_back=take_back_register,
    ),
    ImportBatch.Kind.BILLS: KindOfFile(
        read=read_bills,
        judge=judge_bills,
        summarise=money_of,
        book=book_bills,
        take_back=take_back_bills,
    ),
    ImportBatch.Kind.BANK: KindOfFile(
        read=read_bank,
        judge=verdicts.judge_bank,
        summarise=money_of,
        book=book_lines,
        take_back=take_back_lines,
        follow_up=lambda batch: match_statement(batch=batch, at=batch.committed_at or batch.uploaded_at),
        belongs_to_community=False,
    ),
    ImportBatch.Kind.FEE_ITEMS: KindOfFile(
        read=read_fee_items,
        judge=judge_fee_items,
        summarise=nothing_more,
        book=book_fee_items,
        take_back=take_back_fee_items,
        belongs_to_community=False,
    ),
    ImportBatch.Kind.CONTRACTS: KindOfFile(
        read=read_contracts,
        judge=judge_contracts,
        summarise=nothing_more,
        book=book_contracts,
        take_back=take_back_contracts,
    ),
    ImportBatch.Kind.CONTACTS: KindOfFile(
        read=read_contacts,
        judge=judge_contacts,
        summarise=nothing_more,
        book=book_contacts,
        take_back=take_back_contacts,
    ),
}
