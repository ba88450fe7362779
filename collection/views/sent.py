"""已发出: what left this house by message, and, where a local provider stands in, what arrived there."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from collection.models import Message
from collection.queries.messages import messages
from offices.permissions import needs

_TONES = {
    "delivered": "good",
    "bounced": "bad",
    "sent": "info",
    "pending": "plain",
    "sending": "info",
    "unknown": "warn",
    "failed": "bad",
    "void": "plain",
}


@require_GET
@needs("sent.read")
def sent(request: HttpRequest) -> HttpResponse:
    """The outbox by state, and the other side's view of it."""
    arrived = request.GET.get("side") == "arrived" and bool(settings.PROVIDER_URL)
    state = request.GET.get("state", "")
    page = Paginator(messages(state=state, text=request.GET.get("q", "").strip()), 50).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "tabs": _tabs(arrived),
        "side": "arrived" if arrived else "sent",
        "page": page,
        "rows": [{"message": message, "tone": _TONES.get(message.fate or message.state, "plain")} for message in page],
        "states": [*Message.State.choices, *Message.Fate.choices],
        "state": state,
        "has_provider": bool(settings.PROVIDER_URL),
    }
    if arrived:
        context["arrivals"], context["silent"] = _arrivals(request.membership.office_id)  # type: ignore[attr-defined]
    return render(request, "collection/sent.html", context)


def _tabs(arrived: bool) -> list[dict[str, Any]]:
    tabs = [{"label": _("本办公室发出的"), "href": "?", "current": not arrived}]
    if settings.PROVIDER_URL:
        tabs.append({"label": _("对方收到的"), "href": "?side=arrived", "current": arrived})
    return tabs


def _arrivals(office_id: int) -> tuple[list[dict[str, Any]], bool]:
    """What the provider holds of this office, newest first; the second value says it did not answer."""
    address = f"{settings.PROVIDER_URL.rstrip('/')}/arrived?{urlencode({'office': office_id, 'limit': 60})}"
    try:
        with urlopen(address, timeout=3) as answer:  # noqa: S310 - the operator's own address
            items = json.load(answer)
    except (URLError, TimeoutError, ValueError):
        return [], True
    for item in items:
        item["at"] = datetime.fromisoformat(item["at"])
    return items, False
