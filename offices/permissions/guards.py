"""The table of rights at the doors: pages and API."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from offices.operations import Refusal
from offices.permissions.table import TABLE, holds


def needs(verb: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Only a member whose role holds `verb` gets through; strangers are sent to sign in, others get 403."""
    assert verb in TABLE, verb

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            membership = getattr(request, "membership", None)
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if membership is None:
                return HttpResponseRedirect(reverse("offices:none"))
            if not holds(membership.role, verb):
                raise PermissionDenied(verb)
            return view(request, *args, **kwargs)

        guarded.verb = verb  # type: ignore[attr-defined]
        return guarded

    return decorate


class Nobody(BasePermission):
    """The API's default: a view that names no verb lets nobody in."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Never."""
        return False


class Needs(BasePermission):
    """API twin of `needs`. Use `permission_classes = [Needs.of("verb")]`, or a dict of verbs by action."""

    verb = ""
    verbs: dict[str, str] = {}

    @classmethod
    def of(cls, verb: str = "", **by_action: str) -> type[Needs]:
        """A permission class for one verb, with others for named actions: `Needs.of("a.read", create="a.write")`."""
        for each in filter(None, (verb, *by_action.values())):
            assert each in TABLE, each
        return type("Needs_" + (verb or "by_action").replace(".", "_"), (cls,), {"verb": verb, "verbs": by_action})

    def has_permission(self, request: Any, view: Any) -> bool:
        """Whether the caller's role holds the verb of this action."""
        membership = getattr(request._request, "membership", None)
        verb = self.verbs.get(getattr(view, "action", None) or "", self.verb)
        return bool(membership) and bool(verb) and holds(membership.role, verb)


def api_refusal(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Business refusals become 409 with code and words; everything else is DRF's."""
    if isinstance(exc, Refusal):
        return Response({"code": exc.code, "detail": str(exc), **exc.details}, status=exc.status)
    from rest_framework.views import exception_handler  # late: DRF's views load this module for their defaults

    return exception_handler(exc, context)
