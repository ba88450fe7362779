"""Why an owner has not paid, as far as is known: the taxonomy of domain §1 and how it is told (S14, R8). Pure."""

from __future__ import annotations

from dataclasses import dataclass

SERVICE, CHARGE, VACANCY, HARDSHIP = "service_dispute", "charge_dispute", "vacancy", "financial_hardship"
HANDOVER, NO_CONTACT, PROMISED, LEGAL = "ownership_or_handover", "contact_barrier", "promised_payment", "legal_dispute"
FORGOT, REFUSES, OWNER_CHANGED = "forgot", "refuses_without_reason", "owner_changed"
DECEASED, DEVELOPER, UNKNOWN = "deceased_or_heir", "developer_owed", "unknown"

LABELS: dict[str, str] = {
    SERVICE: "对服务不满",
    CHARGE: "对收费有异议",
    VACANCY: "空置未住",
    HARDSHIP: "经济困难",
    HANDOVER: "产权或交接问题",
    NO_CONTACT: "联系不上",
    PROMISED: "已作承诺",
    LEGAL: "已进入法律程序",
    FORGOT: "忘记缴纳",
    REFUSES: "无理由拒缴",
    OWNER_CHANGED: "房屋已转让",
    DECEASED: "业主去世或继承中",
    DEVELOPER: "应由建设单位承担",
    UNKNOWN: "原因不明",
}
_OF_DISPUTE: dict[str, str] = {
    "service": SERVICE,
    "charge": CHARGE,
    "misunderstanding": CHARGE,
    "legacy": DEVELOPER,
    "ownership": HANDOVER,
    "vacancy": VACANCY,
}
_OF_OUTCOME: dict[str, str] = {
    "promised": PROMISED,
    "instalments": HARDSHIP,
    "refused": REFUSES,
    "wrong_number": NO_CONTACT,
    "no_answer": NO_CONTACT,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a household.

    `dispute`: kind of its latest dispute; `outcome`: result of the last contact; `has_promise`: a promise is open or
    was broken; `is_former`: the room has another owner now; `is_developer`: the payer is the developer;
    `is_referred`: the case is with the lawyers; `is_vacant`: nobody lives there.
    """

    dispute: str = ""
    outcome: str = ""
    has_promise: bool = False
    is_former: bool = False
    is_developer: bool = False
    is_referred: bool = False
    is_vacant: bool = False


def reason_of(known: Known) -> str:
    """The likeliest reason: a fact of the register before what was objected, that before what was last heard."""
    facts = ((known.is_referred, LEGAL), (known.is_developer, DEVELOPER), (known.is_former, OWNER_CHANGED))
    for is_so, reason in facts:
        if is_so:
            return reason
    if known.dispute in _OF_DISPUTE:
        return _OF_DISPUTE[known.dispute]
    if known.has_promise:
        return PROMISED
    return _OF_OUTCOME.get(known.outcome) or (VACANCY if known.is_vacant else UNKNOWN)
