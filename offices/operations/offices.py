"""Opening an office, its people, its settings and its keys for programs."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from offices.models import ApiToken, Community, Membership, Office, OfficeSettings, SecurityEvent, User
from offices.operations import Refusal
from offices.permissions.table import Role
from offices.queries import office_settings
from offices.rules.demands import REASONABLE_DAYS
from offices.scoping.context import current_office_id, office_scope
from offices.scoping.tokens import PREFIX, fingerprint


class LastAdministrator(Refusal):
    """The office would be left without an administrator."""

    code = "last_administrator"


class SettingsRefused(Refusal):
    """A setting lies outside what the platform allows."""

    code = "settings_refused"


@transaction.atomic
def open_office(
    *, slug: str, name: str, short_name: str, is_active: bool = True, by: User | None, at: datetime
) -> Office:
    """A new tenant with its settings row. Not active: nobody can enter it yet, and the timetable passes it by."""
    office = Office.objects.create(slug=slug, name=name, short_name=short_name, is_active=is_active)
    with office_scope(office, by=by):
        OfficeSettings.objects.create(letterhead=name)
        note_security_event(kind="office_opened", subject=name, by=by, at=at)
    return office


@transaction.atomic
def set_office_active(*, office: Office, is_active: bool, by: User | None, at: datetime) -> None:
    """Let people and the timetable into an office, or keep them out; its rows stay as they are."""
    Office.objects.filter(pk=office.pk).update(is_active=is_active)
    with office_scope(office, by=by):
        kind = "office_activated" if is_active else "office_deactivated"
        note_security_event(kind=kind, subject=office.name, by=by, at=at)


@transaction.atomic
def add_community(*, name: str, province: str = "", city: str = "", address: str = "", by: User | None) -> Community:
    """A community (小区) of the open office; the same name again gives the same row."""
    community, _created = Community.objects.get_or_create(
        name=name,
        defaults={"province": province, "city": city, "address": address, "office_id": current_office_id()},
    )
    return community


@transaction.atomic
def set_member(*, user: User, role: Role | str, is_active: bool = True, by: User | None, at: datetime) -> Membership:
    """Give a user a role in the open office, change it, or take it away. An office keeps one administrator."""
    office_id = current_office_id()
    membership, created = Membership.objects.get_or_create(user=user, office_id=office_id, defaults={"role": role})
    losing_admin = membership.role == Role.ADMIN and not created and (role != Role.ADMIN or not is_active)
    others = Membership.objects.filter(office_id=office_id, role=Role.ADMIN, is_active=True).exclude(pk=membership.pk)
    if losing_admin and not others.exists():
        raise LastAdministrator(_("这是本办公室唯一的管理员。请先指定另一位管理员，再修改此人的角色。"))
    membership.role, membership.is_active = role, is_active
    membership.save()
    note_security_event(
        kind="role_set", subject=str(user), by=by, at=at, details={"role": str(role), "is_active": is_active}
    )
    return membership


@transaction.atomic
def save_settings(*, values: dict[str, Any], by: User | None, at: datetime) -> OfficeSettings:
    """Change the office's settings; contact hours stay inside the platform's [8:00, 21:00) (decisions 24).

    Letters that are approved keep the deadline they print, whatever is changed here. Raises `SettingsRefused`.
    """
    row = OfficeSettings.objects.select_for_update().first() or office_settings()
    for field, value in values.items():
        setattr(row, field, value)
    if not 8 <= row.contact_from.hour < 21 or (row.contact_until.hour, row.contact_until.minute) > (21, 0):
        raise SettingsRefused(_("联系时间须在 8:00 至 21:00 之间，请改小范围后再保存。"))
    if row.contact_from >= row.contact_until:
        raise SettingsRefused(_("最早联系时间须早于最晚联系时间。"))
    if row.moderate_after_days >= row.severe_after_days:
        raise SettingsRefused(_("「严重逾期」的天数须大于「中度逾期」的天数。"))
    if row.company_severe_after_days is not None and row.company_severe_after_days <= row.moderate_after_days:
        raise SettingsRefused(_("单位业主「严重逾期」的天数须大于「中度逾期」的天数。"))
    if not (row.severe_annual_periods and row.severe_quarterly_periods):
        raise SettingsRefused(_("「严重逾期」的年度数和季度数至少为 1。"))
    if not (row.plan_max_instalments and row.plan_max_months and row.plan_broken_after):
        raise SettingsRefused(_("分期的期数、月数和逾期期数至少为 1。"))
    if row.plan_min_down_percent > 90:
        raise SettingsRefused(_("分期的首付比例不能超过 90%。"))
    _check_time_to_pay(row)
    row.save()
    note_security_event(kind="settings_changed", by=by, at=at, details={"fields": sorted(values)})
    return row


def _check_time_to_pay(row: OfficeSettings) -> None:
    """No letter gives less than the reasonable time (S46, 民法典 944②), whatever the office would like."""
    given = {
        "formal": (_("催缴通知书"), row.formal_deadline_days),
        "final": (_("最后通知书"), row.final_deadline_days),
    }
    for kind, (letter, days) in given.items():
        if days < REASONABLE_DAYS[kind]:
            words = _("%(letter)s的缴费期限不能少于 %(least)s 天（民法典第九百四十四条的合理期限），请改长后再保存。")
            raise SettingsRefused(words % {"letter": letter, "least": REASONABLE_DAYS[kind]})


@transaction.atomic
def issue_token(*, user: User, label: str, by: User | None, at: datetime) -> tuple[ApiToken, str]:
    """A key for programs acting as `user`; the key itself is shown once and not kept."""
    secret = f"{PREFIX}{current_office_id()}_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(user=user, label=label, fingerprint=fingerprint(secret), created_at=at)
    note_security_event(kind="token_issued", subject=label, by=by, at=at)
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User | None, at: datetime) -> None:
    """Make a key useless from now on."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
        note_security_event(kind="token_revoked", subject=token.label, by=by, at=at)


def note_security_event(
    *, kind: str, by: User | None, at: datetime, subject: str = "", details: dict[str, Any] | None = None
) -> SecurityEvent:
    """Write down what a data-protection review will ask about; in the same transaction as the act itself."""
    return SecurityEvent.objects.create(kind=kind, subject=subject, by=by, at=at, details=details or {})
