"""Who lives there beside the owners, and whether an owner lets the debt be spoken of with them (S11)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account, ContactPoint, Occupant, Owner
from billing.operations.accounts import business_date
from billing.operations.contact_points import mark_contact_point
from billing.queries import owners_of
from billing.rules.people import read_phone
from offices.models import StoredFile, User
from offices.operations import Refusal
from offices.operations.offices import note_security_event


class OccupantRefused(Refusal):
    """The person cannot be recorded, authorised or rung up like this. `details["field"]` names the field."""

    code = "occupant_refused"


@transaction.atomic
def record_occupant(
    *, account: Account, name: str, relation: str, phone: str = "", by: User | None, at: datetime
) -> Occupant:
    """Write down somebody who lives there and is no owner. Until an owner authorises it the debt is not for their ears.

    Where the office took their number for an owner's, nothing is sent there any more. Raises `OccupantRefused`.
    """
    account = Account.objects.select_for_update(of=("self",)).select_related("owner").get(pk=account.pk)
    name, number = name.strip()[:60], read_phone(phone)
    if not name:
        raise OccupantRefused(_("请填写姓名。"), field="name")
    if phone.strip() and not number:
        raise OccupantRefused(_("电话号码不完整，请核对后重填，或留空。"), field="phone")
    if name in owners_of(account).values_list("name", flat=True):
        raise OccupantRefused(_("%(name)s是本户业主，不用另外登记。") % {"name": name}, code="is_owner", field="name")
    if Occupant.objects.filter(account=account, name=name, left_on=None).exists():
        raise OccupantRefused(
            _("%(name)s已登记在本户，请在原来的一条上修改。") % {"name": name}, code="occupant_twice", field="name"
        )
    person = Occupant(account=account, name=name, relation=Occupant.Relation(relation), phone=number)
    _keep_record(person, by=by, at=at)
    _keep_number_apart(person, by=by, at=at)
    return person


@transaction.atomic
def authorise_occupant(
    *, occupant: Occupant, owner: Owner, how: str, evidence: StoredFile | None = None, by: User, at: datetime
) -> Occupant:
    """An owner lets the debt be spoken of with this person; `how`: when and in which way the owner said so.

    Raises `OccupantRefused` when it is not an owner of the household or nothing shows that it was said.
    """
    person = _locked(occupant)
    if not owners_of(person.account).filter(pk=owner.pk).exists():
        raise OccupantRefused(_("只有本户业主本人可以授权，请选择授权的业主。"), code="not_an_owner", field="owner")
    if not how.strip():
        raise OccupantRefused(_("请写明业主何时、以何种方式同意，例如：8月3日微信同意。"), code="no_proof", field="how")
    person.authorised_by, person.authorised_on, person.withdrawn_on = owner, business_date(at), None
    person.authorised_how, person.evidence = how.strip()[:100], evidence
    _keep_record(person, by=by, at=at)
    _keep_number_apart(person, by=by, at=at)
    return person


@transaction.atomic
def withdraw_authorisation(*, occupant: Occupant, reason: str, by: User, at: datetime) -> Occupant:
    """The owner no longer wants it, effective at once (个人信息保护法 15); when and why stays readable.

    Raises `OccupantRefused` when nothing is in force.
    """
    person = _locked(occupant)
    if not person.may_be_told:
        raise OccupantRefused(_("没有有效的授权可以撤回，请刷新页面查看。"), code="wrong_state")
    if not reason.strip():
        raise OccupantRefused(_("请写明撤回的依据，例如：业主8月3日来电撤回。"), code="no_proof", field="how")
    person.withdrawn_on = business_date(at)
    _keep_record(person, by=by, at=at, reason=reason.strip())
    _keep_number_apart(person, by=by, at=at)
    return person


@transaction.atomic
def note_occupant_left(*, occupant: Occupant, by: User, at: datetime) -> Occupant:
    """They live there no more: an authorisation ends and the number is erased, nobody needs it (个人信息保护法 47)."""
    person = _locked(occupant)
    person.left_on = business_date(at)
    _keep_number_apart(person, by=by, at=at)
    person.phone = ""
    _keep_record(person, by=by, at=at)
    return person


@transaction.atomic
def reveal_occupant(*, occupant: Occupant, by: User, at: datetime) -> None:
    """Somebody looks at the whole number, to ring: only of who may be told, and never without a trace (R11).

    Raises `OccupantRefused` for anybody else: only the debtor is called about a debt (domain 3.6).
    """
    person = _locked(occupant)
    if not person.may_be_told:
        raise OccupantRefused(
            _("业主没有授权与%(name)s谈欠费，请联系业主本人。") % {"name": person.name}, code="not_authorised"
        )
    note_security_event(
        kind="phone_revealed",
        subject=person.name,
        by=by,
        at=at,
        details={"occupant": person.pk, "account": person.account_id, "tail": person.phone[-4:]},
    )


def _keep_number_apart(person: Occupant, *, by: User | None, at: datetime) -> None:
    """An owner's contact point with this person's number is used only while they may be told."""
    state = ContactPoint.State
    points = ContactPoint.objects.filter(owner__in=owners_of(person.account), kind="phone", value=person.phone)
    if person.may_be_told:
        changed, to = points.filter(state=state.OTHERS), state.UNVERIFIED
    else:
        changed, to = points.exclude(state__in=(state.REFUSED, state.OTHERS)), state.OTHERS
    for point in changed if person.phone else ():
        why = _("号码是%(relation)s%(name)s的") % {"relation": person.get_relation_display(), "name": person.name}
        mark_contact_point(point=point, state=to, by=by, at=at, reason=why)


def _keep_record(person: Occupant, *, by: User | None, at: datetime, reason: str = "") -> None:
    person._history_date, person._history_user, person._change_reason = at, by, reason[:100] or None
    person.save()


def _locked(occupant: Occupant) -> Occupant:
    Account.objects.select_for_update(of=("self",)).get(pk=occupant.account_id)
    person = Occupant.objects.select_related("account").get(pk=occupant.pk)
    if person.left_on is not None:
        raise OccupantRefused(_("此人已不在这户居住，请刷新页面查看。"), code="wrong_state")
    return person
