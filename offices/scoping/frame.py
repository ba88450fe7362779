"""What every page knows: the office, the person's role and rights, the rail of addresses they may open."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from offices.permissions import NAVIGATION, may
from offices.scoping.clock import office_now


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor for `base.html`; empty for strangers."""
    membership = getattr(request, "membership", None)
    context: dict[str, Any] = {"membership": membership, "DEMO": settings.DEMO}
    if membership is None:
        return context
    rights = may(membership.role)
    match = request.resolver_match
    here = match.view_name if match else ""
    fitting = [item.prefix for _title, items in NAVIGATION for item in items if here.startswith(item.prefix)]
    nearest = max(fitting, key=len, default=None)
    groups = [
        (
            title,
            [
                {
                    "label": item.label,
                    "icon": item.icon,
                    "href": reverse(item.view),
                    "current": item.prefix == nearest,
                }
                for item in items
                if rights[item.verb.replace(".", "_")]
            ],
        )
        for title, items in NAVIGATION
    ]
    return {
        **context,
        "office": membership.office,
        "may": rights,
        "memberships": getattr(request, "memberships", [membership]),
        "navigation": [(title, items) for title, items in groups if items],
        "now": office_now(),
    }
