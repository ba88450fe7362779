"""Who lives there beside the owners, and with whom the debt may be spoken of: a panel of one household (S11)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from billing.forms import AuthorisationForm, OccupantForm, ReasonForm
from billing.models import Account, Occupant
from billing.operations.evidence import keep_evidence
from billing.operations.occupants import (
    authorise_occupant,
    note_occupant_left,
    record_occupant,
    reveal_occupant,
    withdraw_authorisation,
)
from billing.views.accounts import account_of_page, allowed, done
from offices.operations import Refusal
from offices.permissions import needs
from offices.scoping import office_now


@needs("household.read")
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def occupants(request: HttpRequest, account_id: int) -> HttpResponse:
    """The people of the household who are no owners; and a form to write down one more."""
    account = account_of_page(account_id)
    if request.method == "GET":
        return _panel(request, account)
    if not allowed(request, "occupant.record"):
        return HttpResponse(status=403)
    form = OccupantForm(request.POST, auto_id="occupant_%s")
    if form.is_valid():
        try:
            record_occupant(account=account, **form.cleaned_data, **_who(request))
        except Refusal as no:
            form.add_error(no.details.get("field"), str(no))
        else:
            return done(request, "billing:occupants", account.pk, _("已登记。业主授权之前不与其谈欠费。"))
    return _panel(request, account, form=form, status=422)


@needs("occupant.record")
@require_POST
def authorise(request: HttpRequest, pk: int) -> HttpResponse:
    """An owner lets this person be told."""
    person = _person(pk)
    form = AuthorisationForm(request.POST, request.FILES, account=person.account)

    def act(asked: dict[str, Any]) -> None:
        file = asked.pop("evidence")
        proof = keep_evidence(data=file.read(), name=file.name or "", **_who(request)) if file else None
        authorise_occupant(occupant=person, evidence=proof, **asked, **_who(request))

    return _act(request, person, form, act, _("已登记授权。业主可以随时撤回。"))


@needs("occupant.record")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """An owner takes it back."""
    person = _person(pk)
    return _act(
        request,
        person,
        ReasonForm(request.POST),
        lambda asked: withdraw_authorisation(occupant=person, **asked, **_who(request)),
        _("授权已撤回，从现在起不再与其谈欠费。"),
    )


@needs("occupant.record")
@require_POST
def left(request: HttpRequest, pk: int) -> HttpResponse:
    """This person lives there no more."""
    person = _person(pk)
    words = _("已登记迁出，电话已删除。")
    return _act(
        request, person, Form(request.POST), lambda _asked: note_occupant_left(occupant=person, **_who(request)), words
    )


@needs("phone.reveal")
@require_POST
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole number of somebody who may be told, ready to dial; who looked is kept (R11)."""
    person = _person(pk)
    try:
        reveal_occupant(occupant=person, **_who(request))
    except Refusal as no:
        return HttpResponse(str(no), status=409)
    context = {"number": person.phone, "dial": re.sub(r"[^\d+]", "", person.phone)}
    return render(request, "partials/dial.html", context)


def _person(pk: int) -> Occupant:
    return get_object_or_404(Occupant.objects.select_related("account"), pk=pk)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.user, "at": office_now()}


def _act(
    request: HttpRequest, person: Occupant, form: Form, act: Callable[[dict[str, Any]], object], words: str
) -> HttpResponse:
    account = account_of_page(person.account_id)
    if not form.is_valid():
        problem = " ".join(f"{form.fields[name].label}：{errors[0]}" for name, errors in form.errors.items())
        return _panel(request, account, problem=problem, status=422)
    try:
        act(form.cleaned_data)
    except Refusal as no:
        return _panel(request, account, problem=str(no), status=422)
    return done(request, "billing:occupants", account.pk, words)


def _panel(request: HttpRequest, account: Account, *, status: int = 200, **more: Any) -> HttpResponse:
    people = Occupant.objects.filter(account=account).select_related("authorised_by", "evidence")
    context = {
        "account": account,
        "people": [
            (
                who,
                AuthorisationForm(
                    account=account, auto_id=f"authorise_{who.pk}_%s", initial={"owner": account.owner_id}
                ),
            )
            for who in people
        ],
        "form": OccupantForm(auto_id="occupant_%s"),
        "may_record": allowed(request, "occupant.record"),
        **more,
    }
    return render(request, "billing/occupants.html", context, status=status)
