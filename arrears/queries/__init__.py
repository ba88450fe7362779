"""What the arrears app can be asked, always as of a day."""

from arrears.queries.habits import payment_habits
from arrears.queries.late_charge import AccountCharge, account_late_charge
from arrears.queries.limitation import LimitationRow, LimitationWatch, clocks, limitation_watch
from arrears.queries.lists import (
    ArrearsFilters,
    ArrearsList,
    ArrearsRow,
    arrears_list,
    buildings,
    responsible_people,
    saved_views,
)
from arrears.queries.positions import ageing, ageing_by_community, bill_lines, position, positions, tier_policy
from arrears.queries.roll_forward import RollForward, roll_forward, total_of
from arrears.queries.segments import segments

__all__ = [
    "AccountCharge",
    "ArrearsFilters",
    "ArrearsList",
    "ArrearsRow",
    "LimitationRow",
    "LimitationWatch",
    "RollForward",
    "account_late_charge",
    "ageing",
    "ageing_by_community",
    "arrears_list",
    "bill_lines",
    "buildings",
    "clocks",
    "limitation_watch",
    "payment_habits",
    "position",
    "positions",
    "responsible_people",
    "roll_forward",
    "saved_views",
    "segments",
    "tier_policy",
    "total_of",
]
