"""The timetable: coming steps of one case, the calendar of an office, and who has how much to do (S21–S24)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from arrears.queries import position
from arrears.rules.position import BLOCKERS
from billing.models import SpecialCase
from collection.models import Absence, Action, Case, Promise
from collection.queries.strategies import as_rule, steps_of
from collection.rules import promises as promise_rules
from collection.rules import schedule as rules
from collection.rules import steps as s
from offices.models import Membership, User
from offices.permissions import Role, holds
from offices.queries import office_settings, people, working_calendar
from offices.rules.days import WorkingCalendar

TASK, PLAN, PROMISE = "task", "plan", "promise"


@dataclass(frozen=True)
class Crew:
    """The people of the office, who is away and who stands in, and the working days; read once per page."""

    names: Mapping[int, str]
    absences: tuple[rules.Absence, ...]
    days: WorkingCalendar
    _counted: dict[tuple[date, date], int] = field(default_factory=dict, repr=False)

    def acting(self, person: int | None, day: date) -> int | None:
        """Who does this person's work on `day`; nobody's work stays nobody's."""
        return None if person is None else rules.acting(person, self.absences, day)

    def words(self, person: int | None, day: date) -> str:
        """The acting person, and for whom: 「李四（代张三）」; empty for nobody."""
        acting = self.acting(person, day)
        if person is None or acting is None:
            return ""
        name = self.names.get(acting, "")
        return (
            name
            if acting == person
            else _("%(name)s（代%(other)s）") % {"name": name, "other": self.names.get(person, "")}
        )

    def whose_work(self, who: int, day: date) -> frozenset[int]:
        """Whose work this person does on `day`: their own, and that of those they stand in for."""
        away = {each.person for each in self.absences if each.holds_on(day)}
        return frozenset({who} | {person for person in away if self.acting(person, day) == who})

    def late_by(self, due_on: date, on: date) -> int:
        """Working days that a task is overdue."""
        return rules.late_by(due_on, on, self._count)

    def _count(self, since: date, until: date) -> int:
        key = (since, until)
        if key not in self._counted:
            span = range((until - since).days)
            self._counted[key] = sum(self.days.is_working(since + timedelta(days=n + 1)) for n in span)
        return self._counted[key]


def crew(on: date) -> Crew:
    """Three statements. Absences that ended before `on` are not in it."""
    rows = Absence.objects.filter(ends_on__gte=on).values_list("person_id", "stand_in_id", "starts_on", "ends_on")
    return Crew(
        {member.user_id: str(member.user) for member in people()},
        tuple(rules.Absence(*row) for row in rows),
        working_calendar(),
    )


def workers() -> list[Membership]:
    """Those in use who may contact owners: they can be given work."""
    return [member for member in people() if member.is_active and holds(member.role, "contact.record")]


@dataclass(frozen=True, slots=True)
class Timetable:
    """The coming steps of one case with who does them, what all of it rests on, and why it stands still."""

    case: Case
    coming: tuple[tuple[rules.Coming, str], ...]
    assumptions: tuple[str, ...]
    holds: tuple[str, ...]
    responsible: str


def timetable(account_id: int, on: date) -> Timetable | None:
    """The timetable of the account's open case as of `on`; None while nothing is being collected."""
    case = Case.objects.filter(account_id=account_id, state=Case.State.OPEN).select_related("assignee").first()
    if case is None:
        return None
    where, who = position(account_id, on), crew(on)
    steps = [as_rule(step) for step in steps_of([case.strategy_id]).get(case.strategy_id, ())]
    promise = Promise.objects.filter(account_id=account_id, state=Promise.State.OPEN).first()
    task = Action.objects.filter(case=case, state=Action.State.PLANNED).order_by("position").first()
    is_held = where.pursuable <= 0 and where.remindable <= 0
    outlook = rules.Outlook(
        s.Progress(case.reached, case.reached_on, case.letter_deadline_on, where.oldest_due_on or case.opened_on),
        where.tier or case.tier,
        deadline_days(),
        rules.OpenTask(task.position, task.due_on) if task is not None else None,
        _after(promise),
        is_held,
    )
    coming = rules.coming_steps(steps, outlook, on=on, working=who.days.next_working)
    return Timetable(
        case,
        tuple((each, _who_does(each.step, case.assignee_id, each.on or on, who)) for each in coming),
        rules.assumptions(outlook),
        tuple(BLOCKERS[code] for code in where.blockers if code in BLOCKERS) if is_held else (),
        who.words(case.assignee_id, on),
    )


def deadline_days() -> dict[str, int]:
    """Days that each kind of letter gives."""
    settings = office_settings()
    return {s.FORMAL: settings.formal_deadline_days, s.FINAL: settings.final_deadline_days}


def _after(promise: Promise | None) -> date | None:
    """The first day after a promise has run out."""
    if promise is None:
        return None
    said = promise_rules.Promise(promise.made_on, promise.promised_on, promise.amount, promise.grace_days)
    return said.last_day + timedelta(days=1)


def _who_does(step: s.Step, assignee: int | None, day: date, who: Crew) -> str:
    if not step.role:
        return _("系统")
    if step.role != Role.COLLECTOR:
        return str(dict(Role.choices).get(step.role, ""))
    return who.words(assignee, day)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on the calendar. `kind`: an open task, a planned next step, or a promised date."""

    day: date
    kind: str
    step_kind: str
    title: str
    account_id: int
    room: str
    room_order: str
    community: str
    owner: str
    person_id: int | None
    person: str
    late_days: int = 0


def calendar_entries(
    *,
    first: date,
    last: date,
    on: date,
    who: User | None = None,
    nobodys: bool = False,
    community_id: int | None = None,
) -> list[Entry]:
    """Tasks, next steps and promised dates from `first` to `last`, by day and room. A fixed number of statements.

    An overdue task stands on today with its delay. Of each case only the next step is shown: those after it depend on
    when it takes effect. `who`: what this person does, as stand-in too; `nobodys`: what belongs to nobody.
    """
    team = crew(min(on, first))
    homes = {} if community_id is None else {"account__room__community_id": community_id}
    found = [*_tasks(homes, on, team), *_plans(homes, last, on, team), *_promises(homes, first, last, on, team)]
    wanted = [
        each
        for each in found
        if first <= each.day <= last
        and (who is None or each.person_id == who.pk)
        and (not nobodys or each.person_id is None)
    ]
    return sorted(wanted, key=lambda each: (each.day, each.community, each.room_order, each.title))


def _tasks(homes: Mapping[str, int], on: date, team: Crew) -> Iterable[Entry]:
    rows = Action.objects.filter(state=Action.State.PLANNED, by_hand=True, case__state=Case.State.OPEN, **homes)
    for row in rows.select_related("account__room__community", "account__owner", "case", "step"):
        day = max(row.due_on, on)
        yield _entry(row.case, day, TASK, row.kind, row.step.title, team, late_days=team.late_by(row.due_on, on))


def _plans(homes: Mapping[str, int], last: date, on: date, team: Crew) -> Iterable[Entry]:
    """The next step of every case that has nothing planned, on the day when the sweep will look at it.

    A step that an open-ended special case holds back has no day: nobody knows when it is closed (S5–S10).
    """
    busy = Action.objects.filter(state=Action.State.PLANNED).values("case_id")
    cases = list(
        Case.objects.filter(state=Case.State.OPEN, next_action_on__lte=last, **homes)
        .exclude(pk__in=busy)
        .select_related("account__room__community", "account__owner")
    )
    ladder = {key: [as_rule(step) for step in steps] for key, steps in steps_of({c.strategy_id for c in cases}).items()}
    held = {p.account_id: _after(p) for p in Promise.objects.filter(state=Promise.State.OPEN)}
    endless = SpecialCase.objects.filter(starts_on__lte=on, ends_before=None).order_by("blocks_reminder")
    halted = dict(endless.values_list("account_id", "blocks_reminder"))
    for case in cases:
        step = s.following(ladder.get(case.strategy_id, ()), case.reached, case.tier)
        if step is None or (case.account_id in halted and (halted[case.account_id] or step.kind != s.REMINDER)):
            continue
        day = max(case.next_action_on, held.get(case.account_id) or on, on)
        yield _entry(case, team.days.next_working(day) if step.is_by_hand else day, PLAN, step.kind, step.title, team)


def _promises(homes: Mapping[str, int], first: date, last: date, on: date, team: Crew) -> Iterable[Entry]:
    rows = Promise.objects.filter(state=Promise.State.OPEN, promised_on__range=(max(first, on), last), **homes)
    cases = {c.account_id: c for c in _open_cases([p.account_id for p in rows])}
    for row in rows:
        if row.account_id in cases:
            yield _entry(cases[row.account_id], row.promised_on, PROMISE, "", _("承诺缴 %s 元") % row.amount, team)


def _open_cases(account_ids: Sequence[int]) -> QuerySet[Case]:
    found = Case.objects.filter(account_id__in=account_ids, state=Case.State.OPEN)
    return found.select_related("account__room__community", "account__owner")


def _entry(case: Case, day: date, kind: str, step_kind: str, title: str, team: Crew, *, late_days: int = 0) -> Entry:
    room = case.account.room
    return Entry(
        day=day,
        kind=kind,
        step_kind=step_kind,
        title=title,
        account_id=case.account_id,
        room=str(room),
        room_order=room.sort_key,
        community=room.community.name,
        owner=case.account.owner.name,
        person_id=team.acting(case.assignee_id, day),
        person=team.words(case.assignee_id, day),
        late_days=late_days,
    )


@dataclass(slots=True)
class Load:
    """What one person has to do. `person_id` None: what belongs to nobody. `raised`: late enough for the supervisor."""

    person_id: int | None
    person: str
    role: str = ""
    cases: int = 0
    late: int = 0
    raised: int = 0
    today: int = 0
    week: int = 0
    away_until: date | None = None
    stand_in: str = ""
    also: tuple[str, ...] = ()


def workload(on: date) -> list[Load]:
    """Open tasks per acting person on `on`: overdue, today, until Sunday; and cases per owner. Six statements."""
    team, limit = crew(on), office_settings().late_after_days
    loads = {m.user_id: Load(m.user_id, str(m.user), str(m.get_role_display())) for m in workers()}
    nobody = Load(None, "")
    sunday = on + timedelta(days=6 - on.weekday())
    for absence in team.absences:
        if absence.holds_on(on) and absence.person in loads:
            loads[absence.person].away_until = absence.ends_on
            loads[absence.person].stand_in = team.names.get(absence.stand_in, "")
    for person, load in loads.items():
        load.also = tuple(team.names.get(each, "") for each in team.whose_work(person, on) if each != person)
    tasks = Action.objects.filter(
        state=Action.State.PLANNED, by_hand=True, case__state=Case.State.OPEN, due_on__lte=sunday
    )
    for assignee, due_on in tasks.values_list("case__assignee_id", "due_on"):
        acting = team.acting(assignee, on)
        load = nobody if acting is None else loads.get(acting) or loads.setdefault(acting, _left(acting, team))
        delay = team.late_by(due_on, on)
        load.late += due_on < on
        load.raised += delay > limit
        load.today += due_on == on
        load.week += due_on > on
    counts: dict[int | None, int] = defaultdict(int)
    for assignee in Case.objects.filter(state=Case.State.OPEN).values_list("assignee_id", flat=True):
        counts[assignee] += 1
    for owner, count in counts.items():
        load = nobody if owner is None else loads.get(owner) or loads.setdefault(owner, _left(owner, team))
        load.cases = count
    return [*loads.values(), *([nobody] if nobody.cases or nobody.late or nobody.today or nobody.week else [])]


def _left(person: int, team: Crew) -> Load:
    """Somebody who may not do the work any more but still has some."""
    return Load(person, team.names.get(person, ""))


def absences_from(on: date) -> QuerySet[Absence]:
    """Arrangements that hold today or later, the next first."""
    return (
        Absence.objects.filter(ends_on__gte=on)
        .select_related("person", "stand_in", "entered_by")
        .order_by("starts_on", "id")
    )
