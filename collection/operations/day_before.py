"""A word the day before an agreed date, promised (R2) or an instalment's (S88): once each, through the outbox and its guards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from collection.models import Case, Message
from collection.models.preferences import Way
from collection.operations.reminders import usable
from collection.queries.hours import openings, preferences
from collection.queries.instalments import instalments_due_tomorrow
from collection.queries.promises import due_tomorrow, missing
from collection.queries.reminders import addresses, bearers
from collection.queries.scripts import bans_of_office, texts_in_force
from collection.rules import places, scripts, wording

CHANNELS = (places.BY_SMS, places.BY_EMAIL)
BY_A_PERSON = frozenset({Way.CALL, Way.VISIT})


@dataclass(frozen=True, slots=True)
class _Word:
    """What is agreed for tomorrow: of a promise, or of the instalment with a name. `amount`: yuan still missing of it."""

    account_id: int
    day: date
    amount: Decimal
    promise_id: int | None = None
    instalment_id: int | None = None
    instalment: str = ""

    @property
    def key(self) -> str:
        return f"promise:{self.promise_id}" if self.promise_id is not None else f"instalment:{self.instalment_id}"


def remind_of_promises(*, on: date, at: datetime) -> int:
    """Queue one message for every promise that falls due tomorrow and has none; a second run finds nothing to do.

    Whoever cannot be reached by message is on the list of the day instead. Call inside the day's transaction, under
    its lock. Returns how many messages.
    """
    told = Message.objects.filter(promise__isnull=False).values("promise_id")
    words = [
        _Word(promise.account_id, promise.promised_on, missing(promise, on), promise_id=promise.pk)
        for promise in due_tomorrow(on).exclude(pk__in=told).order_by("id")
    ]
    return _queue(words, places.PROMISE, on=on, at=at)


def remind_of_instalments(*, on: date, at: datetime) -> int:
    """Queue one message for every instalment of a running plan that falls due tomorrow, is not paid and has none (S88).

    Otherwise as `remind_of_promises`. Call after the plans were settled.
    """
    due = instalments_due_tomorrow(on)
    told = set(
        Message.objects.filter(instalment__in=[line.instalment_id for line in due]).values_list(
            "instalment_id", flat=True
        )
    )
    words = [
        _Word(line.account_id, line.due_on, line.missing, instalment_id=line.instalment_id, instalment=line.name)
        for line in due
        if line.instalment_id not in told
    ]
    return _queue(words, places.INSTALMENT, on=on, at=at)


def _queue(words: Sequence[_Word], use: str, *, on: date, at: datetime) -> int:
    """The messages with the text of this use, for households with an open case that do not want to be rung instead."""
    asked = [word.account_id for word in words]
    cases = {case.account_id: case for case in Case.objects.filter(account_id__in=asked, state=Case.State.OPEN)}
    words = [word for word in words if word.account_id in cases and word.amount > 0]
    if not words:
        return 0
    accounts = list(cases)
    reach, about, wishes = addresses(accounts), bearers(accounts, on), preferences(accounts)
    texts, bans, allowed_from, messages = texts_in_force(), bans_of_office(on), openings(at), []
    for word in words:
        points, case, wish = reach.get(word.account_id, {}), cases[word.account_id], wishes.get(word.account_id)
        channel = next(iter(usable(CHANNELS, points, wish)), None)
        if channel is None or (wish is not None and wish.preferred in BY_A_PERSON):
            continue
        bearer = replace(about[word.account_id], promised_on=word.day, promised=word.amount, instalment=word.instalment)
        text = scripts.choose(texts, use=use, channel=channel, tier=case.tier, reason="")
        if text is None:
            continue
        subject, body = scripts.filled(text, bearer)
        if wording.check(f"{subject}\n{body}", scripts.kind_of(text), bans=bans):
            continue
        messages.append(
            Message(
                promise_id=word.promise_id,
                instalment_id=word.instalment_id,
                case=case,
                account_id=word.account_id,
                contact_point=points[channel],
                channel=channel,
                recipient=points[channel].value,
                subject=subject,
                body=body,
                amount=word.amount,
                dedupe_key=word.key,
                not_before=allowed_from[channel],
                queued_at=at,
            )
        )
    Message.objects.bulk_create(messages, batch_size=500)
    return len(messages)
