"""A storm of receipts: doubled, out of order, of unknown messages and forged; every message ends as its provider knows it (T16).

Reminders are planned and sent by the product; the provider's calls go through the door that the internet sees, from several
clients at once, so that two receipts of one message also meet. Two controls must fail: one that believes whichever receipt came
last, and one that asks nobody for a signature.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.conf import settings
from django.db import connections
from django.test import Client
from django.utils import timezone

from collection.channels import Outcome, Outgoing, Receipt, http, sms
from collection.models import Action, Message
from collection.operations import receipts as door
from collection.operations.sending import send_due_messages
from config.proofs.import_kill import NotProven
from config.proofs.send import office_with_reminders
from offices.models import Office
from offices.scoping import office_scope

ROWS, CLIENTS = 10_000, 4
DOUBLED, OUT_OF_ORDER, UNKNOWN, FORGED = (
    0.30,
    0.20,
    0.05,
    0.05,
)  # the first two of the true receipts, the others of all calls
DELIVERED, FAILED = "DELIVERED", "FAILED"
WORDS = {DELIVERED: Message.Fate.DELIVERED, FAILED: Message.Fate.BOUNCED}
FORGERIES = ("another key", "no signature", "a day old", "another body")
Truth = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Post:
    """One call of a provider, or of somebody who says that he is one."""

    key: str
    status: str
    forged: str = ""


def receipts(
    office: Office, *, at: datetime, rows: int = ROWS, points: int = CLIENTS, tell: Callable[[str], object] = print
) -> dict[str, Any]:
    """Tell `rows` receipts from `points` clients at once: every message right, forged ones taken 0. Raises `NotProven`."""
    seed = random.SystemRandom().randrange(10**6)
    tell(f"seed {seed}")
    chance = random.Random(seed)
    found: dict[str, Any] = {"name": "receipts", "rows": rows, "clients": points, "seed": seed}
    found |= _stormed(rows, points, chance, tell)
    if found["wrong"] or found["forged_taken"] or found["refused"]:
        raise NotProven(f"{found}")
    less = max(rows // 10, 60)
    with _instead(door, "goes_forward", lambda known, told: told != known):
        found["naive_order"] = _stormed(less, points, chance, tell)["wrong"]
    with _instead(http, "prove", lambda call, key: None):
        found["naive_signature"] = _stormed(less, points, chance, tell)["forged_taken"]
    if not found["naive_order"] or not found["naive_signature"]:
        raise NotProven(f"a control found nothing wrong: {found}")
    return found


def _stormed(rows: int, clients: int, chance: random.Random, tell: Callable[[str], object]) -> dict[str, Any]:
    """One office, its messages sent, the storm over it, and what came of it."""
    true = round(rows * (1 - UNKNOWN - FORGED) / (1 + DOUBLED))
    pairs = round(true * OUT_OF_ORDER)
    silent = max(rows // 50, 8)
    count = true - pairs + silent  # a pair is one message of which two receipts tell
    office = office_with_reminders(f"receipts-{time.monotonic_ns()}", count)
    keys = _sent(office, count)
    truth = _truth(keys, pairs, silent, chance)
    posts = _posts(office, truth, rows, chance)
    started = time.monotonic()
    answers = _told(posts, clients)
    seconds = time.monotonic() - started
    found = _judged(office, truth, answers) | {"seconds": round(seconds, 1), "a_second": round(len(posts) / seconds)}
    tell(f"{len(posts)} receipts of {len(keys)} messages: {found}")
    return found


def _sent(office: Office, count: int) -> list[str]:
    """Let the product send everything to a provider that takes all; our keys."""
    taken: list[str] = []

    def take(_channel: Any, message: Outgoing) -> Receipt:
        taken.append(message.key)
        return Receipt(Outcome.ACCEPTED, ref=f"p-{message.key}")

    with _instead(sms.SmsChannel, "send", take):
        send_due_messages(office_id=office.pk, at=timezone.now(), limit=count)
    if len(taken) != count:
        raise NotProven(f"{count} messages were to be sent, {len(taken)} were")
    return taken


def _truth(keys: list[str], pairs: int, silent: int, chance: random.Random) -> Truth:
    """What became of each message, in the order in which it happened; of some nobody ever tells."""
    order = chance.sample(keys, len(keys))
    twice, never = order[:pairs], order[pairs : pairs + silent]
    once = {key: (chance.choice((DELIVERED, FAILED)),) for key in order[pairs + silent :]}
    return dict.fromkeys(twice, (FAILED, DELIVERED)) | dict.fromkeys(never, ()) | once


def _posts(office: Office, truth: Truth, rows: int, chance: random.Random) -> list[Post]:
    """The calls in the order in which they come: of a pair the later receipt first, of all others any order."""
    stories = {key: [Post(key, status) for status in reversed(told)] for key, told in truth.items()}
    for story in chance.sample([each for each in stories.values() if each], round(rows * (1 - UNKNOWN - FORGED) / (1 + DOUBLED) * DOUBLED)):  # fmt: skip
        story.append(story[-1])
    strangers = [f"{office.pk}-{10**9}", f"{10**9}-1", "1-1-1", "'; drop table", ""]
    unknown = [Post(chance.choice(strangers), chance.choice((DELIVERED, FAILED))) for _ in range(round(rows * UNKNOWN))]
    lies = [
        Post(key, FAILED if truth[key] != (FAILED,) else DELIVERED, chance.choice(FORGERIES))
        for key in chance.choices(list(truth), k=round(rows * FORGED))
    ]
    turns = list(chain.from_iterable([key] * len(story) for key, story in stories.items()))
    calls: list[Post | str] = [*turns, *unknown, *lies]
    chance.shuffle(calls)
    return [call if isinstance(call, Post) else stories[call].pop(0) for call in calls]


def _told(posts: list[Post], clients: int) -> Counter[tuple[bool, int]]:
    """Call from so many processes at once, each taking every so-manieth; (forged?, HTTP status) → how often."""
    connections.close_all()
    with ProcessPoolExecutor(clients, mp_context=multiprocessing.get_context("fork")) as pool:
        return sum(pool.map(_tell, [posts[first::clients] for first in range(clients)]), Counter())


def _tell(posts: list[Post]) -> Counter[tuple[bool, int]]:
    logging.getLogger("django.request").setLevel(logging.ERROR)  # each forged one is a warning
    client, found = Client(SERVER_NAME="localhost"), Counter[tuple[bool, int]]()
    for post in posts:
        body = json.dumps([{"key": post.key, "status": post.status}]).encode()
        headers = _signature(body, post.forged)
        answer = client.post("/receipts/sms/", body, content_type="application/json", headers=headers)
        found[bool(post.forged), answer.status_code] += 1
    connections.close_all()
    return found


def _signature(body: bytes, forged: str) -> dict[str, str]:
    """As the contract says it, not as our adapter does it."""
    key = "guessed" if forged == "another key" else settings.SMS_KEY
    stamp = f"{time.time() - (86_400 if forged == 'a day old' else 0):.0f}"
    said = body + b" " if forged == "another body" else body
    signature = hmac.new(key.encode(), stamp.encode() + b"\n" + said, hashlib.sha256).hexdigest()
    return {} if forged == "no signature" else {"X-Timestamp": stamp, "X-Signature": signature}


def _judged(office: Office, truth: Truth, answers: Counter[tuple[bool, int]]) -> dict[str, int]:
    """Compare each message, and the step it was sent for, with what its provider knows."""
    wrong = 0
    with office_scope(office):
        rows = Message.objects.filter(state=Message.State.SENT).select_related("action")
        known = {f"{office.pk}-{row.pk}": (row.fate, row.action.state if row.action else "") for row in rows}
        others = Message.objects.exclude(pk__in=[int(key.partition("-")[2]) for key in truth]).count()
    for key, told in truth.items():
        fate = WORDS[told[-1]] if told else ""
        step = Action.State.PLANNED if fate == Message.Fate.BOUNCED else Action.State.EFFECTIVE
        wrong += known.get(key) != (fate, step)
    forged = sum(times for (is_forged, status), times in answers.items() if is_forged and status != 403)
    refused = sum(times for (is_forged, status), times in answers.items() if not is_forged and status != 200)
    return {"messages": len(truth), "wrong": wrong + others, "forged_taken": forged, "refused": refused}


@contextmanager
def _instead(place: Any, name: str, other: Callable[..., Any]) -> Iterator[None]:
    real = getattr(place, name)
    setattr(place, name, other)
    try:
        yield
    finally:
        setattr(place, name, real)
