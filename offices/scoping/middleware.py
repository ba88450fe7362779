"""Every request of a signed-in member runs inside that member's office."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from offices.models import Membership
from offices.scoping.context import office_scope
from offices.scoping.tokens import bearer_of

SESSION_KEY = "office_id"


class OfficeMiddleware:
    """Resolve the office from the membership (never from a parameter), open it, answer inside it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Open the scope; undo everything when the answer is a fault of ours."""
        membership = bearer_of(request) or self._membership(request)
        request.membership = membership  # type: ignore[attr-defined]
        if membership is None:
            return self.get_response(request)
        with office_scope(membership.office, by=membership.user):
            response = self.get_response(request)
            if getattr(response, "is_rendered", True) is False:
                response.render()  # type: ignore[attr-defined]
            if response.status_code >= 500:
                transaction.set_rollback(True)
            return response

    @staticmethod
    def _membership(request: HttpRequest) -> Membership | None:
        if not request.user.is_authenticated:
            return None
        mine = list(
            Membership.objects.filter(user=request.user, is_active=True, office__is_active=True)
            .select_related("office", "user")
            .order_by("id")
        )
        wanted = request.session.get(SESSION_KEY)
        chosen = next((m for m in mine if m.office_id == wanted), mine[0] if mine else None)
        request.memberships = mine  # type: ignore[attr-defined]
        return chosen
