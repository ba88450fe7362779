"""The eight outcomes of a contact: what each needs and what it sets going (ux 3.2, S36, S51, R1–R3). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PROMISED, PAID, INSTALMENTS, DISPUTED = "promised", "paid", "instalments", "disputed"
NO_ANSWER, WRONG_NUMBER, REFUSED, INFORMED = "no_answer", "wrong_number", "refused", "informed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One button. `is_conversation`: the liable person was spoken with, so the step takes effect (decisions 3)."""

    key: int
    code: str
    label: str
    hint: str
    is_conversation: bool
    retry_days: int | None = None  # when to try again unless the collector names a day
    needs: tuple[str, ...] = ()


OUTCOMES: tuple[Outcome, ...] = (
    Outcome(1, PROMISED, "承诺缴费", "选日期与金额", True, needs=("promised_on", "promised_amount")),
    Outcome(2, PAID, "已缴待核", "登记流水号，待到账核对", True, needs=("reference",)),
    Outcome(3, INSTALMENTS, "要求分期", "记下困难与方案", True, retry_days=3, needs=("owner_words",)),
    Outcome(4, DISPUTED, "提出争议", "转争议登记", True, needs=("owner_words",)),
    Outcome(5, NO_ANSWER, "未接或不在", "3 天后再联系", False, retry_days=3),
    Outcome(6, WRONG_NUMBER, "号码错误", "转补充电话", False, retry_days=1),
    Outcome(7, REFUSED, "拒绝缴纳", "记下原因", True, needs=("owner_words",)),
    Outcome(8, INFORMED, "仅告知", "已说明情况", True, needs=("explanation",)),
)
BY_CODE: dict[str, Outcome] = {outcome.code: outcome for outcome in OUTCOMES}

FIELD_LABELS: dict[str, str] = {
    "promised_on": "承诺日期",
    "promised_amount": "承诺金额",
    "reference": "付款流水号或凭证说明",
    "owner_words": "业主的疑问或困难",
    "explanation": "所作解释",
}


def missing(outcome: Outcome, given: Mapping[str, object]) -> tuple[str, ...]:
    """The needed fields that are empty: a contact cannot be closed with an empty result (S52)."""
    return tuple(field for field in outcome.needs if not given.get(field))
