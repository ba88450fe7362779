"""What tests of the import's pages share: a small file, its upload, the address of a step."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.billing.test_bad_input import workbook

GOOD = ["房号", "账期", "应收金额"]
ODD = ["房号", "账期", "本次结算"]


def file_of(*rows: list[Any], name: str = "账单.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, workbook(*rows))


def send_file(client: Any, *rows: list[Any], **more: Any) -> tuple[int, str]:
    """Upload; returns the batch and the address where one is led."""
    answer = client.post(reverse("billing:import-upload"), {"kind": "bills", "file": file_of(*rows)} | more)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return int(answer["Location"].split("/")[3]), answer["Location"]


def step_of(name: str, batch: int) -> str:
    return reverse(f"billing:import-{name}", args=[batch])
