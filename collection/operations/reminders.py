"""Reminders put into the outbox, or turned into a task for a person when there is no way to send them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from arrears.queries.positions import Demand
from billing.models import ContactPoint
from collection.channels import available
from collection.models import Action, Message, OwnerPreference
from collection.queries.hours import openings, preferences
from collection.queries.reminders import UNUSABLE, addresses, bearers, letterhead
from collection.queries.scripts import Paper, paper_on
from collection.queries.unwritten import Point, Unwritten, Wish
from collection.rules import places, scripts, wording
from collection.rules.channels import CHANNELS
from offices.scoping.rows import insert_rows


@dataclass(frozen=True, slots=True)
class Reminder:
    """The step that a message belongs to: its action, and what its words are chosen by."""

    action_id: int
    case_id: int
    account_id: int
    position: int
    template: str
    tier: str


def queue_reminders(steps: Sequence[Unwritten], owed: Mapping[int, Demand], *, on: date, at: datetime) -> int:
    """One message per reminder, over the first channel of its step that the owner can be reached by.

    `owed`: what each account may be asked for. The text is frozen here; whether it may still leave is asked again right
    before it does. A reminder without a usable address becomes a call (decisions 3). Returns the number of messages.
    """
    if not steps:
        return 0
    signs, paper, allowed_from = letterhead(), paper_on(on), openings(at)
    messages, left = [], defaultdict(list)
    for step in steps:
        channel = next(iter(usable(step.channels, step.points, step.wish)), None)
        if channel is None:
            left[_("没有可用的手机号或邮箱，请电话或上门提醒，并补充联系方式。")].append(step.pk)
            continue
        reminder = Reminder(step.pk, step.case_id, step.account_id, step.position, step.template, step.tier)
        bearer = signs(step.community, step.room, owed.get(step.account_id), on)
        message, refused = compose(reminder, channel, step.points[channel], bearer, paper)
        if message is None:
            left[refused].append(step.pk)
            continue
        messages.append(message | {"not_before": allowed_from[channel], "queued_at": at})
    insert_rows(Message, messages)
    for why, actions in left.items():
        to_people(actions, why)
    return len(messages)


def usable(wanted: Sequence[str], points: Mapping[str, object], wish: OwnerPreference | Wish | None) -> list[str]:
    """The step's channels that are set up, reach the owner and are accepted; a preferred one first (S34)."""
    ready = available()
    found = [c for c in wanted if c in points and c in ready and (wish is None or c not in wish.refused)]
    return sorted(found, key=lambda c: wish is None or c != wish.preferred)


def compose(
    step: Reminder, channel: str, point: ContactPoint | Point, bearer: scripts.Bearer, paper: Paper
) -> tuple[dict[str, Any] | None, str]:
    """The columns of the message, or None and the reason why its words may not leave (S29).

    The rendered text is read again: what fills the gaps counts as well, and so do bans that came after the text.
    """
    use = step.template or (places.AGAIN if step.position > 1 else places.FIRST)
    text = scripts.choose(paper.texts, use=use, channel=CHANNELS[channel].texts, tier=step.tier, reason="")
    if text is None:
        return None, _("没有可用的提醒文字，请人工联系，并在「话术与模板」中补写。")
    subject, body = scripts.filled(text, bearer)
    found = wording.check(f"{subject}\n{body}", scripts.kind_of(text), bans=paper.bans)
    if found:
        return None, _("提醒文字未通过检查：%(finding)s。请人工联系。") % {"finding": found[0]}
    return {
        "action_id": step.action_id,
        "case_id": step.case_id,
        "account_id": step.account_id,
        "contact_point_id": point.pk,
        "channel": channel,
        "recipient": point.value,
        "subject": subject,
        "body": body,
        "amount": bearer.amount,
        "dedupe_key": f"{step.action_id}:{channel}",
    }, ""


def to_a_person(action: Action, why: str) -> None:
    """One planned reminder as a task."""
    to_people([action.pk], why)


def to_people(action_ids: Sequence[int], why: str) -> None:
    """Turn planned reminders into tasks: a recorded contact will make the step effective."""
    Action.objects.filter(pk__in=action_ids, state=Action.State.PLANNED).update(by_hand=True, why=why[:200])


def next_way(message: Message, *, on: date, at: datetime) -> bool:
    """After a refused message: the same reminder over the step's next channel, or as a call. True = queued again.

    Where the address itself was dead, the owner's next one on the same channel comes first.
    """
    action = Action.objects.select_related("step", "case").get(pk=message.action_id)
    sent = Message.objects.filter(action=action)
    tried = set(sent.exclude(contact_point__state__in=UNUSABLE).values_list("channel", flat=True))
    points = addresses([action.account_id]).get(action.account_id, {})
    wish = preferences([action.account_id]).get(action.account_id)
    channel = next((c for c in usable(action.step.channels, points, wish) if c not in tried), None)
    if channel is not None:
        about = bearers([action.account_id], on)[action.account_id]
        reminder = Reminder(
            action.pk, action.case_id, action.account_id, action.position, action.step.template, action.case.tier
        )
        again, _refused = compose(reminder, channel, points[channel], about, paper_on(on))
        if again is not None:
            if sent.filter(dedupe_key=again["dedupe_key"]).exists():
                again["dedupe_key"] += f":{points[channel].pk}"
            Message.objects.create(**again, not_before=openings(at)[channel], queued_at=at)
            return True
    to_people(
        [action.pk],
        _("提醒未能送达（%(error)s），请电话或上门提醒。") % {"error": message.last_error or message.channel},
    )
    return False
