"""业主群体: who pays, how the home is lived in, hardship, high value (S17). Pure: codes and how they are found."""

from __future__ import annotations

from decimal import Decimal

from arrears.rules.payers import COMPANY, DEVELOPER, PERSON, payer_type

HARDSHIP, HIGH_VALUE = "hardship", "high_value"

# Every segment; an account is in one of who pays, in one of how the home is lived in, and in any of the rest.
SEGMENTS: dict[str, str] = {
    PERSON: "个人业主",
    COMPANY: "单位业主",
    DEVELOPER: "建设单位",
    "self": "自住",
    "rented": "出租",
    "vacant": "空置",
    "undelivered": "未交付",
    HARDSHIP: "经济困难",
    HIGH_VALUE: "高额欠费",
}
HINTS: dict[str, str] = {
    HARDSHIP: "经济困难：优先协商分期",
    DEVELOPER: "建设单位：走对公往来，不上门",
    "rented": "出租：先联系业主本人，租客无缴费义务的不催租客",
    "vacant": "空置：优先电话和邮寄，核对是否可申请空置优惠",
}


def segments_of(
    *, kind: str, name: str, residence: str, is_in_hardship: bool, arrears: Decimal, high_value_from: Decimal | None
) -> tuple[str, ...]:
    """The segments of one account, in the order of `SEGMENTS`; `arrears` and `high_value_from` in yuan."""
    found = {
        payer_type(kind, name): True,
        residence: True,
        HARDSHIP: is_in_hardship,
        HIGH_VALUE: high_value_from is not None and arrears >= high_value_from,
    }
    return tuple(code for code in SEGMENTS if found.get(code))
