"""今日: what there is to do today, and one household with everything a caller needs to know."""

from collection.queries.work.day import work_day
from collection.queries.work.household import household
from collection.queries.work.parts import Event, Flag, Household, PhoneLine, Removed, WorkDay, WorkItem

__all__ = ["Event", "Flag", "Household", "PhoneLine", "Removed", "WorkDay", "WorkItem", "household", "work_day"]
