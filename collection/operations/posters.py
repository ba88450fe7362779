"""温馨提示 on the notice board: made for a building, put up with a photo, taken down (S33)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account, Room
from collection.documents import poster_faults, poster_of
from collection.models import Poster
from collection.operations.notices import day_of
from collection.rules import posters as rules
from offices.filing import store_photo
from offices.letterhead import VERSION
from offices.models import Community, User
from offices.operations import Refusal
from offices.queries import office_settings
from offices.scoping import current_office

LONGEST_UP = timedelta(days=92)


class PosterRefused(Refusal):
    """The poster cannot be made, put up or taken down as asked. `details["field"]` names the field."""

    code = "poster_refused"


@transaction.atomic
def make_poster(
    *, community: Community, building: str, words: str, location: str, take_down_on: date, by: User, at: datetime
) -> Poster:
    """Freeze a notice for one building, to hang until `take_down_on` (included, at most 92 days from today).

    Raises `PosterRefused`: BUILDING_UNKNOWN, NO_WORDS, NO_LOCATION, TAKE_DOWN_DATE, PERSONAL_DATA (with `found`),
    WORDING (with `findings`, S29), ALREADY_WAITING when the same words wait to be put up there.
    """
    Community.objects.select_for_update().get(pk=community.pk)
    today, words, location = day_of(at), words.strip().replace("\r\n", "\n"), location.strip()
    _check_form(community, building, words, location)
    if not today <= take_down_on <= today + LONGEST_UP:
        raise PosterRefused(
            _("应取下日期须在今天至 %(days)d 天之内，请重新选择。") % {"days": LONGEST_UP.days},
            code="TAKE_DOWN_DATE",
            field="take_down_on",
        )
    _check_privacy(community, building, words)
    office = current_office()
    frozen = poster_of(
        community=community.name,
        building=building,
        words=words,
        made_on=today,
        take_down_on=take_down_on,
        office=office,
        settings=office_settings(),
    )
    faults = poster_faults(VERSION, frozen, places=(community.province, community.city), on=today)
    if faults:
        raise PosterRefused(
            _("温馨提示只作友好提醒，请修改：%s。") % "；".join(faults), code="WORDING", field="words", findings=faults
        )
    waiting = Poster.objects.filter(community=community, building=building, posted_on=None, take_down_on__gte=today)
    if waiting.filter(words=words).exists():
        raise PosterRefused(
            _("这栋楼已有一张内容相同的温馨提示待张贴，请先张贴那一张。"), code="ALREADY_WAITING", field="building"
        )
    return Poster.objects.create(
        community=community,
        building=building,
        location=location,
        words=words,
        template_version=VERSION,
        frozen=frozen,
        made_by=by,
        made_at=at,
        take_down_on=take_down_on,
    )


def _check_form(community: Community, building: str, words: str, location: str) -> None:
    if not Room.objects.filter(community=community, building=building).exists():
        raise PosterRefused(
            _("小区「%(community)s」没有楼栋「%(building)s」，请从列表中选择。")
            % {"community": community.name, "building": building},
            code="BUILDING_UNKNOWN",
            field="building",
        )
    if not words:
        raise PosterRefused(_("请填写温馨提示的内容。"), code="NO_WORDS", field="words")
    if not location:
        raise PosterRefused(_("请填写张贴位置，例如：电梯轿厢。"), code="NO_LOCATION", field="location")


def _check_privacy(community: Community, building: str, words: str) -> None:
    """A notice board is public: nothing of one household may hang there (S33, 个人信息保护法 §25)."""
    rooms = Room.objects.filter(community=community, building=building)
    accounts = Account.objects.filter(room__in=rooms)
    names = {name for pair in accounts.values_list("owner__name", "co_owners__owner__name") for name in pair if name}
    found = rules.personal_in(words, names=sorted(names), rooms=[str(room) for room in rooms])
    if found:
        raise PosterRefused(
            _("公告栏是公开场所，不能出现个别住户的姓名、房号、手机号或金额，请删去：%s。") % "、".join(found),
            code="PERSONAL_DATA",
            field="words",
            found=list(found),
        )


@transaction.atomic
def record_posting(*, poster: Poster, posted_on: date, photo: BinaryIO | None, by: User, at: datetime) -> Poster:
    """Write down that the poster hangs, with the photo that shows it.

    Raises `PosterRefused` (ALREADY_POSTED, NO_PHOTO, POSTED_DATE outside its making, its take-down date and today)
    and `PhotoRefused`.
    """
    poster = Poster.objects.select_for_update(of=("self",)).get(pk=poster.pk)
    if poster.posted_on is not None:
        raise PosterRefused(_("这张温馨提示已登记张贴，请刷新页面查看。"), code="ALREADY_POSTED")
    last = min(day_of(at), poster.take_down_on)
    if not day_of(poster.made_at) <= posted_on <= last:
        raise PosterRefused(
            _("张贴日期须在制作之日至 %s 之间，请重新选择。") % last.isoformat(), code="POSTED_DATE", field="posted_on"
        )
    if photo is None:
        raise PosterRefused(_("请拍下张贴好的温馨提示，照片是已张贴的依据。"), code="NO_PHOTO", field="photo")
    stored, taken_at = store_photo(photo.read(), name=getattr(photo, "name", "") or "photo.jpg", by=by, at=at)
    poster.posted_by, poster.posted_on, poster.photo, poster.photo_taken_at = by, posted_on, stored, taken_at
    poster.save(update_fields=["posted_by", "posted_on", "photo", "photo_taken_at"])
    return poster


@transaction.atomic
def record_take_down(*, poster: Poster, taken_down_on: date, by: User, at: datetime) -> Poster:
    """Write down that the poster hangs no longer. Raises `PosterRefused` (NOT_POSTED, ALREADY_DOWN, DOWN_DATE)."""
    poster = Poster.objects.select_for_update(of=("self",)).get(pk=poster.pk)
    if poster.posted_on is None:
        raise PosterRefused(_("这张温馨提示还没有登记张贴，无需取下。"), code="NOT_POSTED")
    if poster.taken_down_on is not None:
        raise PosterRefused(_("这张温馨提示已登记取下，请刷新页面查看。"), code="ALREADY_DOWN")
    if not poster.posted_on <= taken_down_on <= day_of(at):
        raise PosterRefused(_("取下日期须在张贴之日至今天之间，请重新选择。"), code="DOWN_DATE", field="taken_down_on")
    poster.taken_down_by, poster.taken_down_on = by, taken_down_on
    poster.save(update_fields=["taken_down_by", "taken_down_on"])
    return poster
