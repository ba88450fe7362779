"""A notice as a plain dict for its letter: everything printed, frozen when it is approved (S43–S50, S71, S72)."""

from __future__ import annotations

import calendar
import html
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from arrears.rules.position import BillPosition
from billing.models import Account, Owner
from collection.models import Correction, Notice
from collection.queries.notices import DemandedCharge
from collection.queries.schedule import Entry
from collection.queries.scripts import text_at
from collection.rules import letters, places, wording
from collection.rules.citations import CONSEQUENCES, FINAL, FORMAL, citation
from collection.rules.measures import bans_for, choose
from collection.rules.posters import building_words
from collection.rules.scripts import Text
from offices.letterhead import VERSION, letter_html, letter_pdf
from offices.models import Office, OfficeSettings
from offices.queries import office_settings
from offices.rules.money import format_yuan, in_words

TITLES = {Notice.Kind.FORMAL: "物业费催缴通知书", Notice.Kind.FINAL: "物业费催缴最后通知书"}
_ENTRY_WORDS = {"task": "待办", "plan": "计划", "promise": "承诺"}
_COUNT = "零一二三四五六七八九十"


def timetable_pdf(entries: Sequence[Entry], *, first: date, last: date, whose: str, office: str, printed: str) -> bytes:
    """The timetable for the office's wall or a collector's round: A4 across, one row per task, room for the result (S24)."""
    rows = [
        {
            "day": f"{each.day.month}月{each.day.day}日 周{'一二三四五六日'[each.day.weekday()]}",
            "room": each.room,
            "community": each.community,
            "owner": each.owner,
            "title": each.title,
            "state": f"拖延 {each.late_days} 天" if each.late_days else _ENTRY_WORDS[each.kind],
            "person": each.person,
        }
        for each in entries
    ]
    letter = {
        "title": "催缴工作时间表",
        "letterhead": office_settings().letterhead or office,
        "office": office,
        "first": first,
        "last": last,
        "whose": whose,
        "printed": printed,
        "rows": rows,
        "is_several": len({row["community"] for row in rows}) > 1,
    }
    return letter_pdf("timetable", VERSION, letter, page_cap=len(rows) + 1)


def cn_date(day: date) -> str:
    """2026年1月5日."""
    return f"{day.year}年{day.month}月{day.day}日"


def cn_period(start: date, end: date) -> str:
    """Whole months as months (2025年10月—12月), anything else by the day (2025-10-15—2025-12-31)."""
    whole = start.day == 1 and end.day == calendar.monthrange(end.year, end.month)[1]
    if not whole:
        return f"{start.isoformat()}—{end.isoformat()}"
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.year}年{start.month}月"
    if start.year == end.year:
        return f"{start.year}年{start.month}月—{end.month}月"
    return f"{start.year}年{start.month}月—{end.year}年{end.month}月"


def settled_on(line: BillPosition) -> Decimal:
    """What was paid, reduced or covered by credit; so that 应收 − this − contested = what is demanded."""
    return line.billed - line.contested - line.pursuable


def letter_of(
    notice: Notice,
    lines: Sequence[BillPosition],
    items: dict[int, str],
    *,
    office: Office,
    settings: OfficeSettings,
    earlier: Notice | None = None,
    charge: DemandedCharge | None = None,
) -> dict[str, Any]:
    """Everything the letter of an approved notice prints. `items` names each bill's fee item.

    `notice` already has its number, dates and amount; `earlier` is the served formal notice that a
    final one refers to. Raises `RepealedCitation` or `UnlawfulMeasure` rather than print a wrong word.
    """
    assert notice.issued_on is not None
    assert notice.deadline_on is not None
    account, is_final = notice.account, notice.kind == Notice.Kind.FINAL
    head = settings.letterhead or office.name
    contested = sum((line.contested for line in lines), Decimal("0.00"))
    letter = {
        "kind": notice.kind,
        "title": TITLES[Notice.Kind(notice.kind)],
        "number": notice.number,
        "letterhead": head,
        "head_size": "m" if len(head) <= 16 else "s" if len(head) <= 22 else "xs",
        "round": "",
        "office": office.name,
        **_addressee(account),
        "as_of": cn_date(notice.issued_on),
        "issued": cn_date(notice.issued_on),
        "deadline": cn_date(notice.deadline_on),
        "lines": [
            {
                "item": items[line.bill_id],
                "period": cn_period(line.period_start, line.period_end),
                "due": line.due_on.isoformat(),
                "receivable": format_yuan(line.billed, symbol=False),
                "settled": format_yuan(settled_on(line), symbol=False),
                "amount": format_yuan(line.pursuable, symbol=False),
            }
            for line in lines
        ],
        "count": len(lines),
        "principal": format_yuan(notice.amount - notice.late_charge, symbol=False),
        "late": {"words": charge.words, "amount": format_yuan(charge.amount, symbol=False)} if charge else None,
        "total": format_yuan(notice.amount),
        "total_words": in_words(notice.amount),
        "contested": format_yuan(contested, symbol=False) if contested else "",
        **_ways_to_pay(account, notice, settings),
        "contact": settings.contact_person,
        "phone": settings.contact_phone,
        "measures": [measure.words for measure in choose(notice.kind)],
        "citations": _laws(FINAL if is_final else FORMAL, notice.issued_on),
        "consequences": _laws(CONSEQUENCES, notice.issued_on) if is_final else [],
        "earlier": _earlier(earlier),
        "two_servers": is_final,
    }
    use = places.FINAL_LETTER if is_final else places.FORMAL_LETTER
    return letter | words_of(text_at(use=use, channel=places.BY_PAPER, tier="", reason=""), letter)


def words_of(text: Text | None, letter: Mapping[str, Any]) -> dict[str, Any]:
    """What a letter prints instead of the product's words when the office has written its own; empty otherwise."""
    if text is None or not text.version:
        return {}
    lines = letters.paragraphs(text.words, letters.fields_of(letter))
    table = next(place for place, line in enumerate(lines) if line["kind"] == letters.BILLS)
    words = {"version": text.version, "opening": lines[:table], "body": lines[table + 1 :]}
    return {"sheet": "own", "words": words}


def example_letter(text: Text, *, office: Office, settings: OfficeSettings, on: date) -> dict[str, Any]:
    """What a letter with these words prints, with the office's letterhead and ways to pay and an invented household (`letters.EXAMPLE`)."""
    is_final, head = text.use == places.FINAL_LETTER, settings.letterhead or office.name
    kind = Notice.Kind.FINAL if is_final else Notice.Kind.FORMAL
    earlier = {gap: letters.EXAMPLE[f"earlier_{gap}"] for gap in ("title", "number", "served", "deadline")}
    letter: dict[str, Any] = {
        "kind": kind.value,
        "title": TITLES[kind],
        "number": _("（预览，示例住户）"),
        "letterhead": head,
        "head_size": "m" if len(head) <= 16 else "s" if len(head) <= 22 else "xs",
        "office": office.name,
        **letters.EXAMPLE_HOUSEHOLD,
        "as_of": cn_date(on),
        "issued": cn_date(on),
        "deadline": cn_date(on + timedelta(days=18)),
        "payee": {"name": settings.payee_name, "bank": settings.payee_bank, "account": settings.payee_account}
        if settings.payee_account
        else None,
        "address": settings.address,
        "hours": settings.office_hours,
        "contact": settings.contact_person,
        "phone": settings.contact_phone,
        "measures": [measure.words for measure in choose(kind.value)],
        "citations": _laws(FINAL if is_final else FORMAL, on),
        "consequences": _laws(CONSEQUENCES, on) if is_final else [],
        "earlier": earlier if is_final else None,
        "two_servers": is_final,
    }
    return letter | words_of(text, letter)


def round_words(count: int) -> str:
    """第二次, when the household has had such a letter before; empty for the first."""
    return f"第{_COUNT[count]}次" if 1 < count <= 10 else ""


def _addressee(account: Account) -> dict[str, str]:
    room, owner = account.room, account.owner
    others = [share.owner.name for share in account.co_owners.select_related("owner")]
    return {
        "community": room.community.name,
        "room": str(room),
        "owner": "、".join([owner.name, *others]),
        "honorific": "" if owner.kind == Owner.Kind.DEVELOPER else " 先生/女士",
        "area": f"{room.area:.2f}" if room.area else "",
    }


def _ways_to_pay(account: Account, notice: Notice, settings: OfficeSettings) -> dict[str, Any]:
    payee, qr_text = None, ""
    if settings.payee_account:
        payee = {"name": settings.payee_name, "bank": settings.payee_bank, "account": settings.payee_account}
        qr_text = (
            f"户名：{settings.payee_name}\n开户行：{settings.payee_bank}\n"
            f"账号：{settings.payee_account.replace(' ', '')}\n"
            f"金额：{format_yuan(notice.amount, symbol=False)} 元\n附言：{account.room} {account.owner} 物业费\n"
            f"通知书：{notice.number}"
        )
    return {"payee": payee, "qr_text": qr_text, "address": settings.address, "hours": settings.office_hours}


def _laws(keys: Sequence[str], on: date) -> list[dict[str, str]]:
    return [{"key": law.key, "title": law.title, "text": law.text} for law in (citation(key, on) for key in keys)]


def _earlier(earlier: Notice | None) -> dict[str, str] | None:
    if earlier is None or earlier.effective_on is None or earlier.deadline_on is None:
        return None
    return {
        "title": TITLES[Notice.Kind(earlier.kind)],
        "number": earlier.number,
        "served": cn_date(earlier.effective_on),
        "deadline": cn_date(earlier.deadline_on),
    }


def letter_text(kind: str, version: str, letter: dict[str, Any]) -> str:
    """The words of the letter as it will be printed, without markup."""
    body = re.sub(r"<(head|style)\b.*?</\1>", " ", letter_html(kind, version, letter), flags=re.S)
    return html.unescape(re.sub(r"<[^>]+>", " ", body))


def letter_faults(kind: str, version: str, letter: dict[str, Any], *, places: Sequence[str], on: date) -> list[str]:
    """Words that this letter may not say, found on the printed text (S29, S70, R10); empty = it may leave."""
    text = letter_text(kind, version, letter)
    quoted = [law["text"] for law in (*letter["citations"], *letter["consequences"])]
    return [str(finding) for finding in wording.check(text, kind, quoted=quoted, bans=bans_for(places, on))]


def poster_of(
    *,
    community: str,
    building: str,
    words: str,
    made_on: date,
    take_down_on: date,
    office: Office,
    settings: OfficeSettings,
) -> dict[str, Any]:
    """Everything the notice for a building's board prints: the office's own data, nothing of any household (S33)."""
    head = settings.letterhead or office.name
    return {
        "title": "温馨提示",
        "letterhead": head,
        "head_size": "m" if len(head) <= 16 else "s" if len(head) <= 22 else "xs",
        "office": office.name,
        "community": community,
        "building": building_words(building),
        "paragraphs": [line.strip() for line in words.splitlines() if line.strip()],
        "address": settings.address,
        "hours": settings.office_hours,
        "contact": settings.contact_person,
        "phone": settings.contact_phone,
        "made": cn_date(made_on),
        "take_down": cn_date(take_down_on),
    }


def poster_faults(version: str, poster: dict[str, Any], *, places: Sequence[str], on: date) -> list[str]:
    """Words that a friendly notice may not say, found on the printed text (S29, S70); empty = it may hang."""
    text = letter_text("poster", version, poster)
    return [str(finding) for finding in wording.check(text, wording.REMINDER, bans=bans_for(places, on))]


def poster_pdf(version: str, frozen: dict[str, Any]) -> bytes:
    """The notice as PDF, A4; the same frozen facts give the same bytes. Raises `LetterFault` above one page."""
    return letter_pdf("poster", version, frozen, page_cap=1)


def correction_of(correction: Correction, *, on: date, office: Office, settings: OfficeSettings) -> dict[str, Any]:
    """Everything the letter prints that takes a wrong one back; the correction has its number already."""
    notice = correction.notice
    assert notice.issued_on is not None
    head = settings.letterhead or office.name
    return {
        "title": "更正函",
        "number": correction.number,
        "letterhead": head,
        "head_size": "m" if len(head) <= 16 else "s" if len(head) <= 22 else "xs",
        "office": office.name,
        **_addressee(notice.account),
        "notice_title": TITLES[Notice.Kind(notice.kind)],
        "notice_number": notice.number,
        "notice_issued": cn_date(notice.issued_on),
        "wrong": format_yuan(notice.amount),
        "right": format_yuan(correction.right_amount),
        "is_nothing": correction.right_amount == 0,
        "reason": correction.reason.rstrip("。"),
        "contact": settings.contact_person,
        "phone": settings.contact_phone,
        "address": settings.address,
        "issued": cn_date(on),
    }


def correction_faults(version: str, letter: dict[str, Any], *, places: Sequence[str], on: date) -> list[str]:
    """Words that a correction may not say, found on the printed text (S29, S70); empty = it may leave."""
    text = letter_text("correction", version, letter)
    return [str(finding) for finding in wording.check(text, Notice.Kind.FORMAL, bans=bans_for(places, on))]


def correction_pdf(version: str, frozen: dict[str, Any]) -> bytes:
    """The letter as PDF; the same frozen facts give the same bytes."""
    return letter_pdf("correction", version, frozen)
