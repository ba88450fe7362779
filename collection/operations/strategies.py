"""Strategies: drafted, edited, published and ended. What is published is never changed (invariant 28, decisions 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from collection.channels import available
from collection.models import Step, Strategy
from collection.queries.facts import business_day
from collection.queries.strategies import rules_of, scope_of
from collection.rules import steps as rules
from collection.rules.steps import DEFAULT_STEPS
from collection.rules.strategies import SEGMENTS, in_force
from collection.rules.strategy_faults import FAULTS, Fault, faults
from offices.models import Community, User
from offices.operations import Refusal
from offices.operations.offices import note_security_event
from offices.queries import office_settings

DEFAULT_NAME = "默认策略"


class NoStrategy(Refusal):
    """The office has not put any strategy in force."""

    code = "no_strategy"


class StrategyRefused(Refusal):
    """The strategy cannot be changed, published or ended like that; nothing was written."""

    code = "strategy_refused"
    status = 422


@transaction.atomic
def ensure_default_strategy(*, by: User | None, at: datetime) -> Strategy:
    """The office's default strategy, put in force on the day of `at` unless it stands already.

    Two who ask at once get the same row: the version is unique per office.
    """
    strategy, is_new = Strategy.objects.get_or_create(
        name=DEFAULT_NAME,
        version=1,
        defaults={"effective_on": at.date(), "published_at": at, "published_by": by},
    )
    if is_new:
        _write_steps(strategy, DEFAULT_STEPS)
    return strategy


@transaction.atomic
def draft_strategy(*, name: str, source: Strategy | None, by: User, at: datetime) -> Strategy:
    """A draft with the steps of `source` (the default ones without): the next version of `name`, or a new strategy.

    The next version keeps what the last one was for. Raises `StrategyRefused`: no_name, draft_exists.
    """
    name = name.strip()
    if not name:
        raise StrategyRefused(_("请填写策略名称，例如“高层住宅”。"), code="no_name")
    if Strategy.objects.filter(name=name, published_at=None).exists():
        raise StrategyRefused(
            _("“%(name)s”已有一份草稿，请继续修改那一份，或先删除它。") % {"name": name}, code="draft_exists"
        )
    last = Strategy.objects.filter(name=name).order_by("-version").first()
    draft = Strategy.objects.create(
        name=name,
        version=(last.version if last else 0) + 1,
        community_id=last.community_id if last else None,
        segment=last.segment if last else "",
        effective_on=business_day(at),
    )
    _write_steps(draft, rules_of(source.pk) if source else DEFAULT_STEPS)
    note_security_event(kind="strategy_drafted", subject=_title(draft), by=by, at=at)
    return draft


@transaction.atomic
def describe_draft(
    *, strategy: Strategy, community_id: int | None, segment: str, effective_on: date, note: str, by: User
) -> Strategy:
    """Whom the draft is for, from when, and what is new in it. Raises `StrategyRefused`."""
    draft = _draft(strategy)
    if community_id is not None and not Community.objects.filter(pk=community_id).exists():
        raise StrategyRefused(_("找不到这个小区，请重新选择。"), code="community_unknown")
    if segment and segment not in SEGMENTS:
        raise StrategyRefused(_("没有这一类业主，请从列表中选择。"), code="segment_unknown")
    draft.community_id, draft.segment = community_id, segment
    draft.effective_on, draft.note = effective_on, note.strip()[:200]
    draft.save()
    return draft


@transaction.atomic
def set_steps(*, strategy: Strategy, steps: Sequence[rules.Step], seen: int | None = None, by: User) -> Strategy:
    """Replace the steps of a draft. A draft may be wrong in every way; only publishing it is refused then.

    `seen`: the revision that was on the screen; refused with `changed_meanwhile` when a colleague was faster.
    """
    draft = _draft(strategy)
    if seen is not None and seen != draft.revision:
        raise StrategyRefused(_("同事刚刚修改过这份草稿，请看过最新内容后再改。"), code="changed_meanwhile")
    Step.objects.filter(strategy=draft).delete()
    _write_steps(draft, steps)
    draft.revision += 1
    draft.save(update_fields=["revision"])
    return draft


@transaction.atomic
def discard_draft(*, strategy: Strategy, by: User, at: datetime) -> None:
    """Throw a draft away."""
    draft = _draft(strategy)
    Step.objects.filter(strategy=draft).delete()
    note_security_event(kind="strategy_discarded", subject=_title(draft), by=by, at=at)
    draft.delete()


@transaction.atomic
def publish_strategy(*, strategy: Strategy, by: User, at: datetime) -> Strategy:
    """Put a draft in force from its day on: new cases begin with it, open ones keep theirs.

    Raises `StrategyRefused`: faulty (`faults` lists each with step and advice), in_the_past, not_draft.
    """
    draft = _draft(strategy)
    found = faults_of(draft)
    if found:
        raise StrategyRefused(
            _("策略还不能发布，有 %(count)s 处需要改正。第一处：%(first)s")
            % {"count": len(found), "first": words_of(found[0], draft)},
            code="faulty",
            faults=[{"code": f.code, "position": f.position, "words": words_of(f, draft)} for f in found],
        )
    if draft.effective_on < business_day(at):
        raise StrategyRefused(_("生效日已经过去。请改为今天或以后的日期，再发布。"), code="in_the_past")
    draft.published_at, draft.published_by = at, by
    draft.save(update_fields=["published_at", "published_by"])
    note_security_event(
        kind="strategy_published",
        subject=_title(draft),
        by=by,
        at=at,
        details={"strategy": draft.pk, "effective_on": draft.effective_on.isoformat(), "note": draft.note},
    )
    return draft


@transaction.atomic
def end_strategy(*, strategy: Strategy, ended_on: date, by: User, at: datetime) -> Strategy:
    """From `ended_on` no new case begins with this version; its open cases go on with it.

    Raises `StrategyRefused`: not_published, in_the_past, nothing_left (every household must find a strategy).
    """
    versions = list(Strategy.objects.select_for_update().filter(published_at__isnull=False))
    row = next((each for each in versions if each.pk == strategy.pk), None)
    if row is None:
        raise StrategyRefused(_("这一版还没有发布，可以直接删除草稿。"), code="not_published")
    if ended_on < business_day(at):
        raise StrategyRefused(_("停用日已经过去。请选择今天或以后的日期。"), code="in_the_past")
    row.ended_on = ended_on
    left = in_force([scope_of(each) for each in versions], ended_on)
    if not any(scope.community_id is None and not scope.segment for scope in left):
        raise StrategyRefused(
            _("停用后，有的住户没有策略可用。请先发布一份面向全部住户的策略，再停用这一份。"), code="nothing_left"
        )
    row.save(update_fields=["ended_on"])
    note_security_event(kind="strategy_ended", subject=_title(row), by=by, at=at, details={"strategy": row.pk})
    return row


def faults_of(strategy: Strategy, steps: Sequence[rules.Step] | None = None) -> tuple[Fault, ...]:
    """What keeps a version from being published, in this office."""
    settings = office_settings()
    return faults(
        rules_of(strategy.pk) if steps is None else steps,
        channels=available(),
        formal_days=settings.formal_deadline_days,
        final_days=settings.final_deadline_days,
    )


def words_of(fault: Fault, strategy: Strategy, titles: dict[int, str] | None = None) -> str:
    """A fault as one sentence: which step, what is wrong, what to do."""
    if not fault.position:
        return told(fault)
    titles = titles or dict(Step.objects.filter(strategy=strategy).values_list("position", "title"))
    where = _("第 %(position)s 步“%(title)s”") % {"position": fault.position, "title": titles.get(fault.position, "")}
    return f"{where}：{told(fault)}"


def told(fault: Fault) -> str:
    """What is wrong and what to do, in the reader's language."""
    return _(FAULTS[fault.code]) % fault.values


def _draft(strategy: Strategy) -> Strategy:
    row = Strategy.objects.select_for_update().filter(pk=strategy.pk).first()
    if row is None or not row.is_draft:
        raise StrategyRefused(
            _("已发布的版本不能修改，正在进行的案件按它进行。请新建一版草稿，改好后发布。"), code="not_draft"
        )
    return row


def _write_steps(strategy: Strategy, steps: Sequence[rules.Step]) -> None:
    Step.objects.bulk_create(Step(strategy=strategy, **_columns(step)) for step in steps)


def _columns(step: rules.Step) -> dict[str, Any]:
    values = asdict(step)
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


def _title(strategy: Strategy) -> str:
    return f"{strategy.name} v{strategy.version}"
