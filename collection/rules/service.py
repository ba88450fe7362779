"""Service of a letter (送达): what evidence each way needs, whether it counts, and how strong it is.

Sources: S37–S42, S64–S69; decisions 3; domain 3.2. Pure: no clock, no database. A *lack* refuses the
record; a *warning* is shown and kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

HAND, POSTING, EMS, REGISTERED = "hand_delivery", "door_posting", "ems", "registered_mail"
MAIL = frozenset({EMS, REGISTERED})
SIGNED, REFUSED, POSTED, IN_TRANSIT, DELIVERED, RETURNED, ABSENT = (
    "signed",
    "refused",
    "posted",
    "in_transit",
    "delivered",
    "returned",
    "absent",
)
STRONG, MEDIUM, WEAK, NONE = "strong", "medium", "weak", "none"

OUTCOMES: dict[str, tuple[str, ...]] = {
    HAND: (SIGNED, REFUSED, ABSENT),
    POSTING: (POSTED,),
    EMS: (IN_TRANSIT, DELIVERED, REFUSED, RETURNED),
    REGISTERED: (IN_TRANSIT, DELIVERED, REFUSED, RETURNED),
}
CONTENT_NOTE = {"formal": "物业费催缴通知书", "final": "物业费催缴最后通知"}
"""内件品名. For the final letter exactly this text (S64)."""

RELATIONS = ("本人", "同住成年家属", "受托人", "其他人")
"""Who may sign so that it counts: 诉讼时效规定 8②; 其他人 (tenant, neighbour, guard) does not."""

EXPECTED_SERVICE_DAYS = 3
"""Days between approval and expected service; the printed deadline counts from then (decisions 2)."""

REASONABLE_DAYS = 7
"""Fewer days than this between service and the printed deadline draw a warning (S46)."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """The facts of one attempt. `server` and `second_server` are ids of staff; `photos` counts the chain's photos."""

    kind: str
    method: str
    outcome: str
    photos: int = 0
    server: int | None = None
    second_server: int | None = None
    signer: str = ""
    relation: str = ""
    witness: str = ""
    tracking_number: str = ""
    content_note: str = ""
    address: str = ""
    served_on: date | None = None
    deadline_on: date | None = None
    issued_on: date | None = None
    today: date | None = None

    @property
    def is_final(self) -> bool:
        """Whether the letter is the last warning, with its stricter gates."""
        return self.kind == "final"


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing: which field of the form, which code, and what to do."""

    code: str
    field: str
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the attempt counts for the process, how strong it is for limitation, and what should be noted."""

    is_effective: bool
    strength: str
    warnings: tuple[str, ...] = ()
    is_late: bool = False


def lacks(attempt: Attempt) -> tuple[Lack, ...]:
    """Everything that must still be supplied before the attempt may be recorded; empty = complete."""
    if attempt.outcome not in OUTCOMES.get(attempt.method, ()):
        return (Lack("OUTCOME_NOT_OF_METHOD", "outcome", "这种送达方式没有这个结果，请重新选择。"),)
    found = [*_lacking_dates(attempt)]
    found += _lacking_mail(attempt) if attempt.method in MAIL else _lacking_on_foot(attempt)
    return tuple(found)


def _lacking_dates(a: Attempt) -> list[Lack]:
    if a.served_on is None:
        return [Lack("DATE_MISSING", "served_on", "请填写送达日期。")]
    if a.issued_on is not None and a.served_on < a.issued_on:
        return [Lack("BEFORE_ISSUE", "served_on", "送达日期不能早于通知书的落款日期。")]
    if a.today is not None and a.served_on > a.today:
        return [Lack("IN_THE_FUTURE", "served_on", "送达日期不能晚于今天。")]
    return []


def _lacking_on_foot(a: Attempt) -> list[Lack]:
    found = []
    if a.is_final and a.outcome != ABSENT and (a.second_server is None or a.second_server == a.server):
        found.append(Lack("TWO_SERVERS", "second_server", "最后通知书须由两名工作人员送达，请选择另一名送达人。"))
    if not a.is_final and a.second_server is not None and a.second_server == a.server:
        found.append(Lack("SAME_SERVER", "second_server", "第二送达人不能与送达人相同。"))
    if a.outcome == POSTED and a.photos < 1:
        found.append(Lack("PHOTO_MISSING", "photos", "张贴送达须至少上传一张照片，拍到门牌和已贴的通知书。"))
    if a.outcome == REFUSED:
        if not a.witness.strip():
            found.append(Lack("WITNESS_MISSING", "witness", "业主拒签时须有见证人，请填写见证人姓名。"))
        if a.photos < 1:
            found.append(Lack("PHOTO_MISSING", "photos", "业主拒签时须拍照留存，请至少上传一张照片。"))
    if a.outcome == SIGNED:
        if not a.signer.strip():
            found.append(Lack("SIGNER_MISSING", "signer", "请填写签收人姓名。"))
        if a.relation not in RELATIONS:
            found.append(Lack("RELATION_MISSING", "signer_relation", "请选择签收人与业主的关系。"))
    return found


def _lacking_mail(a: Attempt) -> list[Lack]:
    found = []
    if not a.tracking_number.strip():
        found.append(Lack("TRACKING_MISSING", "tracking_number", "请填写邮件号（面单上的号码）。"))
    if a.is_final and not a.content_note.strip():
        found.append(
            Lack("CONTENT_NOTE_MISSING", "content_note", "邮寄最后通知书须注明内件品名，例如「物业费催缴最后通知」。")
        )
    if a.is_final and a.photos < 1:
        found.append(Lack("WAYBILL_MISSING", "photos", "邮寄最后通知书须保留邮寄凭证，请上传面单照片。"))
    return found


def verdict(attempt: Attempt) -> Verdict:
    """What a complete attempt is worth (table of domain 3.2, decisions 3).

    An attempt that reached the owner only after the printed deadline leaves no reasonable period
    (民法典 944②): it keeps its strength for limitation, but does not carry the process forward.
    """
    strength, counts = _worth(attempt)
    late = bool(counts and attempt.deadline_on and attempt.served_on and attempt.served_on > attempt.deadline_on)
    return Verdict(counts and not late, strength, _warnings(attempt, late, counts), late)


def _worth(a: Attempt) -> tuple[str, bool]:
    if a.outcome in (IN_TRANSIT, RETURNED, ABSENT):
        return NONE, False
    if a.outcome == POSTED:
        return WEAK, True
    if a.outcome == REFUSED:
        return MEDIUM, True
    if a.outcome == DELIVERED:
        return (STRONG if a.photos else MEDIUM), True
    return (STRONG, True) if a.relation in RELATIONS[:3] else (WEAK, False)


def _warnings(a: Attempt, late: bool, counts: bool) -> tuple[str, ...]:
    found = []
    if a.outcome == POSTED:
        found.append("仅张贴送达证据较弱：可推进流程，但不宜单独用来主张诉讼时效中断，建议另寄 EMS。")
    if a.outcome == SIGNED and not counts:
        found.append("签收人不是本人、同住成年家属或受托人，不能视为已送达，请另行送达。")
    if a.outcome == DELIVERED and not a.photos:
        found.append("尚无回执或妥投截图，补传后证据更有力。")
    if late:
        found.append("送达时通知书上的缴费期限已过，本次不计为有效送达，请换发新的通知书。")
    elif counts and a.deadline_on and a.served_on and (a.deadline_on - a.served_on).days < REASONABLE_DAYS:
        left = (a.deadline_on - a.served_on).days
        found.append(f"距通知书上的缴费期限只有 {left} 天，期限以通知书所载为准，请主动提醒业主。")
    return tuple(found)
