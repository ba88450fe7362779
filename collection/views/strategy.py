"""催缴策略: the versions and the one in force; one version as a timeline, edited while it is a draft, published, ended."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from arrears.rules.segments import SEGMENTS
from arrears.rules.tier import LABELS
from collection.forms.strategies import DescribeForm, NewDraftForm, StepForm
from collection.models import Message, Step, Strategy
from collection.operations import strategies as do
from collection.queries.strategies import current_strategy, rules_of, scopes_on, strategies
from collection.queries.trials import versions_to_migrate
from collection.rules import places, reasons, timeline
from collection.rules import steps as s
from offices.operations import Refusal
from offices.permissions import Role, holds, needs
from offices.queries import office_settings
from offices.scoping import office_now, office_today

STATES = {
    "draft": (gettext_lazy("草稿"), "warn"),
    "coming": (gettext_lazy("待生效"), "info"),
    "in_force": (gettext_lazy("使用中"), "good"),
    "ended": (gettext_lazy("已停用"), "plain"),
    "replaced": (gettext_lazy("已有新版"), "plain"),
}


@require_GET
@needs("settings.read")
def strategy(request: HttpRequest) -> HttpResponse:
    """The general strategy in force as a ladder, and every version of every strategy."""
    found = current_strategy(office_today())
    now = {scope.id for scope in scopes_on(office_today())}
    context = {
        "strategy": found,
        "steps": [step_words(step) for step in rules_of(found.pk)] if found else [],
        "rules": office_settings(),
        "versions": [version_words(each, now) for each in strategies()],
        "form": NewDraftForm(initial={"name": found.name if found else do.DEFAULT_NAME}),
    }
    return render(request, "collection/strategy.html", context)


@require_POST
@needs("strategy.edit")
def draft(request: HttpRequest) -> HttpResponse:
    """A new draft, from the version whose button was pressed or from the general one in force."""
    form = NewDraftForm(request.POST)
    source = request.POST.get("source", "")
    given = Strategy.objects.filter(pk=int(source)).first() if source.isdigit() else current_strategy(office_today())
    if not form.is_valid():
        messages.error(request, _("请填写策略名称，例如“高层住宅”。"))
        return redirect("collection:strategy")
    try:
        made = do.draft_strategy(name=form.cleaned_data["name"], source=given, by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        messages.error(request, str(no))
        return redirect("collection:strategy")
    return redirect("collection:strategy-version", pk=made.pk)


@require_GET
@needs("settings.read")
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: its steps, what is wrong with them while it is a draft, and what may be done with it."""
    return _version(request, get_object_or_404(strategies(), pk=pk))


def _version(
    request: HttpRequest, row: Strategy, *, form: DescribeForm | None = None, status: int = 200
) -> HttpResponse:
    described = {
        "community": row.community_id,
        "segment": row.segment,
        "effective_on": row.effective_on,
        "note": row.note,
    }
    context = {
        **_timeline(request, row),
        "version": version_words(row, {scope.id for scope in scopes_on(office_today())}),
        "form": form or DescribeForm(initial=described),
        "others": [] if row.is_draft else versions_to_migrate(row),
        "today": office_today(),
    }
    return render(request, "collection/strategy_version.html", context, status=status)


def _timeline(request: HttpRequest, row: Strategy, focus: int = 0) -> dict[str, Any]:
    steps = rules_of(row.pk)
    titles = {step.position: step.title for step in steps}
    found = do.faults_of(row, steps) if row.is_draft else ()
    wrong = {fault.position for fault in found}
    return {
        "strategy": row,
        "steps": [
            step_words(step) | {"is_wrong": step.position in wrong, "focus": step.position == focus} for step in steps
        ],
        "faults": [do.words_of(fault, row, titles) for fault in found],
        "may_edit": row.is_draft and holds(request.membership.role, "strategy.edit"),  # type: ignore[attr-defined]
        "kinds": Step.Kind.choices,
    }


@require_POST
@needs("strategy.edit")
def steps(request: HttpRequest, pk: int) -> HttpResponse:
    """Add, move or take out a step of a draft; htmx gets the timeline, others the page."""
    row = get_object_or_404(strategies(), pk=pk)
    wanted, position = request.POST.get("do", ""), _number(request.POST.get("position"))
    before, focus = rules_of(row.pk), position
    try:
        if wanted == "add":
            after = timeline.added(before, request.POST.get("kind", ""))
            focus = next(step.position for step, old in zip(after, (*before, None), strict=True) if step != old)
        elif wanted == "remove":
            after, focus = timeline.removed(before, position), min(position, len(before) - 1)
        else:
            by = -1 if wanted == "up" else 1
            after, focus = timeline.moved(before, position, by), min(max(position + by, 1), len(before))
        row = do.set_steps(
            strategy=row,
            steps=after,
            seen=_number(request.POST.get("seen")),
            by=request.user,  # type: ignore[arg-type]
        )
    except KeyError:
        messages.error(request, _("没有这一步，请看过最新内容后再改。"))
    except Refusal as no:
        messages.error(request, str(no))
        row.refresh_from_db()
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "collection/strategy_timeline.html", _timeline(request, row, focus))
    return redirect("collection:strategy-version", pk=pk)


@require_http_methods(["GET", "POST"])
@needs("strategy.edit")
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """One step of a draft as a form; `?position=` says which."""
    row = get_object_or_404(strategies(), pk=pk)
    before = rules_of(row.pk)
    position = _number((request.POST or request.GET).get("position"))
    chosen = next((each for each in before if each.position == position), None)
    if chosen is None or not row.is_draft:
        messages.error(request, _("没有这一步，请看过最新内容后再改。"))
        return redirect("collection:strategy-version", pk=pk)
    form = StepForm(chosen, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            do.set_steps(
                strategy=row,
                steps=timeline.changed(before, position, form.values()),
                seen=_number(request.POST.get("seen")),
                by=request.user,  # type: ignore[arg-type]
            )
        except Refusal as no:
            form.add_error(None, str(no))
        else:
            return redirect(f"{request.path.removesuffix('step/')}#step-{position}")
    context = {"strategy": row, "step": step_words(chosen), "form": form, "seen": row.revision}
    return render(request, "collection/strategy_step.html", context, status=422 if form.errors else 200)


@require_POST
@needs("strategy.edit")
def describe(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom the draft is for and from when."""
    row = get_object_or_404(strategies(), pk=pk)
    form = DescribeForm(request.POST)
    if form.is_valid():
        try:
            do.describe_draft(strategy=row, **form.asked(), by=request.user)  # type: ignore[arg-type]
        except Refusal as no:
            form.add_error(None, str(no))
        else:
            messages.success(request, _("已保存。"))
            return redirect("collection:strategy-version", pk=pk)
    return _version(request, row, form=form, status=422)


@require_POST
@needs("strategy.publish")
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the draft in force from its day on."""
    row = get_object_or_404(strategies(), pk=pk)
    try:
        do.publish_strategy(strategy=row, by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        messages.error(request, str(no))
    else:
        messages.success(request, _("已发布。新案件从生效日起按它进行，进行中的案件仍按原来的版本。"))
    return redirect("collection:strategy-version", pk=pk)


@require_POST
@needs("strategy.edit")
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the draft away."""
    row = get_object_or_404(strategies(), pk=pk)
    try:
        do.discard_draft(strategy=row, by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        messages.error(request, str(no))
        return redirect("collection:strategy-version", pk=pk)
    messages.success(request, _("草稿已删除。"))
    return redirect("collection:strategy")


@require_POST
@needs("strategy.publish")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """No new case begins with this version from today on."""
    row = get_object_or_404(strategies(), pk=pk)
    try:
        do.end_strategy(strategy=row, ended_on=office_today(), by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        messages.error(request, str(no))
    else:
        messages.success(request, _("已停用。进行中的案件仍按它进行，可以迁移到其他版本。"))
    return redirect("collection:strategy-version", pk=pk)


def version_words(row: Strategy, in_force: set[int]) -> dict[str, Any]:
    """A version with its state and whom it is for, in words."""
    state = "draft" if row.is_draft else "in_force" if row.pk in in_force else "replaced"
    if not row.is_draft and row.effective_on > office_today():
        state = "coming"
    elif row.ended_on is not None and row.ended_on <= office_today():
        state = "ended"
    label, tone = STATES[state]
    segment = SEGMENTS.get(row.segment, "")
    return {
        "row": row,
        "state": state,
        "label": label,
        "tone": tone,
        "whom": _("%(place)s，%(people)s")
        % {"place": row.community or _("全部小区"), "people": _(segment) if segment else _("全部业主")},
    }


def step_words(step: s.Step) -> dict[str, Any]:
    """A step with everything that stands beside it on the timeline, in words."""
    roles, channels = dict(Role.choices), dict(Message.Channel.choices)
    kinds = dict(Step.Kind.choices)
    return {
        "step": step,
        "kind": kinds.get(step.kind, step.kind),
        "since": _since(step),
        "role": roles.get(step.role) or _("系统"),
        "approver": roles.get(step.approver, ""),
        "channels": [channels.get(channel, channel) for channel in step.channels],
        "text": _(places.USES[step.template]) if step.template in places.USES else "",
        "script": _(reasons.LABELS[step.script]) if step.script in reasons.LABELS else "",
        "tiers": [_(LABELS[tier]) for tier in step.tiers if tier in LABELS],
        "entry": [_(LABELS[tier]) for tier in step.entry_tiers if tier in LABELS],
        "has_minimum": step.minimum > s.LEAST,
    }


def _since(step: s.Step) -> str:
    if step.counts_from_deadline:
        return _("在通知书期限届满之后")
    return _("在应缴日之后") if step.position == 1 else _("在上一步生效之后")


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
