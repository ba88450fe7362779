"""What a letter may announce, and what nobody may ever do or threaten (S48, S58–S63; 民法典 944③).

Letters pick from `LAWFUL` by code; there is no free text. `BANNED` is not a setting: no office can switch it off.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
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


SEPARATORS = "\\s\u00ad\u200b-\u200f\u2060\ufeff*·•_~|^-"  # what people put between characters to hide a word
_BETWEEN = re.compile(f"[{SEPARATORS}]+")


@dataclass(frozen=True)
class Ban:
    """Something that may neither be done nor threatened: the words that give it away, and other ways to say it.

    `patterns`: regular expressions for what stands between the words (「停您家的水」); they never cross a comma or stop.
    """

    code: str
    words: tuple[str, ...]
    ground: str
    patterns: tuple[str, ...] = ()
    _read: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        whole = "|".join((*map(re.escape, sorted(self.words, key=len, reverse=True)), *self.patterns))
        object.__setattr__(self, "_read", re.compile(whole))

    def found_in(self, dense: str) -> tuple[str, ...]:
        """The passages of a text without blanks that name this measure."""
        return tuple(dict.fromkeys(match[0] for match in self._read.finditer(dense)))


_CODE_944, _CODE_1033, _PIPL = (
    "《民法典》第九百四十四条第三款",
    "《民法典》第一千零三十三条",
    "《个人信息保护法》第二十五条",
)


def _cut(supply: str) -> tuple[str, ...]:
    """Ways to say that a supply is cut, whichever comes first."""
    cut = "(?:停掉?|断掉?|掐断?|切断|中断|关停|关闭|暂停|终止|限制)"
    return (
        f"{cut}(?:对|向)?(?:您|你|贵)?(?:家|户|房)?的?(?:供应?|使?用)?(?:{supply})",
        f"(?<!来)(?:{supply})(?:将|会|要)?(?:被)?(?:停掉?|断掉?|掐断?|切断|关停)(?!车|机|留|电|线)",
    )


BANNED: tuple[Ban, ...] = (
    Ban("water", ("停水", "断水", "限水", "停止供水"), _CODE_944, _cut("水(?!平|准)")),
    Ban("power", ("停电", "断电", "限电", "停止供电"), _CODE_944, _cut("电(?!话|子|脑|动|视|邮)")),
    Ban("gas", ("停气", "断气", "停燃气", "停止供气"), _CODE_944, _cut("(?:燃|煤|天然)气")),
    Ban("heat", ("停暖", "停热", "停供暖", "停止供热"), _CODE_944, _cut("(?:暖气?|热力)")),
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
        "列入失信名单须以生效裁判为前提，征信须有法定依据",
    ),
    Ban("harassment", ("上门追讨", "不得安宁"), _CODE_1033),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LocalPack:
    """Stricter rules of one province or city; they only ever add (domain 3.7).

    `effective_from`: the first of January of the year of the version read (of 2025 where the source names none).
    `says`: what the article means for the office's work, in one sentence.
    """

    place: str
    source: str
    effective_from: date
    bans: tuple[Ban, ...]
    says: str = ""


_CARS_AND_LIFTS = ("限制进出小区", "限制入户", "限制使用电梯", "限制车辆", "限制业主进出")
LOCAL_PACKS: tuple[LocalPack, ...] = (
    LocalPack(
        "郑州",
        "《郑州市物业管理条例》（2021）第四十二条第三款、第六十七条",
        date(2021, 1, 1),
        (Ban("zhengzhou-entry", (*_CARS_AND_LIFTS, "限制车辆进出车位"), "郑州条例第四十二条"),),
        "不得限制进出小区、入户、使用电梯和车辆进出车位，违者罚款 1 万至 5 万元；预收物业费不超过 1 年。",
    ),
    LocalPack(
        "潍坊",
        "《潍坊市物业管理条例》（2022）第五十五条",
        date(2022, 1, 1),
        (Ban("weifang-supply", ("限时供", "限量供", "限时限量", "限制车辆"), "潍坊条例第五十五条"),),
        "不得限时限量供应水电气热，不得限制车辆进出，违者罚款 2 千至 1 万元。",
    ),
    LocalPack(
        "杭州",
        "《杭州市物业管理条例》（2021）第五十五条、第八十六条",
        date(2021, 1, 1),
        (),
        "停止供应水电气热的罚款 1 万至 5 万元；预收物业费不超过 12 个月；业主委员会可以协助收缴。",
    ),
    LocalPack(
        "台州",
        "《台州市物业管理条例》（2021）第三十九条第四款、第六十一条",
        date(2021, 1, 1),
        (Ban("taizhou-force", ("胁迫", "暴力"), "台州条例第三十九条第四款"),),
        "不得以暴力、胁迫等方式催缴，违者罚款 5 千至 5 万元；列入严重失信须有生效裁判。",
    ),
    LocalPack(
        "聊城",
        "《聊城市物业管理条例》第四十条",
        date(2025, 1, 1),
        (),
        "普通住宅空置六个月以上的，前期物业费应当减收。",
    ),
    LocalPack(
        "菏泽",
        "《菏泽市物业管理条例》第二十四条",
        date(2025, 1, 1),
        (),
        "普通住宅空置六个月以上的，前期物业费应当减收。",
    ),
    LocalPack(
        "山东",
        "《山东省物业管理条例》（2021）第六十二条",
        date(2021, 1, 1),
        (),
        "空置房收费比例由合同约定；未交付的由建设单位承担。",
    ),
    LocalPack(
        "上海",
        "《上海市住宅物业管理规定》（2020）第四十九条",
        date(2020, 1, 1),
        (),
        "交付当月及以前由建设单位承担，次月起由购房人承担。",
    ),
    LocalPack(
        "丽水",
        "《丽水市物业管理条例》（2019）第三十五条第二款",
        date(2019, 1, 1),
        (),
        "空置、建设单位遗留问题、邻里纠纷不是拒交的理由。",
    ),
    LocalPack(
        "温州",
        "《温州市物业管理条例》（2017）第四十条",
        date(2017, 1, 1),
        (),
        "信用记录由街道办事处在听取业主陈述后作出，物业服务企业不得自行宣称。",
    ),
    LocalPack(
        "北京",
        "《北京市物业管理条例》（2024）第七十二条",
        date(2024, 1, 1),
        (),
        "由业主委员会督促；限制消费只能由法院在执行生效裁判时作出。",
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
    here = tuple(places)
    local = (pack.bans for pack in LOCAL_PACKS if pack_holds(pack, here) and pack.effective_from <= on)
    return BANNED + tuple(ban for bans in local for ban in bans)


def pack_holds(pack: LocalPack, places: Iterable[str]) -> bool:
    """Whether one of these places (province, city) is the pack's, with or without 省 and 市."""
    return pack.place in {place.removesuffix("市").removesuffix("省") for place in places}


def banned_in(text: str, bans: Iterable[Ban] = BANNED) -> tuple[tuple[Ban, str], ...]:
    """Every banned measure that the text names, with the passage; blanks and signs inside a word do not hide it."""
    plain = dense(text)
    return tuple((ban, word) for ban in bans for word in ban.found_in(plain))


def dense(text: str) -> str:
    """The text without what only separates: blanks, invisible signs, stars and dashes; full-width letters as plain ones."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text))
