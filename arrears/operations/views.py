"""Saved views of the arrears list: kept, shared with the office, thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from django.db import transaction
from django.utils.translation import gettext as _

from arrears.models import SavedView
from offices.models import User
from offices.operations import Refusal

KEPT = ("q", "community", "building", "person", "tier", "bucket", "hold", "segment", "minimum", "sort")
"""Of the address; the day and the page are not kept: a view shows today."""


class ViewRefused(Refusal):
    """The view has no name, or belongs to somebody else."""

    code = "saved_view_refused"


@transaction.atomic
def save_view(*, name: str, filters: Mapping[str, str], is_shared: bool, by: User, at: datetime) -> SavedView:
    """Keep these filters under a name of one's own; the same name again replaces them. Raises `ViewRefused`."""
    name = name.strip()
    if not name:
        raise ViewRefused(_("视图还没有名称。请填写一个名称，例如“我的 3 号楼”，再保存。"))
    query = urlencode({key: filters[key] for key in KEPT if filters.get(key)})
    view, _made = SavedView.objects.update_or_create(
        user=by, name=name[:30], defaults={"query": query[:400], "is_shared": is_shared, "saved_at": at}
    )
    return view


@transaction.atomic
def delete_view(*, view: SavedView, by: User) -> None:
    """Throw away a view of one's own. Raises `ViewRefused` for another person's."""
    if view.user_id != by.pk:
        raise ViewRefused(_("这个视图是 %(name)s 保存的，只能由本人删除。") % {"name": view.user})
    view.delete()
