"""What keeps a strategy from being published: each with where it stands and what to do (S25, S56, S89, 民法典 944②). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from arrears.rules.tier import LABELS, SLIGHT
from collection.rules import citations, places, reasons, wording
from collection.rules import steps as s
from collection.rules.steps import Step
from offices.rules.demands import REASONABLE_DAYS

PEOPLE = ("collector", "supervisor", "manager")
APPROVERS = {s.FORMAL: ("supervisor", "manager"), s.FINAL: ("manager",)}
LONGEST_WAIT = 366
REMINDERS = (places.FIRST, places.AGAIN)
TALKS = frozenset({s.CALL, s.FOLLOW_UP})

FAULTS: dict[str, str] = {
    "no_steps": "策略里还没有步骤。请先添加一步友好提醒。",
    "no_reminder": "第一步必须是面向各级逾期住户的友好提醒（先礼后兵）。请把提醒移到最前，或在前面添加一步提醒。",
    "out_of_order": "排在比它更严肃的步骤之后。顺序是提醒、电话、催缴通知书、到期回访、最后通知书、经理决定，请上移。",
    "final_without_formal": "前面没有面向同样住户的催缴通知书。%(law)s：“%(text)s”请先添加催缴通知书。",
    "final_before_deadline": "必须从催缴通知书载明的期限届满之后起算。%(law)s：“%(text)s”请改为从通知书期限起算。",
    "deadline_too_short": "只给业主 %(days)s 天缴费，不足 %(least)s 天。%(law)s：“%(text)s”请改为 %(least)s 天或更长。",
    "decision_missing": "最后一步必须是面向各级逾期住户的经理决定，否则案件停在半路无人处理。请在末尾添加经理决定。",
    "decision_twice": "经理决定只能有一步。请删去多余的一步。",
    "first_too_soon": "应缴日当天还不算逾期。请把等待改为 1 天或更长。",
    "wait_too_short": "与前一步至少相隔 1 天，不能同一天联系两次。请把等待改为 1 天或更长。",
    "wait_too_long": "等待超过 %(most)s 天，案件会被遗忘。请改短。",
    "urgent_longer": "中度和严重逾期的等待比一般等待还长。请改短，或留空。",
    "deadline_without_letter": "从通知书期限起算，但前面没有书面通知。请改为从上一步生效起算，或在前面添加催缴通知书。",
    "no_channel": "没有选择发送渠道。请至少选一个，按先后顺序尝试。",
    "unknown_channel": "渠道“%(channel)s”没有启用。请改选已启用的渠道。",
    "channel_not_for_messages": "由人办理或书面送达，不能选短信、邮件等渠道。请清空渠道。",
    "unknown_kind": "没有“%(kind)s”这种步骤。请从列表中选择。",
    "no_title": "没有名称。请填写步骤名称。",
    "unknown_tier": "没有“%(tier)s”这一级。请改选轻微、中度或严重。",
    "entry_not_formal": "只有催缴通知书可以作为直接进入的步骤。请去掉“直接进入”。",
    "entry_slight": "轻微逾期必须从友好提醒开始，不能直接进入。请去掉轻微逾期。",
    "entry_outside": "允许直接进入的等级不在本步适用的等级之内。请改为一致。",
    "nobody_does_it": "没有指定由谁办理。请选择收缴员、客服主管或项目经理。",
    "manager_decides": "只能由项目经理决定。请把办理人改为项目经理。",
    "formal_approver": "催缴通知书须由客服主管或项目经理批准。请选择批准人。",
    "final_approver": "最后通知书须由项目经理批准。请把批准人改为项目经理。",
    "approver_not_needed": "这种步骤不需要批准。请清空批准人。",
    "negative_minimum": "起点金额不能是负数。请改为 0 或更大。",
    "no_contact_allowed": "每周联系次数至少为 1。请改正，或留空按本企业的上限。",
    "unknown_template": "没有“%(template)s”这种提醒文字。请从列表中选择。",
    "unknown_script": "没有“%(script)s”这种话术。请从列表中选择。",
    "wording": "名称或说明中的%(finding)s。",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to put right: its code, the position of the step (0 = the whole strategy), and what fills the words."""

    code: str
    position: int = 0
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return FAULTS[self.code] % self.values


def faults(steps: Sequence[Step], *, channels: Collection[str], formal_days: int, final_days: int) -> tuple[Fault, ...]:
    """Everything that keeps these steps (in their order) from being put in force; empty = may be published.

    `channels`: those the office can send over. `formal_days`, `final_days`: the time to pay that letters print where
    their step names none.
    """
    if not steps:
        return (Fault("no_steps"),)
    office = {s.FORMAL: formal_days, s.FINAL: final_days}
    strange = [
        Fault("unknown_kind", step.position, {"kind": step.kind}) for step in steps if step.kind not in s.SEVERITY
    ]
    if strange:
        return tuple(strange)
    found = list(_as_a_whole(steps))
    for number, step in enumerate(steps):
        found += _letter(step, steps[:number], office)
        found += _waits(step, steps[:number])
        found += _who(step)
        found += _ways(step, channels)
        found += _words(step)
    return tuple(sorted(found, key=lambda fault: fault.position))


def _as_a_whole(steps: Sequence[Step]) -> Iterable[Fault]:
    """先礼后兵、循序渐进: friendly first, ever more serious, and somebody decides in the end (S25, S89)."""
    if steps[0].kind != s.REMINDER or steps[0].tiers:
        yield Fault("no_reminder")
    for before, step in pairwise(steps):
        if s.SEVERITY.index(step.kind) < s.SEVERITY.index(before.kind):
            yield Fault("out_of_order", step.position)
    if steps[-1].kind != s.DECISION or steps[-1].tiers:
        yield Fault("decision_missing")
    for step in [step for step in steps if step.kind == s.DECISION][1:]:
        yield Fault("decision_twice", step.position)


def _letter(step: Step, before: Sequence[Step], office: dict[str, int]) -> Iterable[Fault]:
    """A final notice follows a formal demand whose reasonable time has run out (S56, 民法典 944②)."""
    if step.kind not in s.LETTERS:
        return
    if step.kind == s.FINAL:
        demands = [each for each in before if each.kind == s.FORMAL]
        if not any(_covers(demand, step) for demand in demands):
            yield Fault("final_without_formal", step.position, _law())
        elif not step.counts_from_deadline or step.after_days < 1:
            yield Fault("final_before_deadline", step.position, _law())
    days, least = step.deadline_days or office[step.kind], REASONABLE_DAYS[step.kind]
    if days < least:
        yield Fault("deadline_too_short", step.position, {"days": days, "least": least, **_law()})


def _waits(step: Step, before: Sequence[Step]) -> Iterable[Fault]:
    shortest = min(step.after_days, step.after_days if step.after_days_urgent is None else step.after_days_urgent)
    if shortest < 1:
        yield Fault("wait_too_short" if before else "first_too_soon", step.position)
    if step.after_days > LONGEST_WAIT:
        yield Fault("wait_too_long", step.position, {"most": LONGEST_WAIT})
    if step.after_days_urgent is not None and step.after_days_urgent > step.after_days:
        yield Fault("urgent_longer", step.position)
    if step.counts_from_deadline and not any(each.kind in s.LETTERS and _covers(each, step) for each in before):
        yield Fault("deadline_without_letter", step.position)


def _who(step: Step) -> Iterable[Fault]:
    """Whose cases, who does it, who approves it (decisions 1, 5)."""
    for tier in {*step.tiers, *step.entry_tiers} - set(LABELS):
        yield Fault("unknown_tier", step.position, {"tier": tier})
    if step.entry_tiers and step.kind != s.FORMAL:
        yield Fault("entry_not_formal", step.position)
    elif SLIGHT in step.entry_tiers:
        yield Fault("entry_slight", step.position)
    elif step.tiers and not set(step.entry_tiers) <= set(step.tiers):
        yield Fault("entry_outside", step.position)
    if step.kind == s.DECISION and step.role != "manager":
        yield Fault("manager_decides", step.position)
    elif step.is_by_hand and step.role not in PEOPLE:
        yield Fault("nobody_does_it", step.position)
    allowed = APPROVERS.get(step.kind, ("",))
    if step.approver not in allowed:
        yield Fault(f"{step.kind}_approver" if step.kind in APPROVERS else "approver_not_needed", step.position)


def _ways(step: Step, channels: Collection[str]) -> Iterable[Fault]:
    if step.kind != s.REMINDER:
        if step.channels:
            yield Fault("channel_not_for_messages", step.position)
        return
    if not step.channels:
        yield Fault("no_channel", step.position)
    for channel in step.channels:
        if channel not in channels:
            yield Fault("unknown_channel", step.position, {"channel": channel})


def _words(step: Step) -> Iterable[Fault]:
    if not step.title.strip():
        yield Fault("no_title", step.position)
    if step.minimum < 0:
        yield Fault("negative_minimum", step.position)
    if step.weekly_cap is not None and step.weekly_cap < 1:
        yield Fault("no_contact_allowed", step.position)
    if step.template and (step.kind != s.REMINDER or step.template not in REMINDERS):
        yield Fault("unknown_template", step.position, {"template": step.template})
    if step.script and (step.kind not in TALKS or step.script not in reasons.LABELS):
        yield Fault("unknown_script", step.position, {"script": step.script})
    for finding in wording.check(f"{step.title}\n{step.task}", wording.FORMAL):
        yield Fault("wording", step.position, {"finding": str(finding)})


def _covers(earlier: Step, later: Step) -> bool:
    """Whether everybody who takes the later step has taken the earlier one."""
    return not earlier.tiers or (bool(later.tiers) and set(later.tiers) <= set(earlier.tiers))


def _law() -> dict[str, str]:
    article = next(each for each in citations.LIBRARY if each.key == "civil-944-2")
    return {"law": article.title, "text": article.text}
