"""The sample files, walked through the operations as the demo does."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from billing.models import Account, ImportBatch, ImportRow
from billing.operations import commit_import, upload_file
from tests.conftest import at
from tests.factories.books import Books, quarter
from tests.factories.workbooks import workbook

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
REGISTER, BILLS, BANK = "1_业主登记表.xlsx", "2_账单导出_2024.xlsx", "3_银行流水.csv"
WIDE, PLAIN_CSV = "4_收缴台账_宽表_2023.xls", "5_欠费清单_gb18030.csv"
UPLOADED = at("2026-09-01")


@pytest.fixture(scope="session")
def expected() -> dict[str, Any]:
    """What each sample holds, to the cent."""
    return json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@pytest.fixture
def upload(inside: SimpleNamespace) -> Any:
    """Upload a sample as the finance clerk: `upload("bills", BILLS)`."""

    def send(kind: str, name: str, community: Any = None) -> ImportBatch:
        with (SAMPLES / name).open("rb") as file:
            return upload_file(
                kind=kind, file=file, name=name, community=community, by=inside.people["finance"], at=UPLOADED
            )

    return send


@pytest.fixture
def commit(inside: SimpleNamespace) -> Any:
    """Commit a batch, leaving refused rows out: `commit(batch)`."""

    def book(batch: ImportBatch, accept_good: bool = True) -> ImportBatch:
        return commit_import(batch=batch, accept_good=accept_good, by=inside.people["finance"], at=UPLOADED)

    return book


@pytest.fixture
def registered(upload: Any, commit: Any) -> ImportBatch:
    """The owner register of 华庭苑, committed."""
    return commit(upload("register", REGISTER))


@pytest.fixture
def billed(registered: ImportBatch, upload: Any, commit: Any) -> ImportBatch:
    """The register and the bills of 2024, committed without the eight bad rows."""
    return commit(upload("bills", BILLS))


@pytest.fixture
def send(registered: Any, inside: SimpleNamespace) -> Any:
    """Upload rows as a bill file: `send(GOOD, [...])`; more by name."""

    def upload(*rows: list[Any], **more: Any) -> ImportBatch:
        more.setdefault("name", "账单.xlsx")
        data = more.pop("data", None)
        file = workbook(rows, title="Sheet") if data is None else io.BytesIO(data)
        return upload_file(kind="bills", file=file, community=None, by=inside.people["finance"], at=UPLOADED, **more)

    return upload


@pytest.fixture
def book(inside: SimpleNamespace) -> Any:
    """Commit a batch, a minute later each time, as clocks do."""
    clock = [UPLOADED]

    def go(batch: ImportBatch, accept_good: bool = False) -> ImportBatch:
        clock[0] += timedelta(minutes=1)
        return commit_import(batch=batch, accept_good=accept_good, by=inside.people["finance"], at=clock[0])

    return go


def told(batch: ImportBatch, row_no: int) -> list[str]:
    """The codes of what a row of the file is told."""
    return [reason["code"] for reason in ImportRow.objects.get(batch=batch, row_no=row_no).reasons]


@pytest.fixture
def account(inside: SimpleNamespace) -> Account:
    """1-1-0001: the four quarters of 2024, 600 yuan each, unpaid."""
    books = Books()
    found = books.account("林秀英")
    for number in range(1, 5):
        books._bill(found, quarter(number))
    return found


@pytest.fixture
def registered_office(office: SimpleNamespace) -> SimpleNamespace:
    """华庭物业 with its register in the books."""
    with office.open(by=office.people["finance"]), (SAMPLES / REGISTER).open("rb") as file:
        batch = upload_file(kind="register", file=file, name=REGISTER, community=None, by=None, at=UPLOADED)
        commit_import(batch=batch, accept_good=True, by=office.people["finance"], at=UPLOADED)
    return office
