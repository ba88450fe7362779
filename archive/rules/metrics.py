"""The metric catalogue (domain 6): one formula and one printed definition per figure. Late charge is in none of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

HUNDRED = Decimal(100)
NO_VALUE = "—"


def ratio(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """part / whole, unrounded; None when there is no whole (never 0 or 100 %: systems differ, we do not guess)."""
    return Decimal(part) / Decimal(whole) if whole else None


def percent(value: Decimal | None) -> str:
    """A ratio as people read it: two places, HALF_UP, or a dash when there is none."""
    if value is None:
        return NO_VALUE
    return f"{(value * HUNDRED).quantize(Decimal('0.01'), ROUND_HALF_UP)}%"


@dataclass(frozen=True, slots=True)
class CurrentPeriod:
    """Bills of the chosen period: what was asked, waived, and received for it, by whenever it came in."""

    receivable: Decimal
    reduced: Decimal
    received_before: Decimal
    received_in: Decimal
    offset: Decimal = Decimal(0)

    @property
    def received(self) -> Decimal:
        """Everything that settles the period's bills, prepayment set against them included."""
        return self.received_before + self.received_in + self.offset

    @property
    def net(self) -> Decimal:
        """What the period should bring after reductions."""
        return self.receivable - self.reduced

    @property
    def rate(self) -> Decimal | None:
        """本期收缴率."""
        return ratio(self.received, self.net)


@dataclass(frozen=True, slots=True)
class PriorYears:
    """Arrears of earlier years: what stood open on 1 January, and what became of it this year."""

    opening: Decimal
    reduced: Decimal
    received: Decimal
    offset: Decimal = Decimal(0)

    @property
    def closing(self) -> Decimal:
        """期末往年欠费: the roll-forward, to the cent."""
        return self.opening - self.reduced - self.received - self.offset

    @property
    def rate(self) -> Decimal | None:
        """往年清欠率: reductions leave the denominator (decisions 9)."""
        return ratio(self.received + self.offset, self.opening - self.reduced)


def combined_rate(current: CurrentPeriod, prior: PriorYears) -> Decimal | None:
    """综合收缴率: what came in for both, over what both should bring."""
    return ratio(current.received + prior.received + prior.offset, current.net + prior.opening - prior.reduced)


def household_rate(settled: int, liable: int) -> Decimal | None:
    """户数收缴率: households that owe nothing for the period, over households that were billed for it."""
    return ratio(settled, liable)


@dataclass(frozen=True, slots=True)
class Definition:
    """What stands behind the (i) of a figure."""

    code: str
    name: str
    text: str


_CATALOGUE = (
    Definition(
        "current_rate",
        "本期收缴率",
        "（前期实收本期＋本期实收本期＋预交冲抵本期）÷（本期应收－减免）。按到账日计，不含违约金；没有应收时显示“—”。",
    ),
    Definition(
        "prior_rate",
        "往年清欠率",
        "（本年实收往年欠费＋预交冲抵往年欠费）÷（年初往年欠费－本年减免往年）。按到账日计，不含违约金；导入前已收的期初数从年初欠费中扣除，不算本年回款。",
    ),
    Definition(
        "combined_rate", "综合收缴率", "（实收本期＋实收往年）÷（本期净应收＋年初往年净欠费）。按到账日计，不含违约金。"
    ),
    Definition("household_rate", "户数收缴率", "本期账单已全部缴清的户数÷本期有应收的户数。"),
    Definition(
        "arrears",
        "欠费余额",
        "截至当日已过缴费截止日、仍未缴的金额（应收－减免－已缴），含争议与特殊情况中的部分；不含违约金。",
    ),
    Definition("pursuable", "可催缴金额", "欠费余额－特殊情况－争议金额－预存款，且账单已核对签认。"),
    Definition(
        "receipts", "本月回款", "到账日在本月内的收款减退款与冲正，不含导入时的期初已收；包括尚未冲抵的预存款。"
    ),
    Definition(
        "promise_rate", "承诺兑现率", "本月到期的承诺中，在约定日加宽限内足额到账的笔数÷本月到期且已有结果的承诺笔数。"
    ),
    Definition("contact_rate", "有效联系率", "本月联系到责任业主本人的次数÷本月全部人工联系次数（电话与上门）。"),
    Definition("disputes", "争议在办", "尚未关闭的争议户数；金额为当日被争议、暂不催缴的欠费。"),
    Definition("unclaimed", "待认领到账", "银行流水中尚未认领到户的收款笔数与金额，以及最早一笔的到账日。"),
    Definition("ageing", "账龄结构", "欠费余额按每笔账单缴费截止日后的自然日分段，各段相加等于欠费余额。"),
    Definition(
        "tiers",
        "欠费分级",
        "每户只在一级：轻微、中度、严重按不含暂停天数的逾期天数、期数和金额确定，口径见“设置”。",
    ),
    Definition(
        "monthly",
        "应收与实收",
        "应收：按账单缴费截止日所在月的净应收（应收－减免）。实收：按到账日所在月的回款，不含期初已收。",
    ),
)
DEFINITIONS: dict[str, Definition] = {definition.code: definition for definition in _CATALOGUE}
