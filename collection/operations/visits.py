"""Visits keep the hours (S38): one outside them is written down with its reason, one at night is none."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from collection.queries.hours import visit_objection
from collection.rules.guards import PLATFORM_FROM, PLATFORM_UNTIL, is_night
from offices.scoping import current_office

OUTSIDE_HOURS, NIGHT = "VISIT_OUTSIDE_HOURS", "VISIT_AT_NIGHT"


def visit_fault(*, account_id: int, at: datetime, reason: str) -> tuple[str, str] | None:
    """Code and words why a visit at `at` is not recorded like this; None when it is. `reason`: what was written about it."""
    if is_night(at.astimezone(ZoneInfo(current_office().time_zone))):
        words = _("平台限定 %(start)s—%(end)s 之间上门；这个时间的上门不予登记，请另行安排。")
        return NIGHT, words % {"start": f"{PLATFORM_FROM:%H:%M}", "end": f"{PLATFORM_UNTIL:%H:%M}"}
    objection = visit_objection(account_id, at)
    if objection and not reason.strip():
        words = _("%(objection)s。确需此时上门的（例如业主约定），请在说明中写明原因。")
        return OUTSIDE_HOURS, words % {"objection": objection}
    return None
