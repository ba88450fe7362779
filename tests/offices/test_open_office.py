"""The first office on a new server: opened by command, entered by its administrator."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from offices.models import Membership, Office, User
from offices.operations.offices import add_community, save_settings
from tests.conftest import at

pytestmark = pytest.mark.django_db


def opened(monkeypatch: Any, *words: str, password: str = "moving-in-2026") -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    out = io.StringIO()
    call_command("open_office", *words, stdout=out)
    return out.getvalue()


def test_the_administrator_signs_in_and_finds_an_empty_office(client: Any, monkeypatch: Any) -> None:
    said = opened(monkeypatch, "huating", "华庭物业服务有限公司", "--short", "华庭物业", "--admin", "wang")
    assert "已开通「华庭物业服务有限公司」" in said
    client.post("/login/", {"username": "wang", "password": "moving-in-2026"})
    page = client.get("/", follow=True)
    assert page.status_code == 200
    assert "华庭物业" in page.content.decode()
    assert Membership.objects.get(user__username="wang").role == "admin"


def test_settings_name_what_is_missing_until_a_letter_could_leave(office: Any, sign_in: Any) -> None:
    admin = sign_in(office.people["admin"])
    page = admin.get("/settings/").content.decode()
    assert "开始催缴之前还需要" in page
    assert "收款账户或办公地址" in page
    assert "收缴员：还没有人担任" not in page
    with office.open():
        add_community(name="华庭苑", by=None)
        save_settings(
            values={"contact_person": "周敏", "contact_phone": "0512-5550 1200", "payee_account": "3205 0000"},
            by=office.people["admin"],
            at=at("2026-09-01"),
        )
    assert "开始催缴之前还需要" not in admin.get("/settings/").content.decode()


REFUSED = [
    ("a-slug-with-capitals", ("Huating", "甲", "--admin", "li"), "good-password-1", "小写字母"),
    ("a-taken-slug", ("taken", "乙", "--admin", "li"), "good-password-1", "已有办公室在用"),
    ("a-taken-login", ("new", "丙", "--admin", "wang"), "good-password-1", "登录名已被使用"),
    ("a-weak-password", ("new", "丁", "--admin", "li"), "123", "密码"),
]


@pytest.mark.parametrize(("words", "password", "why"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_a_refusal_leaves_nothing_behind(monkeypatch: Any, words: Any, password: str, why: str) -> None:
    opened(monkeypatch, "taken", "华庭物业服务有限公司", "--admin", "wang")
    with pytest.raises(CommandError, match=why):
        opened(monkeypatch, *words, password=password)
    assert Office.objects.count() == 1
    assert User.objects.count() == 1
