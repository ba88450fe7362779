"""承诺缴费: made in a contact, settled by what came in (R2, invariant 13)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from arrears.queries import position
from billing.models import Payment
from collection.models import Case, Contact, Promise
from collection.queries.facts import business_day
from collection.rules import outcomes
from collection.rules import promises as rules
from offices.models import User
from offices.operations import Refusal
from offices.queries import office_settings


class PromiseRefused(Refusal):
    """The date or the amount cannot be what the owner promised."""

    code = "promise_refused"


def make_promise(*, contact: Contact, promised_on: date, amount: Decimal, on: date, open_amount: Decimal) -> Promise:
    """Write down a promise; an older open one of the account is withdrawn. Call inside the contact's transaction."""
    if not on <= promised_on <= on + rules.LONGEST:
        raise PromiseRefused(
            _("承诺日期须在今天至 %(last)s 之间；更晚请走分期或延期申请。") % {"last": on + rules.LONGEST},
            field="promised_on",
        )
    if not Decimal("0.00") < amount <= open_amount:
        raise PromiseRefused(
            _("承诺金额须大于 0，且不超过未缴金额 %(amount)s 元。") % {"amount": open_amount}, field="promised_amount"
        )
    Promise.objects.filter(account_id=contact.account_id, state=Promise.State.OPEN).update(
        state=Promise.State.WITHDRAWN, settled_on=on
    )
    return Promise.objects.create(
        account_id=contact.account_id,
        contact=contact,
        made_on=on,
        promised_on=promised_on,
        amount=amount,
        grace_days=office_settings().promise_grace_days,
    )


@transaction.atomic
def settle_promises(*, on: date, at: datetime) -> dict[str, int]:
    """Kept when the promised amount has come in by value date, broken exactly once when its last day has passed.

    A case whose promise is settled is looked at again the same day. Returns how many were kept and broken.
    """
    open_ones = list(
        Promise.objects.select_for_update().filter(state=Promise.State.OPEN, made_on__lte=on).order_by("id")
    )
    money: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    received = Payment.objects.filter(account_id__in=[p.account_id for p in open_ones], value_on__lte=on)
    for account_id, value_on, amount in received.values_list("account_id", "value_on", "amount"):
        money[account_id].append((value_on, amount))
    count = {rules.KEPT: 0, rules.BROKEN: 0}
    for row in open_ones:
        promise = rules.Promise(row.made_on, row.promised_on, row.amount, row.grace_days)
        verdict = rules.verdict(promise, money[row.account_id], on=on)
        if verdict is None:
            continue
        row.state, row.settled_on = verdict, on
        row.received = rules.received(promise, money[row.account_id])
        row.save(update_fields=["state", "settled_on", "received"])
        Case.objects.filter(account_id=row.account_id, state=Case.State.OPEN).update(next_action_on=on)
        count[verdict] += 1
    return count


@transaction.atomic
def withdraw_promise(*, promise: Promise, reason: str, at: datetime, by: User) -> None:
    """The owner took it back, or it was written down wrongly; the reason stands as a correction of its contact."""
    if not reason.strip():
        raise PromiseRefused(_("请写明撤回的原因。"), field="reason")
    on = business_day(at)
    row = Promise.objects.select_for_update().filter(pk=promise.pk, state=Promise.State.OPEN).first()
    if row is None:
        raise PromiseRefused(_("这项承诺已经结束，请刷新页面。"))
    row.state, row.settled_on = Promise.State.WITHDRAWN, on
    row.save(update_fields=["state", "settled_on"])
    Contact.objects.create(
        account_id=row.account_id,
        channel=Contact.Channel.OTHER,
        outcome=outcomes.INFORMED,
        reached=False,
        at=at,
        by=by,
        note=_("撤回承诺：%(reason)s") % {"reason": reason.strip()},
        corrects_id=row.contact_id,
    )
    Case.objects.filter(account_id=row.account_id, state=Case.State.OPEN).update(next_action_on=on)


def still_owed(account_id: int, on: date) -> Decimal:
    """All that is unpaid, due or not: the most that can be promised."""
    return position(account_id, on).open_amount
