"""Who may do what: one table, role → verbs; and the places each right leads to (decisions 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The six roles of decisions 5."""

    COLLECTOR = "collector", _("收缴员")
    SUPERVISOR = "supervisor", _("客服主管")
    FINANCE = "finance", _("财务")
    MANAGER = "manager", _("项目经理")
    LEGAL = "legal", _("法务")
    ADMIN = "admin", _("管理员")


_C, _S, _F, _M, _L, _A = Role.COLLECTOR, Role.SUPERVISOR, Role.FINANCE, Role.MANAGER, Role.LEGAL, Role.ADMIN

# verb → roles that hold it. A verb that is not here is held by nobody.
TABLE: dict[str, frozenset[Role]] = {
    "household.read": frozenset({_C, _S, _F, _M, _L}),
    "occupant.record": frozenset({_C, _S, _M}),
    "phone.reveal": frozenset({_C, _S, _M}),
    "today.read": frozenset({_C, _S, _M}),
    "contact.record": frozenset({_C, _S, _M}),
    "case.assign": frozenset({_S, _M}),
    "promise.read": frozenset({_C, _S, _M, _L}),
    "import.read": frozenset({_F, _S, _C, _M, _L}),
    "import.upload": frozenset({_F}),
    "import.reverse": frozenset({_M}),
    "import.signoff": frozenset({_S}),
    "bank.read": frozenset({_F, _C, _S, _M, _L}),
    "bank.match": frozenset({_F, _C, _S}),
    "bank.close": frozenset({_F}),
    "payment.read": frozenset({_C, _S, _F, _M, _L}),
    "payment.record": frozenset({_F}),
    "contract.read": frozenset({_C, _S, _F, _M, _L, _A}),
    "latecharge.set": frozenset({_M, _A}),
    "waiver.propose": frozenset({_C, _S, _F, _M}),
    "waiver.approve": frozenset({_S, _M}),
    "lpr.set": frozenset({_F, _M, _A}),
    "reduction.propose": frozenset({_F}),
    "reduction.approve": frozenset({_M}),
    "specialcase.read": frozenset({_C, _S, _F, _M, _L}),
    "specialcase.open": frozenset({_C, _S, _F, _M}),
    "specialcase.close": frozenset({_S, _F, _M}),
    "specialcase.approve": frozenset({_S, _M}),
    "dispute.read": frozenset({_C, _S, _F, _M, _L}),
    "dispute.raise": frozenset({_C, _S, _M}),
    "dispute.resolve": frozenset({_S, _M}),
    "plan.read": frozenset({_C, _S, _F, _M, _L}),
    "plan.propose": frozenset({_C, _S, _M}),
    "plan.approve": frozenset({_M}),
    "hardship.record": frozenset({_C, _S, _M}),
    "hardship.verify": frozenset({_S, _M}),
    "hardship.reveal": frozenset({_S, _M}),
    "arrears.read": frozenset({_C, _S, _F, _M, _L}),
    "notice.read": frozenset({_C, _S, _M, _L}),
    "notice.approve": frozenset({_S, _M}),
    "notice.approve_final": frozenset({_M}),
    "notice.serve": frozenset({_C, _S, _M}),
    "notice.print": frozenset({_C, _S, _M, _L}),
    "poster.read": frozenset({_C, _S, _M}),
    "poster.make": frozenset({_S, _M}),
    "poster.post": frozenset({_C, _S, _M}),
    "run.day": frozenset({_S, _M}),
    "run.roll_back": frozenset({_S, _M}),
    "ledger.read": frozenset({_C, _S, _F, _M, _L}),
    "ledger.export": frozenset({_S, _F, _M, _L}),
    "dashboard.read": frozenset({_S, _F, _M}),
    "script.read": frozenset({_C, _S, _M, _L, _A}),
    "script.write": frozenset({_M, _A}),
    "sent.read": frozenset({_S, _M, _A}),
    "strategy.edit": frozenset({_A}),
    "strategy.publish": frozenset({_A, _M}),
    "settings.read": frozenset({_A, _M}),
    "settings.write": frozenset({_A}),
    "people.manage": frozenset({_A}),
    "token.manage": frozenset({_A, _M, _F}),
}

# The first page of each role.
FIRST_PAGE: dict[Role, str] = {
    _C: "collection:today",
    _S: "collection:today",
    _F: "billing:bank",
    _M: "archive:dashboard",
    _L: "archive:ledger",
    _A: "offices:settings",
}


@dataclass(frozen=True, slots=True)
class NavItem:
    """A place in the left rail. `prefix` marks the views under which it counts as the current one."""

    label: Any
    icon: str
    view: str
    prefix: str
    verb: str


NAVIGATION: list[tuple[Any, list[NavItem]]] = [
    (
        _("工作"),
        [
            NavItem(_("今日"), "list-checks", "collection:today", "collection:today", "today.read"),
            NavItem(_("今日计划"), "calendar-check", "collection:plan", "collection:plan", "run.day"),
            NavItem(_("日程"), "calendar-days", "collection:calendar", "collection:calendar", "today.read"),
            NavItem(_("户档案"), "house", "archive:households", "archive:household", "household.read"),
            NavItem(_("欠费清单"), "receipt-text", "arrears:list", "arrears:list", "arrears.read"),
            NavItem(_("时效预警"), "hourglass", "arrears:limitation", "arrears:limitation", "arrears.read"),
            NavItem(_("通知书"), "file-text", "collection:notices", "collection:notice", "notice.read"),
            NavItem(_("公告栏"), "megaphone", "collection:posters", "collection:poster", "poster.read"),
            NavItem(
                _("特殊情况"), "circle-pause", "billing:special-cases-all", "billing:special-case", "specialcase.read"
            ),
            NavItem(_("争议"), "scale", "disputes:list", "disputes:", "dispute.read"),
            NavItem(_("分期"), "calendar-range", "disputes:plans", "disputes:plan", "plan.read"),
            NavItem(_("承诺"), "handshake", "collection:promises", "collection:promise", "promise.read"),
        ],
    ),
    (
        _("财务"),
        [
            NavItem(_("账单导入"), "upload", "billing:imports", "billing:import", "import.read"),
            NavItem(_("到账核对"), "landmark", "billing:bank", "billing:bank", "bank.read"),
        ],
    ),
    (
        _("管理"),
        [
            NavItem(_("看板"), "chart-column", "archive:dashboard", "archive:dashboard", "dashboard.read"),
            NavItem(_("归档与证据"), "archive", "archive:ledger", "archive:ledger", "ledger.read"),
            NavItem(_("设置"), "settings", "offices:settings", "offices:", "settings.read"),
        ],
    ),
]


def holds(role: str, verb: str) -> bool:
    """Whether a role holds a verb. An unknown verb is a programming error and raises KeyError."""
    return role in TABLE[verb]


def may(role: str) -> dict[str, bool]:
    """Every verb with dots as underscores → whether the role holds it; for templates."""
    return {verb.replace(".", "_"): role in roles for verb, roles in TABLE.items()}
