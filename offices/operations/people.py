"""People of an office: who joins, under which name, with which password, and what they prefer."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from offices.models import Membership, User
from offices.operations import Refusal
from offices.operations.offices import note_security_event, set_member
from offices.permissions.table import Role
from offices.scoping.context import current_office_id


class PersonRefused(Refusal):
    """A person cannot be added or changed this way."""

    code = "person_refused"


@transaction.atomic
def add_person(
    *, username: str, display_name: str, password: str, role: Role | str, by: User | None, at: datetime
) -> Membership:
    """A person of the open office. A name known from another office joins with the password they already have."""
    known = User.objects.filter(username=username).first()
    if known is not None:
        if Membership.objects.filter(user=known, office_id=current_office_id()).exists():
            raise PersonRefused(_("此登录名已在本办公室，请直接在名单中修改角色。"))
        raise PersonRefused(_("此登录名已被使用，请换一个，例如加上企业简称。"))
    user = User(username=username, display_name=display_name)
    _set_password(user, password)
    user.save()
    return set_member(user=user, role=role, by=by, at=at)


@transaction.atomic
def reset_password(*, membership: Membership, password: str, by: User | None, at: datetime) -> None:
    """A new password for somebody who works for this office only; others change theirs themselves."""
    if Membership.objects.filter(user=membership.user).exclude(office_id=current_office_id()).exists():
        raise PersonRefused(_("此人还在其他办公室任职，密码须由本人在「个人设置」中修改。"))
    _set_password(membership.user, password)
    membership.user.save(update_fields=["password"])
    note_security_event(kind="password_reset", subject=str(membership.user), by=by, at=at)


@transaction.atomic
def save_preferences(*, user: User, display_name: str, single_keys: bool) -> User:
    """How a person is called and whether single keys act."""
    user.display_name, user.single_keys = display_name, single_keys
    user.save(update_fields=["display_name", "single_keys"])
    return user


@transaction.atomic
def change_own_password(*, user: User, old: str, new: str, at: datetime) -> None:
    """A person changes the own password; the old one must be right."""
    if not user.check_password(old):
        raise PersonRefused(_("原密码不正确，请重新输入。"))
    _set_password(user, new)
    user.save(update_fields=["password"])
    note_security_event(kind="password_changed", subject=str(user), by=user, at=at)


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as no:
        raise PersonRefused(" ".join(no.messages)) from no
    user.set_password(password)
