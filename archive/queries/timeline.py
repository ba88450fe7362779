"""往来时间线: everything that ever happened to a household, in one order (S90–S92). A fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from archive.queries.events import Event, end_of, looks, occupants, texts
from archive.queries.profile import case_history, tier_changes
from arrears.queries.wording import tier_words
from arrears.rules.tier import LABELS
from billing.models import (
    Account,
    Adjustment,
    Bill,
    ChargeEntry,
    ChargeWaiver,
    PastContact,
    Payment,
    SpecialCase,
)
from collection.models import Case, Contact, Correction, Message, Notice, Promise, Service
from collection.rules.outcomes import BY_CODE as OUTCOMES
from disputes.models import DisputeStep, HardshipReview, InstalmentPlan
from offices.rules.money import format_yuan
from offices.scoping import current_office

# The chips above the timeline: label → kinds it shows.
FILTERS: dict[str, tuple[str, ...]] = {
    "contact": ("call", "visit", "message", "note", "past"),
    "letter": ("notice", "service", "photo"),
    "money": ("payment", "reversal", "import"),
    "promise": ("promise",),
    "dispute": ("dispute", "hold"),
    "system": ("tier", "system"),
}


def timeline(account: Account, on: date, *, only: str = "") -> list[Event]:
    """The household's events up to the end of `on`, newest first. `only` is a key of `FILTERS`."""
    zone = ZoneInfo(current_office().time_zone)
    sources = (
        _bills,
        _money,
        _reductions,
        _late_charges,
        _holds,
        _contacts,
        _past_contacts,
        _changes_of_owner,
        _promises,
        _messages,
        _notices,
        _corrections,
        _services,
        _disputes,
        _plans,
        _hardships,
        _cases,
        occupants,
        looks,
    )
    found = [event for source in sources for event in source(account, zone)]
    kinds = FILTERS.get(only)
    shown = [e for e in found if e.at.astimezone(zone).date() <= on and (kinds is None or e.kind in kinds)]
    return sorted(shown, key=lambda event: (event.at, event.order), reverse=True)


def _bills(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    groups = (
        Bill.objects.filter(account=account)
        .order_by()
        .values("batch__file_name", "batch__committed_at", "batch__committed_by__display_name", "billed_on", "batch_id")
        .annotate(count=Count("pk"), total=Sum("amount"), voided=Count("pk", filter=~Q(voided_at=None)))
    )
    for g in groups:
        title = _("账单入账 %(count)d 笔，共 %(total)s") % {"count": g["count"], "total": format_yuan(g["total"])}
        notes = texts(g["batch__file_name"] or "", _("其中 %d 笔已作废") % g["voided"] if g["voided"] else "")
        at = g["batch__committed_at"] or end_of(g["billed_on"], zone)
        yield Event(at, "import", title, g["batch__committed_by__display_name"] or "", notes)


def _money(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    payments = Payment.objects.filter(account=account).select_related("recorded_by")
    for p in payments.prefetch_related("allocations__bill", "charge_payments__bill"):
        undone = p.kind in (Payment.Kind.REVERSAL, Payment.Kind.REFUND)
        title = f"{p.get_kind_display()} {format_yuan(abs(p.amount))}"
        parts = [("", a) for a in p.allocations.all()] + [(_("违约金"), c) for c in p.charge_payments.all()]
        settled = "；".join(
            f"{a.bill.period_start:%Y-%m}—{a.bill.period_end:%Y-%m} {what}{format_yuan(a.amount)}" for what, a in parts
        )
        rest = p.amount - sum((a.amount for _what, a in parts), Decimal("0.00"))
        lines = texts(
            _("到账日 %s") % p.value_on,
            _("付款人 %s") % p.payer if p.payer else "",
            _("原因：%s") % p.memo if undone else (_("附言：%s") % p.memo if p.memo else ""),
            _("冲抵：%s") % settled if settled else "",
            _("转入预存 %s") % format_yuan(rest) if rest > 0 else "",
        )
        yield Event(p.recorded_at, "reversal" if undone else "payment", title, str(p.recorded_by or ""), lines)


def _reductions(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    for a in Adjustment.objects.filter(bill__account=account).select_related("bill", "proposed_by", "decided_by"):
        words = {"kind": a.get_kind_display(), "amount": format_yuan(a.amount)}
        period = f"{a.bill.period_start:%Y-%m}—{a.bill.period_end:%Y-%m}"
        if a.decided_at is None or a.proposed_by_id is not None:
            title = _("提出%(kind)s %(amount)s") % words
            yield Event(a.proposed_at, "reversal", title, str(a.proposed_by or ""), texts(period, a.reason))
        if a.decided_at is not None:
            title = f"{a.get_state_display()}：" + _("%(kind)s %(amount)s") % words
            yield Event(a.decided_at, "reversal", title, str(a.decided_by or ""), texts(period, a.reason), order=1)
        elif a.state == Adjustment.State.APPROVED:
            yield Event(
                a.proposed_at, "reversal", _("%(kind)s %(amount)s") % words, "", texts(period, a.reason), order=1
            )


def _late_charges(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    """What was posted together is one entry; a waiver is one when it is asked for and one when it is decided."""
    posted = (
        ChargeEntry.objects.filter(bill__account=account, waiver=None)
        .order_by()
        .values("kind", "until_on", "booked_at", "booked_by__display_name")
        .annotate(total=Sum("amount"))
    )
    for p in posted:
        words = {"kind": ChargeEntry.Kind(p["kind"]).label, "amount": format_yuan(p["total"])}
        title = _("违约金%(kind)s %(amount)s") % words
        yield Event(
            p["booked_at"], "system", title, p["booked_by__display_name"] or "", (_("计至 %s") % p["until_on"],)
        )
    for w in ChargeWaiver.objects.filter(account=account).select_related("proposed_by", "decided_by"):
        title = _("减免违约金 %s") % format_yuan(w.amount)
        yield Event(
            w.proposed_at, "reversal", _("提出减免违约金 %s") % format_yuan(w.amount), str(w.proposed_by), (w.reason,)
        )
        if w.decided_at is not None:
            decided = f"{w.get_state_display()}：{title}"
            yield Event(w.decided_at, "reversal", decided, str(w.decided_by or ""), (w.reason,), order=1)


def _holds(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    for s in SpecialCase.objects.filter(account=account).select_related("opened_by", "approved_by", "closed_by"):
        start = _("自 %s 起暂缓催缴") % s.starts_on
        yield Event(
            s.opened_at, "hold", _("特殊情况：%s") % s.get_kind_display(), str(s.opened_by or ""), texts(start, s.note)
        )
        if s.approved_at is not None:
            yield Event(s.approved_at, "hold", _("批准特殊情况：%s") % s.get_kind_display(), str(s.approved_by or ""))
        if s.closed_at is not None:
            title = _("解除特殊情况：%s") % s.get_kind_display()
            yield Event(s.closed_at, "hold", title, str(s.closed_by or ""), texts(s.close_reason))


def _contacts(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    contacts = Contact.objects.filter(account=account).select_related("by", "spoke_with").order_by("at", "pk")
    for number, c in enumerate(contacts, 1):
        outcome = OUTCOMES[c.outcome].label if c.outcome in OUTCOMES else c.outcome
        kind = {"call": "call", "visit": "visit"}.get(c.channel, "note")
        title = _("第 %(n)d 次联系 %(channel)s：%(outcome)s") % {
            "n": number, "channel": c.get_channel_display(), "outcome": _(outcome),
        }  # fmt: skip
        lines = texts(
            c.spoke_with.described if c.spoke_with else "",
            _("业主：%s") % c.owner_words if c.owner_words else "",
            _("解释：%s") % c.explanation if c.explanation else "",
            c.note,
            _("下次联系 %s") % c.next_on if c.next_on else "",
            _("更正此前的一条记录") if c.corrects_id else "",
        )
        yield Event(c.at, kind, title, str(c.by or ""), lines)


def _past_contacts(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    """What the office brought along: marked as imported, without a number, no contact of ours and proof of nothing."""
    for c in PastContact.objects.filter(account=account).select_related("batch"):
        title = _("导入的历史记录 %(channel)s") % {"channel": c.channel}
        source = _("来自文件 %s，不计入联系次数") % c.batch.file_name if c.batch else ""
        lines = texts(c.text, _("结果：%s") % c.result if c.result else "", source)
        yield Event(end_of(c.on, zone), "past", title.strip(), c.person, lines, is_day=True)


def _changes_of_owner(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    """When this account took over from another one of the room, and when the next one took over from it."""
    others = list(Account.objects.filter(room=account.room_id).exclude(pk=account.pk).select_related("owner"))
    before = [other for other in others if other.closed_on is not None]
    if account.opened_on is not None and before:
        names = "、".join(other.owner.name for other in before if other.closed_on < account.opened_on)
        lines = texts(_("原业主：%s，之前账期的欠费仍由其承担") % names if names else "")
        if names:
            yield Event(end_of(account.opened_on, zone), "tier", _("业主变更：由本户承担"), "", lines, is_day=True)
    if account.closed_on is not None:
        title = _("业主变更：本户到此为止，之前账期的欠费仍由本户承担")
        yield Event(end_of(account.closed_on, zone), "tier", title, is_day=True)


def _promises(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    for p in Promise.objects.filter(account=account).select_related("contact__by"):
        title = _("承诺 %(day)s 前缴 %(amount)s") % {"day": p.promised_on, "amount": format_yuan(p.amount)}
        yield Event(p.contact.at, "promise", title, str(p.contact.by or ""), order=1)
        if p.settled_on is not None:
            title = f"{p.get_state_display()}：" + _("承诺 %(amount)s，到账 %(received)s") % {
                "amount": format_yuan(p.amount),
                "received": format_yuan(p.received or Decimal("0.00")),
            }
            yield Event(end_of(p.settled_on, zone), "promise", title)


def _messages(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    for m in Message.objects.filter(account=account).order_by("pk"):
        title = f"{m.get_channel_display()} {m.get_state_display()}"
        is_short = m.channel != Message.Channel.EMAIL
        error = m.last_error if m.state == Message.State.FAILED or m.fate == Message.Fate.BOUNCED else ""
        lines = texts(m.body if is_short else m.subject, m.void_reason, "" if m.fate else error)
        yield Event(m.sent_at or m.queued_at, "message", title, "", lines, "" if is_short else m.body)
        if m.fate_at is not None:
            title = _("%(channel)s回执：%(fate)s") % {"channel": m.get_channel_display(), "fate": m.get_fate_display()}
            yield Event(m.fate_at, "message", title, "", texts(error), order=1)


def _notices(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    for n in Notice.objects.filter(account=account).select_related("proposed_by", "approved_by"):
        name = n.get_kind_display()
        page = ("collection:notice", n.pk)
        yield Event(
            n.proposed_at,
            "notice",
            _("提请%s") % name,
            str(n.proposed_by or ""),
            (format_yuan(n.amount),),
            address=page,
        )
        if n.approved_at is not None:
            words = {"name": name, "number": n.number}
            lines = texts(
                format_yuan(n.amount),
                _("缴费截止 %s") % n.deadline_on if n.deadline_on else "",
                f"{n.get_state_display()} {n.closed_reason}" if n.state in ("void", "superseded", "failed") else "",
            )
            title = _("批准%(name)s %(number)s") % words
            yield Event(n.approved_at, "notice", title, str(n.approved_by or ""), lines, address=page, order=1)
        elif n.closed_reason:
            yield Event(
                n.proposed_at,
                "notice",
                f"{name} {n.get_state_display()}",
                "",
                (n.closed_reason,),
                address=page,
                order=1,
            )


def _corrections(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    for c in Correction.objects.filter(account=account).select_related(
        "notice", "proposed_by", "approved_by", "sent_by"
    ):
        page = ("collection:correction", c.pk)
        title = _("发现 %(number)s 有误，提出更正函") % {"number": c.notice.number}
        amounts = {"wrong": format_yuan(c.notice.amount), "right": format_yuan(c.right_amount)}
        lines = texts(c.reason, _("原载明 %(wrong)s，应为 %(right)s") % amounts)
        yield Event(c.proposed_at, "notice", title, str(c.proposed_by or ""), lines, address=page)
        if c.approved_at is not None:
            words = {"number": c.number, "old": c.notice.number}
            title = _("批准更正函 %(number)s，%(old)s 不再作为催缴证据") % words
            yield Event(c.approved_at, "notice", title, str(c.approved_by or ""), address=page, order=1)
        if c.sent_on is not None:
            title = _("更正函 %(number)s 已送出：%(method)s") % {"number": c.number, "method": c.get_method_display()}
            yield Event(
                end_of(c.sent_on, zone), "service", title, str(c.sent_by or ""), texts(c.tracking_number, c.note)
            )


def _services(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    services = Service.objects.filter(notice__account=account).select_related("notice", "by", "second_server")
    for s in services.prefetch_related("photos"):
        words = {"method": s.get_method_display(), "outcome": s.get_outcome_display(), "number": s.notice.number}
        lines = texts(
            _("共同送达 %s") % s.second_server if s.second_server_id else "",
            _("签收人 %(name)s %(relation)s") % {"name": s.signer, "relation": s.signer_relation} if s.signer else "",
            _("见证人 %(name)s %(who)s") % {"name": s.witness, "who": s.witness_organisation} if s.witness else "",
            _("邮件号 %s") % s.tracking_number if s.tracking_number else "",
            s.note,
            _("证明力：%s") % s.get_strength_display(),
        )
        photos = tuple(photo.file_id for photo in s.photos.all())
        title = _("送达 %(number)s：%(method)s，%(outcome)s") % words
        page = ("collection:notice", s.notice_id)
        yield Event(s.at, "service", title, str(s.by or ""), lines, photos=photos, address=page)


def _disputes(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    steps = DisputeStep.objects.filter(dispute__account=account).select_related("dispute", "by", "attachment")
    for s in steps:
        title = _("争议（%(kind)s）%(step)s") % {"kind": s.dispute.get_kind_display(), "step": s.get_kind_display()}
        photo = s.attachment is not None and s.attachment.mime.startswith("image/")
        photos = (s.attachment_id,) if photo else ()
        page = ("disputes:detail", s.dispute_id)
        yield Event(s.at, "dispute", title, str(s.by or ""), (s.text,), photos=photos, address=page, order=s.pk)


def _plans(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    for plan in InstalmentPlan.objects.filter(account=account).select_related(
        "proposed_by", "decided_by", "activated_by", "ended_by"
    ):
        page, amount = ("disputes:plan", plan.pk), format_yuan(plan.total)
        yield Event(plan.proposed_at, "promise", _("提出分期 %s") % amount, str(plan.proposed_by or ""), address=page)
        if plan.decided_at:
            title = _("分期未批准") if plan.state == InstalmentPlan.State.REFUSED else _("批准分期 %s") % plan.number
            yield Event(plan.decided_at, "promise", title, str(plan.decided_by or ""), address=page, order=1)
        if plan.activated_at:
            title = _("分期协议签字生效 %s") % plan.number
            yield Event(plan.activated_at, "promise", title, str(plan.activated_by or ""), address=page, order=2)
        if plan.ends_before:
            title, by = _("分期%s") % plan.get_state_display(), str(plan.ended_by or "")
            ended = datetime.combine(plan.ends_before, time(0, 1), tzinfo=zone)
            yield Event(ended, "promise", title, by, texts(plan.end_reason), address=page, is_day=True)


def _hardships(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    """That it was recorded and decided, and by whom; why stands nowhere but behind its trace."""
    for row in HardshipReview.objects.filter(account=account).select_related("asked_by", "decided_by").defer("details"):
        yield Event(row.asked_at, "note", _("登记经济困难"), str(row.asked_by or ""))
        if row.decided_at:
            title = _("经济困难%s") % row.get_state_display()
            yield Event(row.decided_at, "note", title, str(row.decided_by or ""), texts(row.close_reason), order=1)


def _cases(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    cases = {c.pk: c for c in Case.objects.filter(account=account)}
    began: dict[int, datetime] = {}
    history = case_history(account)
    for row in history:
        began.setdefault(row.id, row.history_date)
    for change in tier_changes(history):
        title = _("级别 %s") % _(LABELS[change.code])
        if change.before:
            title = _("级别由 %(a)s 改为 %(b)s") % {"a": _(LABELS[change.before]), "b": _(LABELS[change.code])}
        yield Event(change.at, "tier", title, "", texts(tier_words(change.words)))
    for case in cases.values():
        yield Event(
            began.get(case.pk) or end_of(case.opened_on, zone),
            "system",
            _("开始催缴（第 %d 轮）") % case.cycle,
            "",
            texts(case.entry_reason),
            order=-1,
        )
        if case.closed_on is not None:
            yield Event(end_of(case.closed_on, zone), "system", _("催缴结束：%s") % case.get_state_display())
