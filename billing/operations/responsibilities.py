"""Who looks after a building (S22): new cases of its rooms go to that person."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Responsibility, Room
from offices.models import Community, Membership, User
from offices.operations import Refusal
from offices.operations.offices import note_security_event
from offices.scoping import current_office_id


class ResponsibilityRefused(Refusal):
    """No such building, or the person does not work in this office."""

    code = "responsibility_refused"


@transaction.atomic
def assign_building(
    *, community: Community, building: str, user: User | None, by: User | None, at: datetime
) -> Responsibility | None:
    """From now on `user` looks after the building; None: nobody does. Raises `ResponsibilityRefused`.

    Cases that are open stay with whom they have; who assigned what is written down.
    """
    if not Room.objects.filter(community=community, building=building).exists():
        raise ResponsibilityRefused(
            _("%(community)s没有 %(building)s 栋。请刷新页面，从列出的楼栋中选择。")
            % {"community": community.name, "building": building}
        )
    if user and not Membership.objects.filter(user=user, office_id=current_office_id(), is_active=True).exists():
        raise ResponsibilityRefused(_("所选人员不在本办公室，或已停用。请选择在职人员。"))
    note_security_event(
        kind="building_assigned", by=by, at=at, subject=f"{community.name} {building}", details={"to": str(user or "")}
    )
    if user is None:
        Responsibility.objects.filter(community=community, building=building).delete()
        return None
    given, _made = Responsibility.objects.update_or_create(
        community=community, building=building, defaults={"user": user}
    )
    return given
