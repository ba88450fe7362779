"""Posters of the notice boards: the list, by state, and how many wait for somebody (S33)."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Q, QuerySet

from collection.models import Poster
from collection.rules.posters import DOWN, LAPSED, OVERDUE, POSTED, STATES, WAITING


def posters() -> QuerySet[Poster]:
    """The open office's posters with what a row shows, newest first."""
    return Poster.objects.select_related("community", "made_by", "posted_by", "taken_down_by", "photo")


def in_state(state: str, today: date) -> Q:
    """The posters that are in this state today, as `collection.rules.posters.state_of` has it."""
    return {
        WAITING: Q(posted_on=None, take_down_on__gte=today),
        POSTED: Q(posted_on__isnull=False, taken_down_on=None, take_down_on__gte=today),
        OVERDUE: Q(posted_on__isnull=False, taken_down_on=None, take_down_on__lt=today),
        DOWN: Q(taken_down_on__isnull=False),
        LAPSED: Q(posted_on=None, take_down_on__lt=today),
    }[state]


def poster_counts(today: date) -> dict[str, int]:
    """State → number of posters. One statement."""
    return Poster.objects.aggregate(**{state: Count("pk", filter=in_state(state, today)) for state in STATES})
