"""Coming in and going out: sign in, first page, change of office, own preferences."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from offices.forms import PasswordForm, PreferencesForm, SignInForm
from offices.operations import Refusal
from offices.operations.people import change_own_password, save_preferences
from offices.permissions import FIRST_PAGE, Role
from offices.queries import demo_people
from offices.scoping import office_now
from offices.scoping.middleware import SESSION_KEY


class SignIn(LoginView):
    """The door. In a demo it offers the people one can be."""

    template_name = "registration/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        """422, so that a page that posts without reloading can show it."""
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The demo's people, never outside a demo."""
        context = super().get_context_data(**kwargs)
        if settings.DEMO:
            context |= {"demo_people": demo_people(), "demo_password": settings.DEMO_PASSWORD}
        return context


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The first page of the person's role."""
    membership = request.membership  # type: ignore[attr-defined]
    return redirect("offices:none" if membership is None else FIRST_PAGE[Role(membership.role)])


@login_required
def none(request: HttpRequest) -> HttpResponse:
    """Signed in, but member of no office."""
    return render(request, "registration/no_office.html")


@require_POST
@login_required
def switch(request: HttpRequest) -> HttpResponse:
    """Go to another office of mine; an office that is not mine changes nothing."""
    wanted = request.POST.get("office", "")
    if wanted.isdigit() and any(m.office_id == int(wanted) for m in getattr(request, "memberships", [])):
        request.session[SESSION_KEY] = int(wanted)
    return redirect("offices:home")


@login_required
def me(request: HttpRequest) -> HttpResponse:
    """My name, my keys, my password."""
    user = request.user
    if request.membership is None:  # type: ignore[attr-defined]
        return redirect("offices:none")
    chosen = request.POST.get("form")
    preferences = PreferencesForm(
        request.POST if chosen == "preferences" else None,
        initial={"display_name": user.display_name, "single_keys": user.single_keys},
    )
    password = PasswordForm(request.POST if chosen == "password" else None)
    if chosen == "preferences" and preferences.is_valid():
        save_preferences(user=user, **preferences.cleaned_data)
        messages.success(request, _("已保存。"))
        return redirect("offices:me")
    if chosen == "password" and password.is_valid():
        try:
            change_own_password(user=user, at=office_now(), **password.cleaned_data)
            update_session_auth_hash(request, user)
            messages.success(request, _("密码已修改。"))
            return redirect("offices:me")
        except Refusal as no:
            password.add_error(None, str(no))
    status = 422 if chosen else 200
    return render(request, "offices/me.html", {"preferences": preferences, "password": password}, status=status)
