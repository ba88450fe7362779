"""What the offices app can be asked."""

from __future__ import annotations

from django.db.models import QuerySet

from offices.models import ApiToken, Membership, OfficeSettings, SecurityEvent
from offices.scoping.context import current_office_id, current_settings


def office_settings() -> OfficeSettings:
    """The open office's settings; an office that never saved any has the defaults (not stored)."""
    return current_settings()


def people() -> QuerySet[Membership]:
    """Everybody of the open office, those in use first."""
    return (
        Membership.objects.filter(office_id=current_office_id())
        .select_related("user", "office")
        .order_by("-is_active", "role", "user__display_name", "pk")
    )


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
