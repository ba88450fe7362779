"""T26: a stranger's file is refused in clear words or read within 10 s of CPU and 400 MB, and we go on as before."""

from __future__ import annotations

import resource
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from billing.models import ImportBatch
from billing.operations import run_waiting_imports
from billing.readers import LIMIT_BYTES, FileRefused, Workbook, read_in_child
from billing.readers.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from tests.faults.hostile import FILES, FORMULA, honest, mutated, sheet, xlsx

CPU_SECONDS, MEGABYTES = 10, 400


def own_peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def read(data: bytes) -> Workbook | FileRefused:
    """What the child says of the file, within the limits. Its memory is bounded by its address space, so by a limit of ours."""
    before, peak = resource.getrusage(resource.RUSAGE_CHILDREN), own_peak()
    try:
        said: Workbook | FileRefused = read_in_child(data)
    except FileRefused as refused:
        said = refused
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime <= CPU_SECONDS + 1
    assert own_peak() - peak < MEGABYTES, "the process that asked stays small"
    if isinstance(said, FileRefused):
        assert said.code
        assert any("\u4e00" <= letter <= "\u9fff" for letter in str(said)), "refused in Chinese"
        assert str(said).rstrip().endswith("。")
    else:
        for each in said.sheets:
            wide = max(map(len, each.rows), default=0)
            assert len(each.rows) <= MAX_ROWS
            assert wide <= MAX_COLUMNS
            assert len(each.rows) * wide <= MAX_CELLS
    return said


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_in_words_or_read_within_the_limits(name: str) -> None:
    build, codes = FILES[name]
    said = read(build())
    if codes:
        assert isinstance(said, FileRefused), "it must be refused"
        assert said.code in codes


def test_there_are_as_many_kinds_as_the_reference_asks_for() -> None:
    assert len(FILES) + 20 >= 80


def test_the_child_is_held_by_the_limits_that_we_promise() -> None:
    from billing.readers.limits import CPU_SECONDS as CPU
    from billing.readers.limits import MEMORY

    assert (CPU, MEMORY) == (CPU_SECONDS, MEGABYTES * 1024 * 1024)


def test_mutated_workbooks_never_get_further_than_the_child() -> None:
    for data in mutated(20):
        read(data)


def test_entities_are_not_expanded_and_other_files_are_not_read() -> None:
    for name in ("billion-laughs", "external-entity"):
        said = read(FILES[name][0]())
        if isinstance(said, Workbook):
            text = "".join(str(cell) for each in said.sheets for row in each.rows for cell in row)
            assert len(text) < 1_000
            with open("/etc/hostname") as file:
                assert file.read().strip() not in text


def test_of_a_formula_only_its_value_is_read() -> None:
    said = read(FILES["formulas"][0]())
    assert isinstance(said, Workbook)
    assert said.sheets[0].rows[1][0] == "1-101"
    assert FORMULA not in str(said)


def test_a_file_over_the_limit_is_refused_before_any_process_is_started(inside: SimpleNamespace) -> None:
    import io

    from billing.operations import upload_file
    from offices.operations import Refusal
    from tests.conftest import at

    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with pytest.raises(Refusal) as refused:
        upload_file(
            kind="bills", file=io.BytesIO(b"a" * (LIMIT_BYTES + 1)), name="x.csv", community=None, by=None,
            at=at("2026-09-01"),
        )  # fmt: skip
    assert refused.value.code == "file_too_large"
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime == before


@pytest.mark.parametrize("name", ["zip-bomb-of-spaces", "million-merged-cells", "path-traversal", "csv-of-one-line"])
def test_the_page_refuses_it_in_words_and_takes_the_next_file(
    office: SimpleNamespace, sign_in: Callable[[Any], Any], name: str
) -> None:
    """A small one at once; a large one is kept for the worker, which puts it aside with its reason."""
    client = sign_in(office.people["finance"])
    answer = client.post(
        reverse("billing:import-upload"),
        {"kind": "register", "file": SimpleUploadedFile("登记表.xlsx", FILES[name][0]())},
        follow=True,
    )
    run_waiting_imports(office_id=office.id, at=timezone.now())
    with office.open():
        kept = ImportBatch.objects.first()
        assert kept is None or kept.state == ImportBatch.State.DISCARDED
    if kept is not None:
        answer = client.get(reverse("billing:import", args=[kept.pk]), follow=True)
    assert answer.status_code in (200, 422)
    assert "。" in answer.content.decode()
    assert client.get(reverse("billing:imports")).status_code == 200


def test_an_honest_file_is_read(db: None) -> None:
    said = read(honest())
    assert isinstance(said, Workbook)
    assert len(said.sheets[0].rows) == 201
    assert isinstance(read(xlsx(sheet())), Workbook)
