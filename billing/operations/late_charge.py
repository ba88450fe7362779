"""A new version of the office's rule for 违约金, and a new row of its LPR table."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import FeeItem, LateChargeRule, LprRate
from billing.operations.accounts import business_date
from billing.rules.late_charge import Cap, Start
from billing.rules.terms import LARGEST_DAY_RATE
from offices.models import Community, User
from offices.operations import Refusal
from offices.rules.money import ZERO

_VALUED = (Cap.PCT, Cap.LPR_MULTIPLE)
LARGEST_LPR = Decimal("0.2")  # above it, somebody typed per cent as a number


class LateChargeRuleRefused(Refusal):
    """The rule cannot be set as asked; nothing was written."""

    code = "late_charge_rule_refused"
    status = 422


@transaction.atomic
def set_late_charge_rule(
    *,
    community_id: int | None,
    starts_on: date,
    reason: str,
    by: User,
    at: datetime,
    grace_days: int = 0,
    grace_retroactive: bool = False,
    cap: str = Cap.NONE,
    cap_value: Decimal | None = None,
    holds_stop: bool = True,
    minimum: Decimal = ZERO,
    fee_item_id: int | None = None,
    rate_per_day: Decimal | None = None,
    rolls_due_on: bool = False,
    start: str = Start.DUE,
    accepts_back_dating: bool = False,
) -> LateChargeRule:
    """Write a version that counts from `starts_on`, for a community or (None) the whole office, for a fee item or all.

    `rate_per_day` replaces the contract's for a fee item with an agreement of its own. `cap_value` belongs to two caps: a
    share of the principal (0.1 = 10 %) for PCT, a multiple for LPR_MULTIPLE. `start`: see `rules.late_charge.Start`.
    Earlier versions stay. A rule from an earlier day than today changes what past days say: it is written only with
    `accepts_back_dating`, and whoever reads a past day sees when it was entered. Raises `LateChargeRuleRefused`.
    """
    _check_place(community_id, fee_item_id, rate_per_day)
    if not reason.strip():
        raise LateChargeRuleRefused(
            _("请写明依据，例如合同条款或业主大会决定。"), code="reason_missing", field="reason"
        )
    if cap in _VALUED and (cap_value is None or cap_value <= 0):
        raise LateChargeRuleRefused(
            _("这种封顶需要一个大于 0 的数，请填写百分比或倍数。"), code="cap_value_missing", field="cap_value"
        )
    _check_days(start, grace_days, is_past_meant=accepts_back_dating or starts_on >= business_date(at))
    if minimum < 0 or grace_days < 0:
        raise LateChargeRuleRefused(_("宽限天数和起算额不能是负数，请改正。"), code="negative")
    return LateChargeRule.objects.create(
        community_id=community_id,
        starts_on=starts_on,
        grace_days=grace_days,
        grace_retroactive=grace_retroactive,
        cap=cap,
        cap_value=cap_value if cap in _VALUED else Decimal(1),
        holds_stop=holds_stop,
        minimum=minimum,
        reason=reason.strip()[:200],
        fee_item_id=fee_item_id,
        rate_per_day=rate_per_day,
        rolls_due_on=rolls_due_on,
        start=start,
        set_by=by,
        set_at=at,
    )


def _check_days(start: str, grace_days: int, *, is_past_meant: bool) -> None:
    if not is_past_meant:
        raise LateChargeRuleRefused(
            _(
                "生效日早于今天：过去日期的违约金测算会随之改变，已入账的由新分录更正。确有依据的，请勾选“确认追溯”再写入。"
            ),
            code="dated_back",
            field="accepts_back_dating",
        )
    if start == Start.DEMAND and grace_days:
        raise LateChargeRuleRefused(
            _("从催告期满次日起算的，催告的期限就是宽限，请把宽限天数填 0。"),
            code="grace_with_demand",
            field="grace_days",
        )


def _check_place(community_id: int | None, fee_item_id: int | None, rate_per_day: Decimal | None) -> None:
    if community_id is not None and not Community.objects.filter(pk=community_id).exists():
        raise LateChargeRuleRefused(_("找不到这个小区，请重新选择。"), code="community_unknown", field="community")
    if fee_item_id is not None and not FeeItem.objects.filter(pk=fee_item_id).exists():
        raise LateChargeRuleRefused(_("找不到这个收费项目，请重新选择。"), code="fee_item_unknown", field="fee_item")
    if rate_per_day is None:
        return
    if fee_item_id is None:
        raise LateChargeRuleRefused(
            _("日率以物业服务合同为准；另有约定的收费项目才能另填，请先选择收费项目。"),
            code="rate_is_the_contracts",
            field="rate_per_day",
        )
    if not 0 <= rate_per_day < LARGEST_DAY_RATE:
        raise LateChargeRuleRefused(
            _("日率要小于 1%，请核对是否把百分数写错了位。"), code="rate_wrong", field="rate_per_day"
        )


class LprRefused(Refusal):
    """The row cannot be written as asked; nothing was written."""

    code = "lpr_refused"
    status = 422


@transaction.atomic
def set_lpr(*, starts_on: date, rate: Decimal, source: str, by: User, at: datetime) -> LprRate:
    """Write the one-year LPR in force from a day, as a fraction a year, with where it was read.

    Of two rows with one first day the later counts. Raises `LprRefused`.
    """
    if not source.strip():
        raise LprRefused(_("请写明来源，例如公告的日期和网址。"), code="source_missing", field="source")
    if not 0 < rate < LARGEST_LPR:
        raise LprRefused(_("利率要大于 0、小于 20%，请核对是否把百分数写错了位。"), code="rate_wrong", field="rate")
    if starts_on > business_date(at):
        raise LprRefused(_("执行日不能晚于今天，LPR 公布之后再录入。"), code="not_published_yet", field="starts_on")
    return LprRate.objects.create(starts_on=starts_on, rate=rate, source=source.strip()[:200], set_by=by, set_at=at)
