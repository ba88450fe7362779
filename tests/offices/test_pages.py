"""Signing in, first pages, people, settings and keys, as people meet them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from offices.models import ApiToken, Membership, OfficeSettings, User


@pytest.mark.parametrize(
    ("role", "view"),
    [
        ("collector", "collection:today"),
        ("supervisor", "collection:today"),
        ("finance", "billing:bank"),
        ("manager", "archive:dashboard"),
        ("legal", "archive:ledger"),
        ("admin", "offices:settings"),
    ],
)
def test_signing_in_leads_to_the_first_page_of_the_role(client: Any, office: Any, role: str, view: str) -> None:
    person = office.people[role]
    answer = client.post(reverse("offices:login"), {"username": person.username, "password": "demo-password-1"})
    assert answer.status_code == 302
    home = client.get(answer.url)
    assert home.url == reverse(view)
    assert client.get(home.url).status_code == 200


def test_a_wrong_password_keeps_the_name_and_says_what_to_do(client: Any, office: Any) -> None:
    answer = client.post(reverse("offices:login"), {"username": "huating-admin", "password": "nope"})
    assert answer.status_code == 422
    assert "登录名或密码不正确" in answer.text
    assert 'value="huating-admin"' in answer.text


def test_the_sign_in_page_offers_people_only_in_a_demo(client: Any, office: Any, settings: Any) -> None:
    assert "huating-admin" not in client.get(reverse("offices:login")).text
    settings.DEMO = True
    assert "huating-admin" in client.get(reverse("offices:login")).text


def test_a_person_of_no_office_is_told_so(client: Any, db: Any) -> None:
    client.force_login(
        User.objects.create_user("stranger", password="demo-password-1"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    assert client.get("/", follow=True).redirect_chain[-1][0] == reverse("offices:none")


def test_one_may_change_to_an_office_of_ones_own_only(sign_in: Any, office: Any, other_office: Any) -> None:
    admin = office.people["admin"]
    client = sign_in(admin)
    client.post(reverse("offices:switch"), {"office": other_office.id})
    assert "华庭物业" in client.get(reverse("offices:settings")).text
    Membership.objects.create(user=admin, office=other_office.row, role="admin")
    client.post(reverse("offices:switch"), {"office": other_office.id})
    assert "翠湖物业" in client.get(reverse("offices:settings")).text


def test_settings_are_saved_by_the_administrator_and_read_by_the_manager(sign_in: Any, office: Any) -> None:
    client = sign_in(office.people["admin"])
    page = client.get(reverse("offices:settings"))
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    values |= {"letterhead": "华庭物业服务有限公司", "contact_from": "09:30", "contact_until": "20:00"}
    assert client.post(reverse("offices:settings"), values).status_code == 302
    with office.open():
        assert OfficeSettings.objects.get().letterhead == "华庭物业服务有限公司"
    refused = client.post(reverse("offices:settings"), values | {"contact_from": "07:00"})
    assert refused.status_code == 422
    assert "8:00 至 21:00" in refused.text
    client = sign_in(office.people["manager"])
    assert client.get(reverse("offices:settings")).status_code == 200
    assert client.post(reverse("offices:settings"), values).status_code == 403


def test_a_new_person_can_sign_in_and_the_last_administrator_stays(client: Any, sign_in: Any, office: Any) -> None:
    admin = sign_in(office.people["admin"])
    person = {"display_name": "孙晓", "username": "sunxiao", "role": "collector", "password": "demo-password-9"}
    assert admin.post(reverse("offices:people"), person).status_code == 302
    again = admin.post(reverse("offices:people"), person)
    assert again.status_code == 422
    assert "已在本办公室" in again.text
    own = Membership.objects.get(user=office.people["admin"])
    kept = admin.post(reverse("offices:person", args=[own.pk]), {"role": "collector", "is_active": "on"})
    assert kept.status_code == 422
    assert "唯一的管理员" in kept.text
    client.logout()
    assert client.login(username="sunxiao", password="demo-password-9")


def test_people_of_another_office_are_not_found(sign_in: Any, office: Any, other_office: Any) -> None:
    stranger = Membership.objects.get(user=other_office.people["collector"])
    client = sign_in(office.people["admin"])
    assert client.get(reverse("offices:person", args=[stranger.pk])).status_code == 404


def test_a_key_is_shown_once_works_and_can_be_stopped(sign_in: Any, office: Any) -> None:
    client = sign_in(office.people["finance"])
    shown = client.post(reverse("offices:tokens"), {"label": "财务系统"})
    secret = shown.context["secret"]
    assert secret in shown.text
    assert secret not in client.get(reverse("offices:tokens")).text
    client.logout()
    bearer = {"headers": {"Authorization": f"Bearer {secret}"}}
    assert client.get("/api/v1/me/", **bearer).status_code == 200
    client = sign_in(office.people["finance"])
    with office.open():
        row = ApiToken.objects.get()
    client.post(reverse("offices:token-revoke", args=[row.pk]))
    client.logout()
    assert client.get("/api/v1/me/", **bearer).status_code in {401, 403}


def test_preferences_and_own_password(sign_in: Any, client: Any, office: Any) -> None:
    me = office.people["collector"]
    page = sign_in(me)
    page.post(reverse("offices:me"), {"form": "preferences", "display_name": "周敏"})
    me.refresh_from_db()
    assert (me.display_name, me.single_keys) == ("周敏", False)
    wrong = page.post(reverse("offices:me"), {"form": "password", "old": "nope", "new": "another-pass-7"})
    assert wrong.status_code == 422
    right = page.post(reverse("offices:me"), {"form": "password", "old": "demo-password-1", "new": "another-pass-7"})
    assert right.status_code == 302
    assert page.get(reverse("offices:me")).status_code == 200, "still signed in"


@pytest.mark.parametrize(
    "view", ["offices:settings", "offices:people", "offices:tokens", "collection:sent", "collection:strategy"]
)
def test_a_collector_has_no_business_in_the_settings(sign_in: Any, office: Any, view: str) -> None:
    answer = sign_in(office.people["collector"]).get(reverse(view))
    assert answer.status_code == 403
    assert "没有权限" in answer.text
