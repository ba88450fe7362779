"""The State Council's yearly notice on public holidays, read as it is printed (国办发明电). Pure.

One notice names every day off (放假) and every make-up day at work (上班) of one year. The notices of 2025 and 2026 are
kept here in their own words; that of a coming year is pasted in by the office and read by the same rule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

# 《全国年节及纪念日放假办法》 (国务院令第795号, from 2025): 13 days off in law. A year with fewer known is not complete.
STATUTORY_DAYS_OFF = 13

# [source] year → (number of the notice, its words).
NOTICES: dict[int, tuple[str, str]] = {
    2025: (
        "国办发明电〔2024〕12号",
        "一、元旦：1月1日（周三）放假1天，不调休。"
        "二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。"
        "三、清明节：4月4日（周五）至6日（周日）放假，共3天。"
        "四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。"
        "五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。"
        "六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。",
    ),
    2026: (
        "国办发明电〔2025〕7号",
        "一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。"
        "二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。"
        "三、清明节：4月4日（周六）至6日（周一）放假，共3天。"
        "四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。"
        "五、端午节：6月19日（周五）至21日（周日）放假，共3天。"
        "六、中秋节：9月25日（周五）至27日（周日）放假，共3天。"
        "七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。",
    ),
}

_FESTIVAL = "元旦|春节|清明节|劳动节|端午节|中秋节|国庆节"
_HEADING = re.compile(rf"((?:{_FESTIVAL})(?:[、和](?:{_FESTIVAL}))*)[:：]")
_NOTE = r"(?:[（(](?P<{0}>[^）)]*)[）)])?"
_DAYS = re.compile(
    r"(?:(?P<y1>\d{4})年)?(?P<m1>\d{1,2})月(?P<d1>\d{1,2})日" + _NOTE.format("n1")
    + r"(?:[至—-](?:(?P<y2>\d{4})年)?(?:(?P<m2>\d{1,2})月)?(?P<d2>\d{1,2})日" + _NOTE.format("n2") + ")?"
)  # fmt: skip
_TOTAL = re.compile(r"共(\d+)天")
_WEEKDAYS = "一二三四五六日"


class NoticeUnreadable(ValueError):
    """The text is not a holiday notice of that year; the message says where it fails, in the reader's words."""


@dataclass(frozen=True, slots=True)
class DatedDay:
    """A day that differs from what its weekday says: off for a festival, or at work to make up for it."""

    day: date
    is_working: bool
    name: str


def read_notice(text: str, year: int) -> tuple[DatedDay, ...]:
    """Every dated day of the notice for `year`, in order of date.

    Weekdays and totals printed in the notice are checked against the dates; a text of another year fails on them.
    Raises `NoticeUnreadable`.
    """
    plain = re.sub(r"\s+", "", text)
    headings = list(_HEADING.finditer(plain))
    found: dict[date, DatedDay] = {}
    for number, heading in enumerate(headings):
        end = headings[number + 1].start() if number + 1 < len(headings) else len(plain)
        for sentence in plain[heading.end() : end].split("。"):
            for day in _sentence(sentence, year, heading.group(1)):
                found[day.day] = day
    off = [day for day in found.values() if not day.is_working]
    if len(off) < STATUTORY_DAYS_OFF:
        raise NoticeUnreadable(
            f"只读出 {len(off)} 个放假日，少于法定的 {STATUTORY_DAYS_OFF} 天。请粘贴通知全文（从「一、元旦」到「国庆节」）。"
        )
    return tuple(sorted(found.values(), key=lambda day: day.day))


def _sentence(sentence: str, year: int, name: str) -> list[DatedDay]:
    if "放假" in sentence:
        is_working = False
    elif "上班" in sentence:
        is_working = True
    else:
        return []
    days = [day for match in _DAYS.finditer(sentence) for day in _span(match, year, name)]
    total = _TOTAL.search(sentence)
    if total and int(total.group(1)) != len(days):
        raise NoticeUnreadable(f"{name}写明共 {total.group(1)} 天，读出 {len(days)} 天，请核对「{sentence}」。")
    return [DatedDay(day, is_working, name) for day in days]


def _span(match: re.Match[str], year: int, name: str) -> list[date]:
    first = _day(match["y1"] or year, match["m1"], match["d1"], match["n1"], name)
    if not match["d2"]:
        return [first]
    last = _day(match["y2"] or first.year, match["m2"] or first.month, match["d2"], match["n2"], name)
    if not first <= last <= first + timedelta(days=15):
        raise NoticeUnreadable(f"{name}的起止日期不成立：{match.group(0)}。")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _day(year: str | int, month: str | int, day: str, note: str | None, name: str) -> date:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError as error:
        raise NoticeUnreadable(f"{name}里没有这一天：{year}年{month}月{day}日。") from error
    printed = re.search(r"(?:周|星期)([一二三四五六日])", note or "")
    if printed and printed.group(1) != _WEEKDAYS[found.weekday()]:
        raise NoticeUnreadable(
            f"通知写 {found.month}月{found.day}日是周{printed.group(1)}，但 {found.year} 年这一天是"
            f"周{_WEEKDAYS[found.weekday()]}：请核对年份。"
        )
    return found
