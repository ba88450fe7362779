"""Why is this household acted on today, or why not: asked of any household, answered without writing (invariants 43, 44)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from arrears.queries import bill_lines, position
from arrears.rules.position import BLOCKERS
from arrears.rules.tier import LABELS
from billing.models import Account
from collection.models import Action, Case, Skip, Strategy, Sweep
from collection.queries.facts import case_facts
from collection.queries.openings import openings
from collection.queries.strategies import as_rule, steps_of
from collection.queries.wording import decision_words
from collection.rules import decide as d
from collection.rules.inputs import facts_of

NO_ARREARS, REFERRED, NOT_LOOKED_AT = "NO_ARREARS", "REFERRED", "NOT_LOOKED_AT"


@dataclass(frozen=True, slots=True)
class Why:
    """The answer for one household and day. `code`: a rule of `decide`, or one of this module when there was nothing to decide.

    `is_planned`: a step is taken. `is_dry_run`: decided just now on today's facts and not stored; otherwise what the run of
    `decided_on` stored. `next_on`: the day the household is looked at again; None when nothing is owed.
    """

    account_id: int
    on: date
    code: str
    words: str
    is_planned: bool = False
    is_dry_run: bool = False
    step: str = ""
    next_on: date | None = None
    decided_on: date | None = None
    strategy: str = ""
    facts: d.Facts | None = None

    @property
    def looked_at(self) -> list[tuple[str, str]]:
        """The facts of the decision that say something, as label and words."""
        return [] if self.facts is None else _in_words(self.facts)


def why(account: Account, on: date, *, today: date) -> Why:
    """Why the account is, or is not, acted on on `on` (`today` or earlier).

    A day that was decided answers from what was stored. Today otherwise is decided on the facts as they stand, for an open
    case whether due or not, and for a household about to get one; a past day without a decision says what held then.
    """
    stored = _stored(account, on, exactly=True)
    if stored is not None:
        return stored
    if on < today:
        return _stored(account, on, exactly=False) or Why(
            account.pk, on, NOT_LOOKED_AT, _("那一天没有对这一户作过决定：当时没有进行中的催缴。")
        )
    case = Case.objects.filter(account=account).exclude(state=Case.State.SETTLED).first()
    if case is not None and case.state == Case.State.REFERRED:
        return Why(account.pk, on, REFERRED, _("已提交法务，不再自动催缴。"))
    return _dry_run(case, on) if case is not None else _without_case(account, on)


def _stored(account: Account, on: date, *, exactly: bool) -> Why | None:
    """The newest decision of the day, or of the days before it; a run that was taken back decided nothing."""
    days = "" if exactly else "__lte"
    ask: dict[str, Any] = {"case__account": account, "inputs__isnull": False}
    steps = Action.objects.filter(**ask, **{f"planned_on{days}": on}).exclude(sweep__state=Sweep.State.UNDONE)
    skips = Skip.objects.filter(**ask, **{f"on{days}": on}).exclude(sweep__state=Sweep.State.UNDONE)
    action = steps.select_related("step", "case").order_by("pk").last()
    skip = skips.order_by("sweep_id", "pk").last()
    if action is not None and (skip is None or (action.sweep_id or 0) > skip.sweep_id):
        facts = _facts(action.inputs)
        return Why(
            account.pk, on, action.code, action.why, is_planned=exactly, step=action.step.title,
            next_on=action.case.next_action_on if exactly else None, decided_on=action.planned_on,
            strategy=_version(action.inputs["strategy"]), facts=facts,
        )  # fmt: skip
    if skip is None:
        return None
    return Why(
        account.pk, on, skip.code, skip.words, next_on=skip.look_again_on, decided_on=skip.on,
        strategy=_version(skip.inputs["strategy"]), facts=_facts(skip.inputs),
    )  # fmt: skip


def _dry_run(case: Case, on: date) -> Why:
    """What a run would decide now. A case that is not due yet is looked at on its own day, so no step is taken today."""
    facts = case_facts([case], on)[0].facts
    answer = d.decide(facts, on)
    is_due = case.looked_at_on <= on
    shared: dict[str, Any] = {
        "is_dry_run": True,
        "strategy": _version(case.strategy_id),
        "facts": facts,
        "next_on": answer.look_again_on if is_due else case.looked_at_on,
    }
    if isinstance(answer, d.Skip):
        return Why(case.account_id, on, answer.code, answer.words, **shared)
    words = (
        answer.why
        if is_due
        else _("%(why)s；排在 %(day)s 检视。")
        % {
            "why": decision_words(answer.why),
            "day": date_format(case.looked_at_on, "Y-m-d"),
        }
    )
    return Why(case.account_id, on, answer.code, words, is_planned=is_due, step=answer.step.title, **shared)


def _without_case(account: Account, on: date) -> Why:
    found = openings(on, [account.pk])
    for case in (*found.again, *found.fresh):
        case.next_action_on = on
        return _dry_run(case, on)
    coming = [line.due_on for line in bill_lines([account.pk], on, only_open=True) if line.due_on >= on]
    if position(account.pk, on).arrears > 0:
        words = _("欠费不超过本办公室设定的尾差，不催缴。") if found.without == 0 else d.WORDS[d.NO_STRATEGY]
    elif coming:
        words = _("没有逾期欠费；最近一笔 %(day)s 到期，次日起才算逾期。") % {"day": date_format(min(coming), "Y-m-d")}
    else:
        words = _("没有未缴账单，无需联系。")
    return Why(account.pk, on, NO_ARREARS, words, next_on=min(coming) + timedelta(days=1) if coming else None)


def _facts(inputs: dict[str, Any]) -> d.Facts:
    return facts_of(inputs, [as_rule(step) for step in steps_of([inputs["strategy"]]).get(inputs["strategy"], ())])


def _version(strategy_id: int) -> str:
    found = Strategy.objects.filter(pk=strategy_id).first()
    return f"{found.name} v{found.version}" if found else ""


def _in_words(facts: d.Facts) -> list[tuple[str, str]]:
    progress = facts.progress
    reached = next((step.title for step in facts.steps if step.position == progress.reached), _("尚未开始"))
    days = {
        _("最早到期日"): progress.oldest_due_on,
        _("上一步生效日"): progress.reached_on,
        _("通知书截止日"): progress.letter_deadline_on,
        _("承诺期至"): facts.promise_until,
        _("约定再联系"): facts.postponed_to,
        _("暂缓至"): facts.hold_ends_on,
        _("最近导入账务"): facts.data_on if facts.fresh_on else None,
    }
    return [
        (_("已进行到"), reached),
        (_("层级"), _(LABELS.get(facts.tier, "—"))),
        (_("提醒可提金额"), _("%s 元") % facts.remindable),
        (_("可催缴"), _("%s 元") % facts.pursuable),
        *((label, date_format(day, "Y-m-d")) for label, day in days.items() if day is not None),
        *((_("暂缓原因"), _(BLOCKERS[code])) for code in facts.blockers),
        *([(_("待办"), facts.waiting.title)] if facts.waiting else []),
        (_("近七日已联系"), _("%(n)s 次，上限 %(cap)s 次") % {"n": len(facts.contacts), "cap": facts.weekly_cap}),
    ]
