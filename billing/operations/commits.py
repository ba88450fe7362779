"""A previewed batch becomes facts, all or none; and while nothing depends on them, it can be taken back."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from billing.models import Bill, ImportBatch
from billing.operations.accounts import business_date, stamp_accounts
from billing.operations.kinds import KINDS
from billing.operations.refusals import ImportRefused
from offices.models import User
from offices.operations import Refusal

# a violated reference names the table that still needs the row (decisions 19)
_DEPENDENTS = {
    "wall_billing_payment": "缴费记录",
    "wall_billing_allocation": "缴费核销记录",
    "wall_billing_adjustment": "减免记录",
    "wall_billing_charge": "违约金收款或减免",
    "wall_billing_bill": "账单",
    "wall_billing_specialcase": "特殊情况登记",
    "wall_billing_bankline": "银行到账建议",
    "wall_disputes": "争议",
    "wall_arrears": "诉讼时效记录",
    "wall_collection_promise": "缴费承诺",
    "wall_collection_notice": "通知书",
    "wall_collection": "催缴记录",
}


class UndoRefused(Refusal):
    """The batch cannot be taken back: something depends on it. `details["blocked_by"]` says what."""

    code = "undo_refused"


@transaction.atomic
def commit_import(*, batch: ImportBatch, accept_good: bool, by: User | None, at: datetime) -> ImportBatch:
    """Book every good row of a previewed batch in one transaction.

    With refused rows `accept_good` must be chosen; without it nothing is written (decisions 8). Raises `ImportRefused`.
    """
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    may_commit(batch, accept_good)
    try:
        with transaction.atomic():
            written = KINDS[batch.kind].book(batch, by=by, at=at)
            batch.state, batch.accept_good = ImportBatch.State.COMMITTED, accept_good
            batch.committed_at, batch.committed_by = at, by
            batch.totals = batch.totals | {"written": written}
            batch.save(update_fields=["state", "accept_good", "committed_at", "committed_by", "totals"])
    except IntegrityError as clash:
        raise ImportRefused(
            _("预检之后数据有了变化（可能有同事同时导入）。没有写入任何数据，请重新上传并预检。"),
            code="changed_since_preview",
        ) from clash
    follow_up = KINDS[batch.kind].follow_up
    if follow_up is not None:
        follow_up(batch)
    return batch


def may_commit(batch: ImportBatch, accept_good: bool) -> None:
    """Raises `ImportRefused` saying why the batch cannot be booked as it stands."""
    if batch.state == ImportBatch.State.READING:
        raise ImportRefused(_("文件还在读取，请等读完核对后再导入。"), code="still_reading")
    if batch.state == ImportBatch.State.MAPPING:
        raise ImportRefused(_("请先确认每一列是什么，再导入。"), code="columns_unconfirmed")
    if batch.state != ImportBatch.State.PREVIEWED:
        raise ImportRefused(_("这个批次已经处理过，不能再次导入。"), code="not_previewed")
    same = ImportBatch.objects.filter(kind=batch.kind, sha256=batch.sha256, state=ImportBatch.State.COMMITTED).first()
    if same is not None:
        raise ImportRefused(
            _("同一个文件已于 %(day)s 导入（批次 %(batch)s），没有新的内容。")
            % {"day": f"{business_date(same.committed_at or same.uploaded_at):%Y-%m-%d}", "batch": same.pk},
            code="same_file",
        )
    refused = batch.totals.get("refused", 0)
    if refused and not accept_good:
        raise ImportRefused(
            _("有 %(count)s 行错误，没有写入任何数据。请改正后重新上传，或明确选择“只导入无误的行”。")
            % {"count": refused},
            code="rows_refused",
        )
    if not batch.totals.get("good"):
        raise ImportRefused(_("没有可以导入的行。请按错误说明修改文件后重新上传。"), code="nothing_good")


@transaction.atomic
def undo_import(*, batch: ImportBatch, by: User | None, at: datetime, reason: str) -> ImportBatch:
    """Take a committed batch back while nothing depends on it. Raises `UndoRefused` naming what does."""
    if not reason.strip():
        raise UndoRefused(_("请填写撤销原因。"), code="reason_missing")
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.state != ImportBatch.State.COMMITTED:
        raise UndoRefused(_("只能撤销已导入的批次。"), code="not_committed")
    try:
        with transaction.atomic():
            KINDS[batch.kind].take_back(batch, by=by, at=at)
    except IntegrityError as clash:
        raise _blocked(clash) from clash
    batch.state, batch.undone_at, batch.undone_by = ImportBatch.State.UNDONE, at, by
    batch.totals = batch.totals | {"undo_reason": reason.strip()[:200]}
    batch.save(update_fields=["state", "undone_at", "undone_by", "totals"])
    return batch


def _blocked(clash: IntegrityError) -> UndoRefused:
    constraint = getattr(getattr(clash.__cause__, "diag", None), "constraint_name", "") or ""
    named = [words for prefix, words in _DEPENDENTS.items() if constraint.startswith(prefix)]
    what = named[0] if named else _("后续记录")
    return UndoRefused(
        _("这批数据已经被%(what)s使用，不能整批撤销。请先处理这些记录，或用减免、冲正逐笔更正。") % {"what": what},
        code="undo_blocked",
        blocked_by=constraint,
    )


@transaction.atomic
def sign_off_batch(*, batch: ImportBatch, by: User, at: datetime) -> ImportBatch:
    """Confirm by name that the matched bills are right (S3). Only then may notices be sent from them (S10)."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.kind != ImportBatch.Kind.BILLS or batch.state != ImportBatch.State.COMMITTED:
        raise ImportRefused(_("只有已导入的账单批次需要核对确认。"), code="not_to_sign")
    if batch.signed_off_at is not None:
        raise ImportRefused(_("这个批次已由 %(who)s 核对确认。") % {"who": batch.signed_off_by}, code="signed_already")
    Bill.objects.filter(batch=batch).update(is_reconciled=True)
    stamp_accounts(account_ids=list(Bill.objects.filter(batch=batch).values_list("account_id", flat=True).distinct()))
    batch.signed_off_at, batch.signed_off_by = at, by
    batch.save(update_fields=["signed_off_at", "signed_off_by"])
    return batch
