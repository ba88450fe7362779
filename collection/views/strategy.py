"""催缴策略: the steps that every case goes through, in order, with waits, roles and approvals."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from collection.models import Step
from collection.queries.strategies import current_strategy, steps_of
from offices.permissions import Role, needs
from offices.queries import office_settings
from offices.scoping import office_today

_CHANNELS = {
    "sms": gettext_lazy("短信"),
    "email": gettext_lazy("邮件"),
    "call": gettext_lazy("电话"),
    "visit": gettext_lazy("上门"),
}


@require_GET
@needs("settings.read")
def strategy(request: HttpRequest) -> HttpResponse:
    """The strategy in force today, as a ladder; changing it is a later room."""
    found = current_strategy(office_today())
    steps = steps_of([found.pk]).get(found.pk, ()) if found else ()
    context = {"strategy": found, "steps": [_words(step) for step in steps], "rules": office_settings()}
    return render(request, "collection/strategy.html", context)


def _words(step: Step) -> dict[str, Any]:
    roles = dict(Role.choices)
    return {
        "step": step,
        "since": _since(step),
        "role": roles.get(step.role) or _("系统"),
        "approver": roles.get(step.approver, ""),
        "channels": [_CHANNELS.get(channel, channel) for channel in step.channels],
    }


def _since(step: Step) -> str:
    if step.counts_from_deadline:
        return _("在通知书期限届满之后")
    return _("在应缴日之后") if step.position == 1 else _("在上一步生效之后")
