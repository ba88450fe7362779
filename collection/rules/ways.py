"""The ways of serving as a collector meets them at the door or the post office: one button each. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from collection.rules import service as s


@dataclass(frozen=True, slots=True)
class Way:
    """One way with one outcome: its button, what to keep in mind, and which fields and photos it asks for."""

    method: str
    outcome: str
    label: str
    hint: str
    icon: str
    fields: tuple[str, ...]
    photos: tuple[tuple[str, str], ...] = ()  # what the photo shows → label

    @property
    def code(self) -> str:
        """As it stands in the address."""
        return f"{self.method}-{self.outcome}"


_DOOR, _SCENE = ("door", "门牌和通知书"), ("scene", "现场全景")
_SIGNATURE, _RECEIPT = ("signature", "签收单"), ("receipt", "面单或回执")
_MAIL = ("tracking_number", "content_note", "address")

WAYS: tuple[Way, ...] = (
    Way(s.HAND, s.SIGNED, "业主签收", "当面送达并签字，证据最强", "pen-line",
        ("signer", "signer_relation", "second_server"), (_SIGNATURE,)),
    Way(s.HAND, s.REFUSED, "业主拒签", "须有见证人和照片", "hand",
        ("witness", "witness_organisation", "witness_phone", "second_server"), (_SCENE, _DOOR)),
    Way(s.HAND, s.ABSENT, "无人在家", "只作记录，可改为张贴", "door-closed", ("second_server",)),
    Way(s.POSTING, s.POSTED, "张贴在门上", "折好装封，拍到门牌；证据较弱", "sticky-note",
        ("second_server",), (_DOOR, _SCENE)),
    Way(s.EMS, s.IN_TRANSIT, "EMS 已寄出", "填邮件号，拍面单", "send", _MAIL, (_RECEIPT,)),
    Way(s.EMS, s.DELIVERED, "EMS 已妥投", "拍回执或妥投截图", "mail-check", ("tracking_number", "signer"), (_RECEIPT,)),
    Way(s.EMS, s.REFUSED, "EMS 被拒收", "按拒收计，须留回执", "mail-x", ("tracking_number",), (_RECEIPT,)),
    Way(s.EMS, s.RETURNED, "EMS 被退回", "不算送达，请换一种方式", "undo-2", ("tracking_number",), (_RECEIPT,)),
    Way(s.REGISTERED, s.IN_TRANSIT, "挂号信已寄出", "填挂号号码，留收据", "send", _MAIL, (_RECEIPT,)),
    Way(s.REGISTERED, s.DELIVERED, "挂号信已签收", "拍回执", "mail-check", ("tracking_number", "signer"), (_RECEIPT,)),
    Way(s.REGISTERED, s.RETURNED, "挂号信被退回", "不算送达，请换一种方式", "undo-2",
        ("tracking_number",), (_RECEIPT,)),
)  # fmt: skip
BY_CODE = {way.code: way for way in WAYS}
_ARRIVALS = (s.DELIVERED, s.REFUSED, s.RETURNED)


def ways_for(mail_under_way: str = "") -> tuple[Way, ...]:
    """The buttons to show: while mail is under way (its method) what became of it comes first, else how it is served.

    Serving in another way stays possible while mail is under way.
    """
    start = tuple(w for w in WAYS if w.method not in s.MAIL or w.outcome == s.IN_TRANSIT)
    if not mail_under_way:
        return start
    arrivals = tuple(w for w in WAYS if w.method == mail_under_way and w.outcome in _ARRIVALS)
    return arrivals + tuple(w for w in start if w.method not in s.MAIL)


def needed_photos(way: Way, *, is_final: bool) -> frozenset[str]:
    """Which photo the form marks as needed; the gate itself is `service.lacks`."""
    if way.outcome in (s.POSTED, s.REFUSED) and way.method not in s.MAIL:
        return frozenset({way.photos[0][0]})
    if is_final and way.outcome == s.IN_TRANSIT:
        return frozenset({"receipt"})
    return frozenset()
