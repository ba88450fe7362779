"""A word the day before a promised date (R2): once per promise, through the outbox and all its guards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from collection.models import Case, Message
from collection.operations.reminders import usable
from collection.queries.hours import openings, preferences
from collection.queries.promises import due_tomorrow, missing
from collection.queries.reminders import addresses, bearers
from collection.queries.scripts import bans_of_office, texts_in_force
from collection.rules import places, scripts, wording

CHANNELS = (places.BY_SMS, places.BY_EMAIL)


def remind_of_promises(*, on: date, at: datetime) -> int:
    """Queue one message for every promise that falls due tomorrow and has none; a second run finds nothing to do.

    Whoever cannot be reached by message is on the list of the day instead. Call inside the day's transaction, under
    its lock. Returns how many messages.
    """
    told = Message.objects.filter(promise__isnull=False).values("promise_id")
    found = list(due_tomorrow(on).exclude(pk__in=told).order_by("id"))
    cases = {
        case.account_id: case
        for case in Case.objects.filter(account_id__in=[p.account_id for p in found], state=Case.State.OPEN)
    }
    found = [promise for promise in found if promise.account_id in cases]
    if not found:
        return 0
    accounts = [promise.account_id for promise in found]
    reach, about, wishes = addresses(accounts), bearers(accounts, on), preferences(accounts)
    texts, bans, allowed_from, messages = texts_in_force(), bans_of_office(on), openings(at), []
    for promise in found:
        points, case = reach.get(promise.account_id, {}), cases[promise.account_id]
        channel = next(iter(usable(CHANNELS, points, wishes.get(promise.account_id))), None)
        owed = missing(promise, on)
        if channel is None or owed <= 0:
            continue
        bearer = replace(about[promise.account_id], promised_on=promise.promised_on, promised=owed)
        text = scripts.choose(texts, use=places.PROMISE, channel=channel, tier=case.tier, reason="")
        if text is None:
            continue
        subject, body = scripts.filled(text, bearer)
        if wording.check(f"{subject}\n{body}", scripts.kind_of(text), bans=bans):
            continue
        messages.append(
            Message(
                promise=promise,
                case=case,
                account_id=promise.account_id,
                contact_point=points[channel],
                channel=channel,
                recipient=points[channel].value,
                subject=subject,
                body=body,
                amount=owed,
                dedupe_key=f"promise:{promise.pk}",
                not_before=allowed_from[channel],
                queued_at=at,
            )
        )
    Message.objects.bulk_create(messages, batch_size=500)
    return len(messages)
