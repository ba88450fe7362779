"""The wording of letters that an office may write itself: what must stand in it, and how it is laid out (S43–S50, S57, S58). Pure.

Letterhead, number, addressee, room, sum, signature and the proof of service are printed around it and cannot be left out. A
line is a paragraph; one that begins with # is a heading; the table of bills, the ways to pay and the articles of law stand
on lines of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from collection.rules.places import FINAL_LETTER, FORMAL_LETTER, LETTER_GAPS

BILLS, WAYS, LAW_TEXTS = "bills", "ways", "law_texts"
BLOCKS = (BILLS, WAYS, LAW_TEXTS)
OF_FINAL = ("earlier_title", "earlier_number", "earlier_served", "earlier_deadline", "consequences")

# Each line: one of these gaps must be there, and what is lacking otherwise.
_NEEDED: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    FORMAL_LETTER: (
        ((BILLS,), "欠费期间与逐笔金额"),
        (("deadline",), "缴费截止日期"),
        ((WAYS,), "缴费方式和联系人、电话"),
        (("laws", LAW_TEXTS), "法律依据"),
        (("measures",), "逾期未缴的后续措施"),
    ),
    FINAL_LETTER: (
        (("earlier_number",), "前一份通知书的文号"),
        (("earlier_served",), "前一份通知书的送达日期"),
        ((BILLS,), "欠费期间与逐笔金额"),
        (("deadline",), "缴费截止日期"),
        ((LAW_TEXTS,), "法律依据的条文"),
        (("measures",), "逾期不缴的法律后果"),
        ((WAYS,), "缴费方式和联系人、电话"),
    ),
}
_GAP = re.compile(r"\{([^{}]*)\}")

EXAMPLE: dict[str, str] = {
    "as_of": "2026年9月1日",
    "area": "（建筑面积89.50㎡）",
    "count": "2",
    "total": "¥2,666.64",
    "deadline": "2026年9月19日",
    "contested": "",
    "contact": "周敏",
    "phone": "028-86001234",
    "laws": "《中华人民共和国民法典》第九百四十四条",
    "measures": "（1）依法申请调解。",
    "consequences": "《中华人民共和国民法典》第五百七十七条",
    "earlier_title": "物业费催缴通知书",
    "earlier_number": "〔2026〕12 号",
    "earlier_served": "2026年8月1日",
    "earlier_deadline": "2026年8月20日",
    BILLS: "（欠费明细表）",
    WAYS: "（缴费方式和联系电话）",
    LAW_TEXTS: "（法律条文）",
}

EXAMPLE_HOUSEHOLD: dict[str, Any] = {
    "community": "示例花园",
    "room": "3-1-0502",
    "owner": "张三",
    "honorific": " 先生/女士",
    "area": "89.50",
    "lines": [
        {
            "item": "物业费",
            "period": period,
            "due": due,
            "receivable": "1,333.32",
            "settled": "0.00",
            "amount": "1,333.32",
        }
        for period, due in (("2025年7月—12月", "2025-12-31"), ("2026年1月—6月", "2026-06-30"))
    ],
    "count": 2,
    "principal": "2,666.64",
    "late": None,
    "total": "¥2,666.64",
    "total_words": "贰仟陆佰陆拾陆元陆角肆分",
    "contested": "",
}


def gaps_of(use: str) -> dict[str, str]:
    """What may be filled into a letter of this use, with its words."""
    return {gap: words for gap, words in LETTER_GAPS.items() if use == FINAL_LETTER or gap not in OF_FINAL}


def faults(use: str, words: str) -> tuple[str, ...]:
    """What keeps these words from being a letter: unknown or missing content, or a block in the middle of a line."""
    gaps, named = gaps_of(use), _GAP.findall(words)
    found = [
        f"没有「{{{name}}}」这个字段，可用：{'、'.join(gaps)}。" for name in dict.fromkeys(named) if name not in gaps
    ]
    if re.search(r"[{}]", _GAP.sub("", words)):
        found.append("花括号必须成对，里面写字段名，例如 {deadline}。")
    for block in BLOCKS:
        alone = sum(line.strip() == f"{{{block}}}" for line in words.splitlines())
        if named.count(block) != alone or alone > 1:
            found.append(f"「{{{block}}}」（{gaps[block]}）须独占一行，且只能出现一次。")
    found += [
        f"缺少{what}「{'」或「'.join(f'{{{gap}}}' for gap in either)}」。"
        for either, what in _NEEDED[use]
        if not set(either) & set(named)
    ]
    if "异议" not in words:
        found.append("缺少业主提出异议的途径，例如「对金额或物业服务有异议的，请在上述期限内提出，我们将书面答复」。")
    if "请忽略" not in words:
        found.append("缺少「如已缴费请忽略」，业主可能已经缴费。")
    return tuple(found)


def in_words(words: str, fields: Mapping[str, str] = EXAMPLE) -> str:
    """The letter as text, with these fields in its gaps. The words must be free of `faults`."""
    return _GAP.sub(lambda gap: fields[gap[1]], re.sub(r"^\s*#[# ]*", "", words, flags=re.M))


def paragraphs(words: str, fields: Mapping[str, str]) -> list[dict[str, str]]:
    """The letter line by line: `kind` (text, heading, or one of BLOCKS) and `text`. Words free of `faults`."""
    found = []
    for line in filter(None, map(str.strip, words.splitlines())):
        block = next((block for block in BLOCKS if line == f"{{{block}}}"), "")
        is_heading = line.startswith("#")
        kind = block or ("heading" if is_heading else "text")
        found.append({"kind": kind, "text": "" if block else in_words(line, fields)})
    return found


def fields_of(letter: Mapping[str, Any]) -> dict[str, str]:
    """The gaps of a letter that is being frozen, from what it prints (`collection.documents.letter_of`)."""
    is_final, earlier = letter["kind"] == "final", letter["earlier"] or {}
    waits = "" if is_final else "，处理完毕前暂不要求缴纳"
    contested = letter["contested"]
    return {
        **{gap: str(letter[gap]) for gap in ("as_of", "count", "deadline", "contact", "phone")},
        "area": f"（建筑面积{letter['area']}㎡）" if letter["area"] else "",
        "total": letter["total"],
        "contested": f"（另有{contested}元正在争议处理中，未计入本通知{waits}）" if contested else "",
        "laws": _titles(letter["citations"]),
        "measures": "；".join(f"（{n}）{words}" for n, words in enumerate(letter["measures"], 1)) + "。",
        "consequences": _titles(letter["consequences"]),
        **{f"earlier_{gap}": earlier.get(gap, "") for gap in ("title", "number", "served", "deadline")},
    }


def _titles(laws: Iterable[Mapping[str, str]]) -> str:
    return "、".join(law["title"] for law in laws)
