"""The five items of S4: each row of a bill file says of each whether it is certain, doubtful or missing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from billing.models import ContactPoint, ImportBatch, ImportRow
from billing.operations import commit_import, upload_file
from billing.queries import check_counts, doubtful_rows
from billing.rules.checks import ITEMS
from offices.models import Community
from tests.billing.conftest import UPLOADED
from tests.factories.workbooks import bills, register

pytestmark = pytest.mark.django_db
Q1 = ("2024-01-01", "2024-03-31", "2024-04-15")


@pytest.fixture
def judge(inside: SimpleNamespace) -> Any:
    """Upload bills of 1栋1单元 against a register of three rooms; one of them has no telephone."""

    def upload(kind: str, file: Any) -> ImportBatch:
        return upload_file(
            kind=kind, file=file, name=file.name, community=Community.objects.first(), by=inside.people["finance"], at=UPLOADED
        )  # fmt: skip

    known = [("0101", "林秀英", "13800000001"), ("0102", "王芳", "13800000002"), ("0103", "李强", "")]
    commit_import(batch=upload("register", register(known)), accept_good=True, by=inside.people["finance"], at=UPLOADED)
    return lambda *rows: upload("bills", bills(rows))


def checks_of(batch: ImportBatch) -> list[dict[str, str]]:
    return list(ImportRow.objects.filter(batch=batch).exclude(verdict="skipped").values_list("checks", flat=True))


ALL_OK = {item.name: "ok" for item in ITEMS}


@pytest.mark.parametrize(
    ("row", "differs"),
    [
        pytest.param(("0101", "林秀英", *Q1, "600.00"), {}, id="all-certain"),
        pytest.param(("0101", "", *Q1, "600.00"), {"name": "missing"}, id="no-name"),
        pytest.param(("0101", "张伟", *Q1, "600.00"), {"name": "doubt"}, id="another-name"),
        pytest.param(("101", "林秀英", *Q1, "600.00"), {"room": "doubt"}, id="a-zero-was-lost"),
        pytest.param(("0909", "林秀英", *Q1, "600.00"), {"room": "missing", "contact": "missing"}, id="no-such-room"),
        pytest.param(("0103", "李强", *Q1, "600.00"), {"contact": "missing"}, id="no-telephone"),
        pytest.param(("0101", "林秀英", "2024-01-01", "2024-03-31", "2023-12-01", "600.00"), {"period": "doubt"}, id="due-before-it-begins"),
        pytest.param(("0101", "林秀英", "2024-03-31", "2024-01-01", "2024-04-15", "600.00"), {"period": "doubt"}, id="backwards"),
        pytest.param(("0101", "林秀英", "春天", "", "2024-04-15", "600.00"), {"period": "missing"}, id="no-period"),
        pytest.param(("0101", "林秀英", *Q1, "-600.00"), {"amount": "doubt"}, id="negative"),
    ],
)  # fmt: skip
def test_each_item_has_a_status(judge: Any, row: tuple[str, ...], differs: dict[str, str]) -> None:
    assert checks_of(judge(row)) == [ALL_OK | differs]


def test_a_dead_number_is_worth_a_look(judge: Any) -> None:
    ContactPoint.objects.filter(tail="0001").update(state="dead")
    [row] = checks_of(judge(("0101", "林秀英", *Q1, "600.00")))
    assert row == ALL_OK | {"contact": "doubt"}


def test_the_counts_are_of_the_rows_that_were_taken(judge: Any) -> None:
    batch = judge(
        ("0101", "林秀英", *Q1, "600.00"), ("102", "王芳", *Q1, "600.00"), ("0103", "李娜", *Q1, "600.00"),
        ("0909", "赵敏", *Q1, "600.00"),
    )  # fmt: skip
    assert {count.name: (count.ok, count.doubt, count.missing) for count in check_counts(batch)} == {
        "name": (2, 1, 0), "room": (2, 1, 0), "period": (3, 0, 0), "amount": (3, 0, 0), "contact": (2, 0, 1),
    }  # fmt: skip
    assert [row.account.room.number for row in doubtful_rows(batch)] == ["0102", "0103"]
    assert [row.account.room.number for row in doubtful_rows(batch, "room")] == ["0102"]


def test_the_sample_of_2024_says_what_customer_service_has_to_look_at(billed: ImportBatch) -> None:
    counts = {count.name: count for count in check_counts(billed)}
    assert {count.ok + count.open for count in counts.values()} == {billed.totals["good"]}
    assert counts["contact"].missing > 0, "rooms not handed over have nobody to be reached"
    assert counts["amount"].open < 40
    assert doubtful_rows(billed).exists()
