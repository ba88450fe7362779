"""What the offices app can be asked."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from offices.models import ApiToken, Community, Membership, OfficeSettings, SecurityEvent, WorkingDay
from offices.permissions.table import Role
from offices.rules.days import KnownDay, WorkingCalendar, calendar
from offices.scoping.context import current_office_id, current_settings
from offices.scoping.rows import rows_of


def office_settings() -> OfficeSettings:
    """The open office's settings; an office that never saved any has the defaults (not stored)."""
    return current_settings()


def working_calendar() -> WorkingCalendar:
    """The open office's working days: the State Council's notices, and what the office has entered itself. One query."""
    return calendar(
        KnownDay(each.day, each.is_working, each.name, each.source, own=True) for each in rows_of(WorkingDay)
    )


def calendar_gap(on: date) -> str:
    """What to say aloud while the holidays of this or the coming year are not known; empty when they are."""
    year = working_calendar().missing_year(on)
    if year is None:
        return ""
    return _("%(year)s 年的放假安排还没有录入：系统暂按周一至周五上班推算，不知道节日和调休。") % {"year": year}


def people() -> QuerySet[Membership]:
    """Everybody of the open office, those in use first."""
    return (
        Membership.objects.filter(office_id=current_office_id())
        .select_related("user", "office")
        .order_by("-is_active", "role", "user__display_name", "pk")
    )


def missing_to_start() -> list[str]:
    """What an office that has just moved in still lacks before a letter can leave, in words; [] when all is there."""
    settings = office_settings()
    entries = (
        (settings.contact_person and settings.contact_phone, _("物业联系人和联系电话（印在每份文书上）")),
        (settings.payee_account or settings.address, _("收款账户或办公地址（业主凭此缴费）")),
        (Community.objects.exists(), _("小区（可手工添加，导入业主登记表时也会自动建立）")),
    )
    there = set(people().filter(is_active=True).values_list("role", flat=True))
    roles = [role for role in (Role.FINANCE, Role.SUPERVISOR, Role.COLLECTOR, Role.MANAGER) if role not in there]
    return [str(words) for present, words in entries if not present] + [
        _("%(role)s：还没有人担任，请在「人员与角色」中添加") % {"role": role.label} for role in roles
    ]


def tokens() -> QuerySet[ApiToken]:
    """The office's keys for programs, newest first."""
    return ApiToken.objects.select_related("user").order_by("revoked_at", "-created_at")


def security_events(limit: int = 50) -> list[SecurityEvent]:
    """The latest entries of the security log."""
    return list(SecurityEvent.objects.select_related("by").order_by("-at")[:limit])


def demo_people() -> list[Membership]:
    """Whom the sign-in page of a demo offers: read before any office is open."""
    return list(
        Membership.objects.filter(is_active=True, office__is_active=True, user__is_active=True)
        .select_related("user", "office")
        .order_by("office_id", "pk")
    )
