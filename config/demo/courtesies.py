"""What the office does for those who cannot pay at once: hardship with its proof, and instalment plans (S83–S88)."""

from datetime import timedelta
from typing import Any

from billing.models import Account, Responsibility, Room
from billing.operations.responsibilities import assign_building
from collection.models import Poster
from collection.operations.posters import make_poster, record_posting, record_take_down
from collection.rules.posters import LOCATION, WORDS
from config.demo.life import Life, photo
from disputes.models import InstalmentPlan
from disputes.operations import (
    activate_plan,
    approve_plan,
    confirm_hardship,
    propose_plan,
    record_hardship,
)
from disputes.queries import contestable_lines
from disputes.rules.plans import even_schedule, months_after
from offices.filing import store_file
from offices.operations import Refusal


def share_buildings(life: Life) -> None:
    """管理员 gives each building its person, in turn (S22)."""
    with life.acting("admin") as admin:
        homes = Room.objects.values_list("community", "building").order_by("community", "building").distinct()
        for number, (community_id, building) in enumerate(list(homes)):
            if not Responsibility.objects.filter(community_id=community_id, building=building).exists():
                room = Room.objects.filter(community_id=community_id, building=building).select_related("community")[0]
                person = life.people[("collector", "collector2")[number % 2]]
                assign_building(community=room.community, building=building, user=person, by=admin, at=life.at(8, 45))


def _scan(words: str, kind: str, by: Any, life: Life) -> Any:
    picture, _shows = photo(words)
    return store_file(picture, name=f"{words}.jpg", kind=kind, by=by, at=life.at(16), mime="image/jpeg")


def agree_instalments(life: Life, account: Account, *, is_signed: bool) -> InstalmentPlan | None:
    """Three monthly instalments of all that is open; signed and in force, or waiting for 项目经理."""
    with life.acting("collector") as person:
        lines = contestable_lines(account.pk, life.day)
        total = sum(line.open_amount for line in lines)
        down = (total / 4).quantize(total)
        try:
            plan = propose_plan(
                account=account,
                bill_ids=[line.bill_id for line in lines],
                schedule=even_schedule(
                    total, down=down, down_on=life.day + timedelta(days=1), count=3, first_on=months_after(life.day, 1)
                ),
                reason="家中主要收入者失业，社区已核实；愿意按月缴清",
                willingness="written",
                by=person,
                at=life.at(15),
            )
        except Refusal:
            return None  # an objection or a promise stands in the way; another household is asked
    if not is_signed:
        return plan
    with life.acting("manager") as manager:
        plan = approve_plan(plan=plan, by=manager, at=life.at(15, 30))
    with life.acting("supervisor") as supervisor:
        signed = _scan("签字协议", "evidence", supervisor, life)
        plan = activate_plan(plan=plan, signed_copy=signed, by=supervisor, at=life.at(16))
    life.receive(account, down, memo="分期首付款")
    return plan


def verify_hardship(life: Life, account: Account) -> None:
    """客服主管 records it with its proof, 项目经理 verifies it for half a year (S13, S84)."""
    with life.acting("supervisor") as supervisor:
        proof = _scan("失业登记证明", "restricted", supervisor, life)
        review = record_hardship(
            account=account, details="业主失业，正在领取失业保险金", evidence=proof, by=supervisor, at=life.at(14)
        )
    with life.acting("manager") as manager:
        confirm_hardship(review=review, until=life.day + timedelta(days=180), by=manager, at=life.at(14, 30))


def hang_posters(life: Life) -> None:
    """客服主管 makes a friendly notice for each building, without a household in it; 收缴员 hangs two (S33)."""
    with life.acting("supervisor") as supervisor:
        community = Room.objects.select_related("community").order_by("pk")[0].community
        buildings = sorted(set(Room.objects.filter(community=community).values_list("building", flat=True)))
        posters = [
            make_poster(
                community=community,
                building=building,
                words=WORDS,
                location=LOCATION,
                take_down_on=life.day + timedelta(days=days),
                by=supervisor,
                at=life.at(11),
            )
            for building, days in zip(buildings, (7, 7, 20), strict=False)
        ]
    with life.acting("collector") as person:
        for poster in posters[:2]:
            picture, _shows = photo(f"{poster.building} {life.day}")
            record_posting(poster=poster, posted_on=life.day, photo=picture, by=person, at=life.at(16))


def take_poster_down(life: Life) -> None:
    """收缴员 takes the first one down on its day; the second is forgotten, and the page says so."""
    with life.acting("collector") as person:
        poster = Poster.objects.exclude(posted_on=None).order_by("pk")[0]
        record_take_down(poster=poster, taken_down_on=life.day, by=person, at=life.at(17))
