"""Reminders put into the outbox, or turned into a task for a person when there is no way to send them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from billing.models import ContactPoint
from collection.channels import available
from collection.models import Action, Message, OwnerPreference
from collection.queries.hours import openings, preferences
from collection.queries.reminders import addresses, bearers
from collection.queries.scripts import Paper, paper_for
from collection.rules import places, scripts, wording
from collection.rules.channels import CHANNELS


def queue_reminders(actions: Sequence[Action], *, on: date, at: datetime) -> int:
    """One message per reminder, over the first channel of its step that the owner can be reached by.

    The text is frozen here; whether it may still leave is asked again right before it does. A reminder
    without a usable address becomes a call (decisions 3). Returns the number of messages.
    """
    if not actions:
        return 0
    accounts = [action.account_id for action in actions]
    reach, about, paper = addresses(accounts), bearers(accounts, on), paper_for(actions, on)
    wishes, allowed_from = preferences(accounts), openings(at)
    messages = []
    for action in actions:
        points = reach.get(action.account_id, {})
        channel = next(iter(usable(action.step.channels, points, wishes.get(action.account_id))), None)
        if channel is None:
            to_a_person(action, _("没有可用的手机号或邮箱，请电话或上门提醒，并补充联系方式。"))
            continue
        message, refused = compose(action, channel, points[channel], about[action.account_id], paper)
        if message is None:
            to_a_person(action, refused)
            continue
        message.not_before, message.queued_at = allowed_from[channel], at
        messages.append(message)
    Message.objects.bulk_create(messages, batch_size=500)
    return len(messages)


def usable(wanted: Sequence[str], points: Mapping[str, ContactPoint], wish: OwnerPreference | None) -> list[str]:
    """The step's channels that are set up, reach the owner and are accepted; a preferred one first (S34)."""
    found = [c for c in wanted if c in points and c in available() and (wish is None or c not in wish.refused)]
    return sorted(found, key=lambda c: wish is None or c != wish.preferred)


def compose(
    action: Action, channel: str, point: ContactPoint, bearer: scripts.Bearer, paper: Paper
) -> tuple[Message | None, str]:
    """The message, or None and the reason why its words may not leave (S29).

    The rendered text is read again: what fills the gaps counts as well, and so do bans that came after the text.
    """
    use = action.step.template or (places.AGAIN if action.position > 1 else places.FIRST)
    text = scripts.choose(
        paper.texts, use=use, channel=CHANNELS[channel].texts, tier=paper.tiers.get(action.case_id, ""), reason=""
    )
    if text is None:
        return None, _("没有可用的提醒文字，请人工联系，并在「话术与模板」中补写。")
    subject, body = scripts.filled(text, bearer)
    found = wording.check(f"{subject}\n{body}", scripts.kind_of(text), bans=paper.bans)
    if found:
        return None, _("提醒文字未通过检查：%(finding)s。请人工联系。") % {"finding": found[0]}
    return Message(
        action=action,
        case_id=action.case_id,
        account_id=action.account_id,
        contact_point=point,
        channel=channel,
        recipient=point.value,
        subject=subject,
        body=body,
        amount=bearer.amount,
        dedupe_key=f"{action.pk}:{channel}",
    ), ""


def to_a_person(action: Action, why: str) -> None:
    """Turn a planned reminder into a task: its recorded contact will make the step effective."""
    Action.objects.filter(pk=action.pk, state=Action.State.PLANNED).update(by_hand=True, why=why[:200])


def next_way(message: Message, *, on: date, at: datetime) -> bool:
    """After a refused message: the same reminder over the step's next channel, or as a call. True = queued again."""
    action = Action.objects.select_related("step").get(pk=message.action_id)
    tried = set(Message.objects.filter(action=action).values_list("channel", flat=True))
    points = addresses([action.account_id]).get(action.account_id, {})
    wish = preferences([action.account_id]).get(action.account_id)
    channel = next((c for c in usable(action.step.channels, points, wish) if c not in tried), None)
    if channel is not None:
        about = bearers([action.account_id], on)[action.account_id]
        again, _refused = compose(action, channel, points[channel], about, paper_for([action], on))
        if again is not None:
            again.not_before, again.queued_at = openings(at)[channel], at
            again.save()
            return True
    to_a_person(
        action, _("提醒未能送达（%(error)s），请电话或上门提醒。") % {"error": message.last_error or message.channel}
    )
    return False
