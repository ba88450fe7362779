"""今日计划: what a run would do, before it takes effect; what it did, and taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from collection.models import Sweep
from collection.operations import plan_day, roll_back_sweep
from collection.queries.plan import DayPlan, households, plan_of, plan_sweep
from offices.operations import Refusal
from offices.permissions import needs
from offices.scoping import office_now, office_today

PAGE = 50


@require_GET
@needs("run.day")
def day_plan(request: HttpRequest) -> HttpResponse:
    """What is to be done now, not written anywhere yet; below it the runs so far."""
    on = office_today()
    runs = Sweep.objects.select_related("undone_by").order_by("-on", "-id")[:15]
    return render(request, "collection/plan.html", _listing(request, plan_sweep(on)) | {"on": on, "runs": runs})


@require_GET
@needs("run.day")
def past_run(request: HttpRequest, sweep_id: int) -> HttpResponse:
    """What one run did, household by household."""
    sweep = get_object_or_404(Sweep.objects.select_related("undone_by"), pk=sweep_id)
    newest = Sweep.objects.exclude(state=Sweep.State.UNDONE).order_by("-on", "-id").first()
    context = {"sweep": sweep, "on": sweep.on, "is_newest": newest is not None and newest.pk == sweep.pk}
    return render(request, "collection/plan.html", _listing(request, plan_of(sweep)) | context)


@require_POST
@needs("run.day")
def run(request: HttpRequest) -> HttpResponse:
    """Let the plan take effect: everything is read again under lock, so it does what holds at this moment."""
    try:
        sweep = plan_day(on=office_today(), at=office_now()).sweep
    except Refusal as no:
        messages.error(request, str(no))
        return redirect("collection:plan")
    words = _("已执行：%(planned)s 户进行下一步，%(skipped)s 户暂不联系。")
    messages.success(request, words % {"planned": sweep.planned, "skipped": sweep.skipped})
    return redirect("collection:plan-past", sweep.pk)


@require_POST
@needs("run.roll_back")
def roll_back(request: HttpRequest, sweep_id: int) -> HttpResponse:
    """Take the whole run back, or say what has left the house."""
    sweep = get_object_or_404(Sweep.objects.all(), pk=sweep_id)
    try:
        roll_back_sweep(sweep=sweep, by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        messages.error(request, str(no))
    else:
        messages.success(request, _("已整批撤回；今天不再自动运行，可在核对后手动执行。"))
    return redirect("collection:plan-past", sweep_id)


def _listing(request: HttpRequest, plan: DayPlan) -> dict[str, Any]:
    """The counts, and one page of the households of the chosen group."""
    wanted = request.GET.get("only", "")
    lines = [line for line in plan.lines if not wanted or line.key == wanted]
    page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    return {"plan": plan, "only": wanted, "page": page, "rows": households(list(page))}
