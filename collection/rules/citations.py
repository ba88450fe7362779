"""Articles of law as dated data: a letter refers by key, the text is pulled when it is drawn up (S71, domain 3.1).

Renumbered and repealed articles stay in the list with their last day, so that an old template cannot cite them
unnoticed: asking for one on a later day is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


class RepealedCitation(LookupError):
    """The article was not in force on that day (or not yet): the letter must not cite it."""


class UnknownCitation(KeyError):
    """No such key in the library."""


@dataclass(frozen=True, slots=True)
class Citation:
    """One article (or paragraph) in one wording."""

    key: str
    law: str
    article: str
    text: str
    effective_from: date
    effective_until: date | None = None  # last day in force; None = in force
    note: str = ""

    @property
    def title(self) -> str:
        """《law》article, as printed."""
        return f"《{self.law}》{self.article}"


_CIVIL_CODE = "中华人民共和国民法典"
_PROCEDURE = "中华人民共和国民事诉讼法"
_REGULATION = "物业管理条例"
_CIVIL_FROM, _PROCEDURE_FROM, _REGULATION_FROM = date(2021, 1, 1), date(2024, 1, 1), date(2018, 3, 19)
_OLD_PROCEDURE = (date(2022, 1, 1), date(2023, 12, 31))

LIBRARY: tuple[Citation, ...] = (
    Citation(
        "civil-944-1",
        _CIVIL_CODE,
        "第九百四十四条第一款",
        "业主应当按照约定向物业服务人支付物业费。物业服务人已经按照约定和有关规定提供服务的，"
        "业主不得以未接受或者无需接受相关物业服务为由拒绝支付物业费。",
        _CIVIL_FROM,
    ),
    Citation(
        "civil-944-2",
        _CIVIL_CODE,
        "第九百四十四条第二款",
        "业主违反约定逾期不支付物业费的，物业服务人可以催告其在合理期限内支付；"
        "合理期限届满仍不支付的，物业服务人可以提起诉讼或者申请仲裁。",
        _CIVIL_FROM,
    ),
    Citation(
        "civil-944-3",
        _CIVIL_CODE,
        "第九百四十四条第三款",
        "物业服务人不得采取停止供电、供水、供热、供燃气等方式催交物业费。",
        _CIVIL_FROM,
        note="Ground of the hard ban in `measures`; not printed on letters.",
    ),
    Citation(
        "civil-577",
        _CIVIL_CODE,
        "第五百七十七条",
        "当事人一方不履行合同义务或者履行合同义务不符合约定的，应当承担继续履行、采取补救措施或者赔偿损失等违约责任。",
        _CIVIL_FROM,
    ),
    Citation(
        "civil-579",
        _CIVIL_CODE,
        "第五百七十九条",
        "当事人一方未支付价款、报酬、租金、利息，或者不履行其他金钱债务的，对方可以请求其支付。",
        _CIVIL_FROM,
    ),
    Citation(
        "regulation-7-5",
        _REGULATION,
        "第七条第五项",
        "业主在物业管理活动中，应当履行按时交纳物业服务费用的义务。",
        _REGULATION_FROM,
        note="Shortened to the one item; print without quotation marks.",
    ),
    Citation(
        "regulation-41",
        _REGULATION,
        "第四十一条",
        "业主应当根据物业服务合同的约定交纳物业服务费用。业主与物业使用人约定由物业使用人交纳物业服务费用的，从其约定，"
        "业主负连带交纳责任。已竣工但尚未出售或者尚未交给物业买受人的物业，物业服务费用由建设单位交纳。",
        _REGULATION_FROM,
    ),
    Citation(
        "regulation-64",
        _REGULATION,
        "第六十四条",
        "违反物业服务合同约定，业主逾期不交纳物业服务费用的，业主委员会应当督促其限期交纳；"
        "逾期仍不交纳的，物业服务企业可以向人民法院起诉。",
        _REGULATION_FROM,
    ),
    Citation(
        "procedure-225",
        _PROCEDURE,
        "第二百二十五条",
        "债权人请求债务人给付金钱、有价证券，符合下列条件的，可以向有管辖权的基层人民法院申请支付令："
        "（一）债权人与债务人没有其他债务纠纷的；（二）支付令能够送达债务人的。",
        _PROCEDURE_FROM,
    ),
    Citation(
        "procedure-247",
        _PROCEDURE,
        "第二百四十七条第一款",
        "发生法律效力的民事判决、裁定，当事人必须履行。一方拒绝履行的，对方当事人可以向人民法院申请执行，"
        "也可以由审判员移送执行员执行。",
        _PROCEDURE_FROM,
    ),
    Citation(
        "procedure-264",
        _PROCEDURE,
        "第二百六十四条",
        "被执行人未按判决、裁定和其他法律文书指定的期间履行给付金钱义务的，应当加倍支付迟延履行期间的债务利息。"
        "被执行人未按判决、裁定和其他法律文书指定的期间履行其他义务的，应当支付迟延履行金。",
        _PROCEDURE_FROM,
    ),
    # --- no longer in force: still found in many templates online
    Citation(
        "interpretation-2009-6",
        "最高人民法院关于审理物业服务纠纷案件具体应用法律若干问题的解释（法释〔2009〕8号）",
        "第六条",
        "（已删除：内容移入《中华人民共和国民法典》第九百四十四条）",
        date(2009, 10, 1),
        date(2020, 12, 31),
    ),
    Citation(
        "regulation-2007-42",
        _REGULATION,
        "第四十二条",
        "（2018 年修订后为第四十一条）",
        date(2007, 10, 1),
        date(2018, 3, 18),
    ),
    Citation(
        "regulation-2007-67",
        _REGULATION,
        "第六十七条",
        "（2018 年修订后为第六十四条）",
        date(2007, 10, 1),
        date(2018, 3, 18),
    ),
    Citation("procedure-2021-221", _PROCEDURE, "第二百二十一条", "（2023 年修正后为第二百二十五条）", *_OLD_PROCEDURE),
)

FORMAL: tuple[str, ...] = ("civil-944-2",)
FINAL: tuple[str, ...] = ("civil-944-1", "civil-944-2", "civil-577", "regulation-7-5", "regulation-41", "regulation-64")
CONSEQUENCES: tuple[str, ...] = ("procedure-225", "procedure-247", "procedure-264")


def citation(key: str, on: date, library: tuple[Citation, ...] = LIBRARY) -> Citation:
    """The wording in force on `on`. Raises `UnknownCitation`, or `RepealedCitation` when none was in force then."""
    wordings = [each for each in library if each.key == key]
    if not wordings:
        raise UnknownCitation(key)
    for each in wordings:
        if each.effective_from <= on and (each.effective_until is None or on <= each.effective_until):
            return each
    latest = wordings[-1]
    raise RepealedCitation(f"{latest.title}在 {on:%Y-%m-%d} 不是现行条文，不得引用。")
