"""What a letter may announce, and what nobody may ever do or threaten (S48, S58–S63; 民法典 944③).

Letters pick from `LAWFUL` by code; there is no free text. `BANNED` is not a setting: no office can switch it off.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


class UnlawfulMeasure(ValueError):
    """The measure is banned, unknown, or not allowed at this stage or without its condition."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One lawful next step, as printed."""

    code: str
    words: str
    citations: tuple[str, ...] = ()
    stages: tuple[str, ...] = ("formal", "final")
    needs: str = ""  # a fact that must be true: arbitration_clause, paid_extras_clause


LAWFUL: tuple[Measure, ...] = (
    Measure("final_notice", "向您送达《物业费催缴最后通知书》", stages=("formal",)),
    Measure("owners_committee", "提请业主委员会依法督促您限期交纳", ("regulation-64",)),
    Measure("mediation", "请求社区居民委员会、人民调解委员会组织调解"),
    Measure("payment_order", "向有管辖权的基层人民法院申请支付令", ("procedure-225",), stages=("final",)),
    Measure("lawsuit", "向人民法院提起诉讼", ("civil-944-2", "regulation-64")),
    Measure("arbitration", "按照物业服务合同的仲裁条款申请仲裁", ("civil-944-2",), needs="arbitration_clause"),
    Measure(
        "paid_extras",
        "依照合同约定暂停您另行订购的有偿特约服务（不含基本生活所需的任何服务）",
        stages=("final",),
        needs="paid_extras_clause",
    ),
)
BY_CODE = {measure.code: measure for measure in LAWFUL}
DEFAULTS: dict[str, tuple[str, ...]] = {
    "formal": ("final_notice", "owners_committee", "mediation", "lawsuit"),
    "final": ("owners_committee", "mediation", "payment_order", "lawsuit"),
}


@dataclass(frozen=True, slots=True)
class Ban:
    """Something that may neither be done nor threatened, with the words that give it away."""

    code: str
    words: tuple[str, ...]
    ground: str


_CODE_944, _CODE_1033, _PIPL = (
    "《民法典》第九百四十四条第三款",
    "《民法典》第一千零三十三条",
    "《个人信息保护法》第二十五条",
)

BANNED: tuple[Ban, ...] = (
    Ban("water", ("停水", "断水", "限水", "停止供水"), _CODE_944),
    Ban("power", ("停电", "断电", "限电", "停止供电"), _CODE_944),
    Ban("gas", ("停气", "断气", "停燃气", "停止供气"), _CODE_944),
    Ban("heat", ("停暖", "停热", "停供暖", "停止供热"), _CODE_944),
    Ban("lift", ("停梯", "锁梯", "梯控", "禁用电梯", "停用电梯", "限制电梯"), _CODE_944),
    Ban(
        "access",
        ("停用门禁", "注销门禁", "门禁停用", "限制门禁", "禁止进出", "禁止进入小区", "禁止入内", "限制进出"),
        _CODE_944,
    ),
    Ban("parking", ("拦车", "锁车", "禁止停车", "限制车辆"), _CODE_944),
    Ban("repair", ("不予维修", "停止报修", "停止维修", "拒绝维修"), _CODE_944),
    Ban("paperwork", ("不予办理装修", "拒绝装修", "拒开证明", "拒绝过户"), _CODE_944),
    Ban(
        "exposure",
        (
            "大字报", "公布姓名", "公示姓名", "曝光", "群发", "通报单位", "通知单位", "通知家属", "告知家属", "通知学校", "告知邻居",
        ),
        _PIPL,
    ),
    Ban(
        "credit",
        ("上征信", "纳入征信", "列入失信", "失信名单", "失信被执行人", "黑名单"),
        "列入失信名单须以生效裁判为前提，征信须有法定依据，",
    ),
    Ban("harassment", ("上门追讨", "不得安宁"), _CODE_1033),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LocalPack:
    """Stricter rules of one province or city; they only ever add (domain 3.7)."""

    place: str
    source: str
    effective_from: date
    bans: tuple[Ban, ...]


LOCAL_PACKS: tuple[LocalPack, ...] = (
    LocalPack(
        "郑州",
        "《郑州市物业管理条例》（2021）第四十二条第三款",
        date(2021, 1, 1),
        (Ban("zhengzhou-entry", ("限制入户", "限制使用电梯", "限制车辆进出车位"), "郑州条例第四十二条"),),
    ),
    LocalPack(
        "潍坊",
        "《潍坊市物业管理条例》（2022）第五十五条",
        date(2022, 1, 1),
        (Ban("weifang-supply", ("限时供", "限量供"), "潍坊条例第五十五条"),),
    ),
)


def choose(stage: str, codes: Iterable[str] = (), facts: frozenset[str] = frozenset()) -> tuple[Measure, ...]:
    """The lawful measures for a letter of `stage` (formal | final), in printing order; defaults when none are named.

    Raises `UnlawfulMeasure` for a code that is banned or unknown, belongs to another stage, or lacks its fact.
    """
    chosen = []
    for code in tuple(codes) or DEFAULTS[stage]:
        measure = BY_CODE.get(code)
        if measure is None:
            raise UnlawfulMeasure(f"「{code}」不在合法措施清单中，不能写入通知书。")
        if stage not in measure.stages:
            raise UnlawfulMeasure(f"「{measure.words}」不适用于本阶段的通知书。")
        if measure.needs and measure.needs not in facts:
            raise UnlawfulMeasure(f"「{measure.words}」须有合同约定才能写入通知书。")
        chosen.append(measure)
    return tuple(sorted(chosen, key=LAWFUL.index))


def bans_for(places: Iterable[str], on: date) -> tuple[Ban, ...]:
    """The bans in force at a place: the national ones and those of its province and city."""
    names = tuple(place.removesuffix("市").removesuffix("省") for place in places if place)
    local = tuple(ban for pack in LOCAL_PACKS if pack.place in names and pack.effective_from <= on for ban in pack.bans)
    return BANNED + local


def banned_in(text: str, bans: Iterable[Ban] = BANNED) -> tuple[tuple[Ban, str], ...]:
    """Every banned measure that the text names, with the words found; blanks inside a word do not hide it."""
    dense = "".join(text.split())
    return tuple((ban, word) for ban in bans for word in ban.words if word in dense)
