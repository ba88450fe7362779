"""今日: who is to be called, visited, served or decided about today, why, and who was left out (ux 3.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext as _

from arrears.queries import positions
from arrears.rules.position import BLOCKERS, Position
from billing.models import Account, BankLine
from billing.queries import cases_to_approve, cases_to_review
from collection.models import Action, Case, Contact, Message, Notice, Promise
from collection.queries.facts import business_day, contact_days, office_day
from collection.queries.freshness import Stale, stale_communities
from collection.queries.promises import due_tomorrow
from collection.queries.reminders import addresses
from collection.queries.schedule import Crew, crew
from collection.queries.wording import month_day
from collection.queries.work.holds import expired_transfers, to_look_at
from collection.queries.work.instalments import instalments_to_speak_of
from collection.queries.work.parts import STAGES, Flag, Removed, WorkDay, WorkItem
from collection.rules import decide as d
from collection.rules import outcomes
from collection.rules import steps as s
from collection.rules.guards import UNANSWERED_BEFORE_VISIT, cap_lifts_on
from offices.models import User
from offices.permissions import Role
from offices.queries import office_settings

FIRST, LATE, SERVE, VISIT, CALL, DECIDE, REVIEW = "first", "late", "serve", "visit", "call", "decide", "review"
STEP_WORDS = {SERVE: "送达", VISIT: "上门", CALL: "电话"}
ORDER = {FIRST: 0, LATE: 1, SERVE: 2, VISIT: 3, CALL: 4, DECIDE: 5}


@dataclass(slots=True)
class _Todo:
    """What is known of one account before it becomes an item, a removal, or nothing."""

    account_id: int
    group: str = ""
    kind: str = ""
    why: str = ""
    action: Action | None = None
    notice_id: int | None = None
    done: Contact | None = None


@dataclass(slots=True)
class _Background:
    """What all items of a day share, read once."""

    on: date
    crew: Crew
    positions: dict[int, Position] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    cases: dict[int, Case] = field(default_factory=dict)
    promises: dict[int, Promise] = field(default_factory=dict)
    contacts: dict[int, list[date]] = field(default_factory=dict)
    cap: int = 3
    stale: dict[int, Stale] = field(default_factory=dict)
    late_after: int = 3
    theirs: frozenset[int] | None = None
    asker_id: int | None = None


def work_day(*, on: date, at: datetime, assignee: User | None = None) -> WorkDay:
    """The list as of `at`. `assignee`: their own and nobody's households; None: everybody's, and what is to be decided.

    A fixed number of statements, whatever the number of households.
    """
    todos: dict[int, _Todo] = {}
    for todo in (*_promised(on), *_claimed(on), *_instalments(on), *_planned(on, everybody=assignee is None)):
        todos.setdefault(todo.account_id, todo)
        if todos[todo.account_id].action is None:
            todos[todo.account_id].action = todo.action
    looked_at = [_Todo(asked.account_id, DECIDE, REVIEW, asked.why) for asked in to_look_at(on)]
    for todo in looked_at if assignee is None else ():
        todos.setdefault(todo.account_id, todo)
    for contact in _contacts_of(on):
        todos.setdefault(contact.account_id, _Todo(contact.account_id, CALL, CALL)).done = contact
    back = _background(list(todos), on, assignee)
    items, removed = [], []
    for todo in todos.values():
        if not _is_theirs(todo, back):
            continue
        refused = _why_not(todo, back)
        if refused is None:
            items.append(_item(todo, back))
        elif back.accounts.get(todo.account_id):
            account = back.accounts[todo.account_id]
            removed.append(Removed(todo.account_id, str(account.room), account.owner.name, *refused))
    removed += _settled_today(on, back)
    items.sort(key=lambda item: (ORDER[item.group], item.room_order if item.group == VISIT else "", -item.pursuable))
    unclaimed = BankLine.objects.filter(state__in=BankLine.OPEN).aggregate(n=Count("pk"), total=Sum("amount"))
    return WorkDay(
        on=on,
        items=tuple(items),
        removed=tuple(removed),
        unclaimed_count=unclaimed["n"],
        unclaimed_amount=unclaimed["total"] or Decimal("0.00"),
        stale=tuple(back.stale.values()),
        to_approve=cases_to_approve(on).count(),
        to_review=cases_to_review(on).count(),
    )


def _planned(on: date, *, everybody: bool) -> Iterable[_Todo]:
    """What the sweeps planned for people and nobody has done yet; collectors are not shown what others are to do."""
    actions = list(
        Action.objects.filter(state=Action.State.PLANNED, by_hand=True, due_on__lte=on, case__state=Case.State.OPEN)
        .select_related("step")
        .order_by("due_on", "id")
    )
    notices = {
        notice.action_id: notice
        for notice in Notice.objects.filter(
            action__in=[a.pk for a in actions if a.kind in s.LETTERS],
            state__in=[Notice.State.PROPOSED, Notice.State.RENDERED],
        ).only("id", "action_id", "state", "number", "office_id")
    }
    unanswered = dict(
        Contact.objects.filter(action__in=[a.pk for a in actions], reached=False)
        .values_list("action_id")
        .annotate(Count("pk"))
    )
    reach = addresses([a.account_id for a in actions if a.kind == s.REMINDER])
    for action in actions:
        if not everybody and action.step.role not in ("", Role.COLLECTOR):
            continue
        todo = _Todo(action.account_id, CALL, CALL, action.why, action)
        tries = unanswered.get(action.pk, 0)
        if action.kind in s.LETTERS:
            notice = notices.get(action.pk)
            if notice is None or (notice.state == Notice.State.PROPOSED and not everybody):
                continue
            todo.notice_id = notice.pk
            if notice.state == Notice.State.PROPOSED:
                todo.group, todo.kind, todo.why = DECIDE, DECIDE, _("「%s」待批准") % _(action.step.title)
            else:
                todo.group, todo.kind, todo.why = SERVE, SERVE, _("%s 已打印，待送达") % notice.number
        elif action.kind == s.DECISION:
            if not everybody:
                continue
            todo.group = todo.kind = DECIDE
        elif tries >= UNANSWERED_BEFORE_VISIT:
            todo.group, todo.kind, todo.why = VISIT, VISIT, _("连续 %d 次未联系上，改为上门") % tries
        elif action.kind == s.FOLLOW_UP or (action.kind == s.REMINDER and not reach.get(action.account_id)):
            todo.group = todo.kind = VISIT
        elif tries:
            todo.why = _("上次未接，再次致电（已 %d 次）") % tries
        yield todo


def _promised(on: date) -> Iterable[_Todo]:
    """Promises that were broken and not spoken about since, and those that fall due today."""
    broken = Promise.objects.filter(
        state=Promise.State.BROKEN, account__cases__state=Case.State.OPEN, settled_on__lte=on
    ).order_by("account_id", "-settled_on")
    latest = {p.account_id: p for p in reversed(broken)}
    heard = {
        account: business_day(last)
        for account, last in Contact.objects.filter(account_id__in=list(latest), reached=True)
        .order_by("account_id", "-at")
        .distinct("account_id")
        .values_list("account_id", "at")
    }
    for promise in latest.values():
        since = heard.get(promise.account_id)
        if since is None or since < (promise.settled_on or on):
            gaps = {"day": month_day(promise.promised_on), "amount": promise.amount}
            why = _("承诺 %(day)s 缴 %(amount)s 元，未到账") % gaps
            yield _Todo(promise.account_id, FIRST, "promise", why)
    told = Message.objects.filter(promise__isnull=False).exclude(state__in=[Message.State.FAILED, Message.State.VOID])
    told = told.exclude(fate=Message.Fate.BOUNCED)
    for promise in due_tomorrow(on).exclude(pk__in=told.values("promise_id")):
        words = _("明日承诺缴 %s 元，没有发出短信提示，请致电提醒") % promise.amount
        yield _Todo(promise.account_id, CALL, CALL, words)
    for promise in Promise.objects.filter(state=Promise.State.OPEN, promised_on=on):
        yield _Todo(promise.account_id, FIRST, "promise", _("今日承诺缴 %s 元，核对到账") % promise.amount)


def _claimed(on: date) -> Iterable[_Todo]:
    """Transfers that did not come: first the statement, then the owner."""
    for asked in expired_transfers(on):
        yield _Todo(asked.account_id, FIRST, CALL, asked.why)


def _instalments(on: date) -> Iterable[_Todo]:
    """Instalments due tomorrow; missed ones before everything else. While the plan runs nothing is pursued by the call."""
    for due in instalments_to_speak_of(on):
        yield _Todo(due.account_id, FIRST if due.is_late else CALL, CALL if due.is_over else "instalment", due.why)


def _contacts_of(on: date) -> QuerySet[Contact]:
    """The last contact of each account on the day."""
    since, until = office_day(on)
    return (
        Contact.objects.filter(at__gte=since, at__lt=until)
        .select_related("by")
        .order_by("account_id", "-at", "-id")
        .distinct("account_id")
    )


def _background(ids: list[int], on: date, assignee: User | None) -> _Background:
    team, settings = crew(on), office_settings()
    return _Background(
        on=on,
        positions={p.account_id: p for p in positions(on, ids)} if ids else {},
        accounts={a.pk: a for a in Account.objects.filter(pk__in=ids).select_related("room__community", "owner")},
        cases={
            c.account_id: c
            for c in Case.objects.filter(account_id__in=ids, state=Case.State.OPEN).select_related("assignee")
        },
        promises={p.account_id: p for p in Promise.objects.filter(account_id__in=ids, state=Promise.State.OPEN)},
        contacts=contact_days(ids, on),
        cap=settings.max_contacts_per_week,
        stale={each.community_id: each for each in stale_communities(on)},
        crew=team,
        late_after=settings.late_after_days,
        theirs=team.whose_work(assignee.pk, on) if assignee is not None else None,
        asker_id=assignee.pk if assignee is not None else None,
    )


def _is_theirs(todo: _Todo, back: _Background) -> bool:
    if back.theirs is None:
        return True
    if todo.done is not None:
        return todo.done.by_id == back.asker_id
    case = back.cases.get(todo.account_id)
    return case is None or case.assignee_id is None or case.assignee_id in back.theirs


def _why_not(todo: _Todo, back: _Background) -> tuple[str, str] | None:
    """Why the household is not to be approached today: code and words; None when it is."""
    if todo.done is not None or todo.kind == REVIEW:
        return None
    if todo.account_id not in back.cases:
        return d.SETTLED, d.WORDS[d.SETTLED]
    position = back.positions.get(todo.account_id)
    if position is None or position.arrears <= 0:
        return d.SETTLED, d.WORDS[d.SETTLED]
    if todo.notice_id is not None and "special_case" in position.blockers:
        return "special_case", BLOCKERS["special_case"]
    is_reminder = todo.action is not None and todo.action.kind == s.REMINDER
    if not is_reminder and todo.kind in {CALL, VISIT, SERVE} and _is_stale(todo, back):
        return d.STALE_DATA, d.WORDS[d.STALE_DATA] % {"step": STEP_WORDS[todo.kind]}
    if todo.kind not in {CALL, VISIT}:
        return None
    owed = position.remindable if is_reminder else position.pursuable
    if owed <= 0:
        code = next((code for code in position.blockers if code in BLOCKERS), "contested")
        return code, BLOCKERS[code]
    promise = back.promises.get(todo.account_id)
    if promise is not None and back.on < promise.promised_on - timedelta(days=1):
        day = promise.promised_on
        return d.PROMISE_OPEN, d.WORDS[d.PROMISE_OPEN] % {"day": f"{day.month}月{day.day}日"}
    lifts = cap_lifts_on(back.contacts.get(todo.account_id, ()), back.on, back.cap)
    if lifts is not None:
        return d.CONTACT_CAP, d.WORDS[d.CONTACT_CAP] % {"day": f"{lifts.month}月{lifts.day}日"}
    return None


def _is_stale(todo: _Todo, back: _Background) -> bool:
    account = back.accounts.get(todo.account_id)
    return account is not None and account.room.community_id in back.stale


def _item(todo: _Todo, back: _Background) -> WorkItem:
    account, case = back.accounts[todo.account_id], back.cases.get(todo.account_id)
    position = back.positions.get(todo.account_id) or Position(account_id=todo.account_id, on=back.on)
    late_days = back.crew.late_by(todo.action.due_on, back.on) if todo.action and todo.done is None else 0
    is_raised = back.theirs is None and late_days > back.late_after
    return WorkItem(
        account_id=todo.account_id,
        action_id=todo.action.pk if todo.action else None,
        case_id=case.pk if case else None,
        room=str(account.room),
        room_order=account.room.sort_key,
        community=account.room.community.name,
        owner=account.owner.name,
        group=LATE if is_raised and todo.group != FIRST else todo.group,
        kind=todo.kind,
        why=todo.why,
        pursuable=max(position.pursuable, position.remindable),
        periods_owed=position.periods_owed,
        tier=position.tier,
        stage=STAGES.get(todo.action.kind, "") if todo.action else "",
        flags=(
            *((Flag(_("拖延 %d 个工作日") % late_days, "bad"),) if late_days else ()),
            *flags_of(position, back.promises.get(todo.account_id)),
        ),
        assignee_id=case.assignee_id if case else None,
        assignee=back.crew.words(case.assignee_id, back.on) if case else "",
        notice_id=todo.notice_id,
        done=todo.done is not None,
        done_words=_("已记录：%s") % _(outcomes.BY_CODE[todo.done.outcome].label) if todo.done else "",
    )


def flags_of(position: Position, promise: Promise | None) -> tuple[Flag, ...]:
    """What must be known before anybody is addressed."""
    flags = []
    if promise is not None:
        flags.append(Flag(_("承诺 %s") % month_day(promise.promised_on), "promise"))
    if position.contested > 0 or "service_dispute" in position.blockers:
        flags.append(Flag(_("争议中"), "dispute"))
    if position.under_plan > 0:
        flags.append(Flag(_("分期中"), "hold"))
    if "special_case" in position.blockers:
        flags.append(Flag(_("特殊情况"), "hold"))
    if "unreconciled" in position.blockers:
        flags.append(Flag(_("未核对"), "warn"))
    return tuple(flags)


def _settled_today(on: date, back: _Background) -> list[Removed]:
    """Households that paid since the last run: they were on the list, and are gone."""
    cases = Case.objects.filter(state=Case.State.SETTLED, closed_on=on).select_related(
        "account__room", "account__owner"
    )
    grouped: dict[int, list[Case]] = defaultdict(list)
    for case in cases:
        if back.theirs is None or case.assignee_id is None or case.assignee_id in back.theirs:
            grouped[case.account_id].append(case)
    return [
        Removed(account, str(found[0].account.room), found[0].account.owner.name, d.SETTLED, d.WORDS[d.SETTLED])
        for account, found in grouped.items()
    ]
