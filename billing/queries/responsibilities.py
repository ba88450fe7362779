"""The buildings of an office and who looks after each."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from billing.models import Responsibility, Room


@dataclass(frozen=True, slots=True)
class Building:
    """One building with its number of rooms; `user_id` is None while nobody looks after it."""

    community_id: int
    community: str
    building: str
    rooms: int
    user_id: int | None


def buildings_and_people() -> list[Building]:
    """Every building that has rooms, in the order of communities and rooms. Two statements."""
    people = {(r.community_id, r.building): r.user_id for r in Responsibility.objects.all()}
    places = Room.objects.values_list("community_id", "community__name", "building").annotate(rooms=Count("pk"))
    return [
        Building(community_id, name, building, rooms, people.get((community_id, building)))
        for community_id, name, building, rooms in places.order_by("community__position", "community_id", "building")
    ]
