"""Drawing approved notices as PDF. The row is the queue: approved and not rendered yet."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from arrears.queries import positions
from billing.models import Account
from collection.documents import letter_faults
from collection.models import Notice
from collection.operations.notices import NoticeRefused, day_of, draft_of, refresh_notices
from collection.queries.freshness import stale_communities
from offices.filing import open_file, store_file
from offices.letterhead import VERSION, letter_pdf, merge_pdfs
from offices.models import StoredFile, User
from offices.operations.offices import note_security_event

PRINT_RUN = 200
logger = logging.getLogger(__name__)


def render_due_notices(*, at: datetime, limit: int = 100) -> int:
    """Draw up to `limit` approved notices, each in a transaction of its own; returns how many were drawn.

    One that cannot be drawn keeps its reason in `render_error`, stays in the list and holds up nobody
    (invariant 31); `retry_rendering` gives it another chance. Those of a community with old data wait for its import.
    """
    on, drawn = day_of(at), 0
    waiting = Notice.objects.filter(state=Notice.State.APPROVED, render_error="").order_by("approved_at", "id")
    stale = [each.community_id for each in stale_communities(on)]
    if stale:
        waiting = waiting.exclude(account__room__community__in=stale)
    for notice_id, account_id in list(waiting.values_list("id", "account_id")[:limit]):
        try:
            with transaction.atomic():
                drawn += _render(notice_id, account_id, on=on, at=at)
        except Exception as fault:  # one bad letter must not stop the rest; the reason is kept for people
            logger.exception("Notice %s could not be drawn", notice_id)
            Notice.objects.filter(pk=notice_id).update(render_error=f"{type(fault).__name__}: {fault}"[:300])
    return drawn


def _render(notice_id: int, account_id: int, *, on: date, at: datetime) -> int:
    """Re-read what is owed under the account's lock, then draw what was frozen (invariants 15, 16). 1 when drawn."""
    account = Account.objects.select_for_update(of=("self",)).get(pk=account_id)
    refresh_notices(account=account, on=on, at=at)
    notice = (
        Notice.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("account__room__community")
        .filter(pk=notice_id, state=Notice.State.APPROVED)
        .first()
    )
    if notice is None:  # taken back, replaced, or another worker has it
        return 0
    community = notice.account.room.community
    faults = letter_faults(
        notice.kind, notice.template_version, notice.frozen, places=(community.province, community.city), on=on
    )
    if faults:
        raise NoticeRefused(_("通知书含有不得使用的文字：%s") % "；".join(faults), code="WORDING")
    pdf = letter_pdf(notice.kind, notice.template_version, notice.frozen)
    stored = store_file(
        pdf, name=f"{notice.frozen['room']} {notice.number}.pdf", kind=StoredFile.Kind.NOTICE, by=None, at=at,
        mime="application/pdf",
    )  # fmt: skip
    notice.pdf, notice.pdf_sha256, notice.rendered_at = stored, stored.sha256, at
    notice.state = Notice.State.RENDERED
    notice._history_date = at
    notice.save(update_fields=["pdf", "pdf_sha256", "rendered_at", "state"])
    return 1


def draft_pdf(*, notice: Notice, at: datetime) -> bytes:
    """What the letter would look like if it were approved now; stored nowhere. Raises `NoticeRefused`."""
    return letter_pdf(notice.kind, VERSION, draft_of(notice, on=day_of(at)))


@transaction.atomic
def retry_rendering(*, notice: Notice) -> None:
    """Forget the failed attempt; the next run draws it again."""
    Notice.objects.filter(pk=notice.pk, state=Notice.State.APPROVED).update(render_error="")


@transaction.atomic
def take_pdf(*, notice: Notice, by: User, at: datetime) -> bytes:
    """The stored PDF, byte for byte, for viewing or printing again; written into the log (R5).

    Not while a special case is open and the letter has not left the house. Raises `NoticeRefused`.
    """
    if notice.pdf is None:
        raise NoticeRefused(_("通知书的 PDF 正在生成，请稍候片刻再打开。"), code="NOT_RENDERED")
    _check_none_is_held([notice], day_of(at))
    note_security_event(kind="notice_opened", subject=notice.number, by=by, at=at, details={"notice": notice.pk})
    return open_file(notice.pdf)


def _check_none_is_held(notices: Sequence[Notice], on: date) -> None:
    """Paper is not handed out for a household under a special case, even in the minute before it is withdrawn."""
    unserved = {n.account_id: n for n in notices if n.state == Notice.State.RENDERED}
    held = [p.account_id for p in positions(on, unserved) if "special_case" in p.blockers] if unserved else []
    if held:
        rooms = "、".join(unserved[account].frozen["room"] for account in held[:5])
        raise NoticeRefused(
            _("%(rooms)s有特殊情况正在核实，通知书即将撤回，不能打印或送出。") % {"rooms": rooms}, code="ON_HOLD"
        )


def _check_data_is_fresh(notices: Sequence[Notice], on: date) -> None:
    """Letters not served yet are not taken to the doors on old data: their owners may have paid since (invariant 45)."""
    stale = {each.community_id: each.community for each in stale_communities(on)}
    homes = {n.account.room.community_id for n in notices if stale and n.state == Notice.State.RENDERED}
    if old := [name for home, name in stale.items() if home in homes]:
        raise NoticeRefused(
            _("%(names)s的账单或银行流水已过新鲜期，请先导入最新流水并核对到账，再打印送达。")
            % {"names": "、".join(old)},
            code="STALE_DATA",
        )


@transaction.atomic
def take_print_run(*, notices: Sequence[Notice], by: User, at: datetime) -> bytes:
    """The stored PDFs of several notices as one file, in the order given: walking order for those who serve them."""
    ready = [notice for notice in notices if notice.pdf is not None]
    if not ready:
        raise NoticeRefused(_("所选通知书还没有可打印的 PDF，请等待生成后再打印。"), code="NOT_RENDERED")
    if len(ready) > PRINT_RUN:
        raise NoticeRefused(_("一次最多打印 %s 份，请分批选择。") % PRINT_RUN, code="TOO_MANY")
    _check_none_is_held(ready, day_of(at))
    _check_data_is_fresh(ready, day_of(at))
    note_security_event(
        kind="notices_printed", subject=str(len(ready)), by=by, at=at, details={"notices": [n.pk for n in ready]}
    )
    return merge_pdfs([open_file(notice.pdf) for notice in ready if notice.pdf is not None])
