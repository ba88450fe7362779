"""楼栋负责人: who looks after which building."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.operations.responsibilities import assign_building
from billing.queries.responsibilities import buildings_and_people
from offices.models import Community, Membership, User
from offices.operations import Refusal
from offices.permissions import needs
from offices.scoping import current_office_id, office_now


@needs("case.assign")
@require_http_methods(["GET", "POST"])
def responsibilities(request: HttpRequest) -> HttpResponse:
    """The buildings with a choice each; a choice is kept at once."""
    members = Membership.objects.filter(office_id=current_office_id(), is_active=True).select_related("user")
    people = {member.user_id: member.user for member in members.order_by("user__display_name", "pk")}
    if request.method == "POST":
        asked = request.POST.get("community", "")
        community = get_object_or_404(Community, pk=int(asked) if asked.isdigit() else 0)
        try:
            assign_building(
                community=community,
                building=request.POST.get("building", ""),
                user=_person(people, request.POST.get("user", "")),
                by=request.user,  # type: ignore[arg-type]
                at=office_now(),
            )
            messages.success(request, _("已保存。之后新开的催缴案件会分给此人。"))
        except Refusal as refusal:
            messages.error(request, str(refusal))
        return redirect("billing:responsibilities")
    context = {"buildings": buildings_and_people(), "people": list(people.values())}
    return render(request, "billing/responsibilities.html", context)


def _person(people: dict[int, User], asked: str) -> User | None:
    return people.get(int(asked)) if asked.isdigit() else None
