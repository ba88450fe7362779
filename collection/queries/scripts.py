"""Which texts are in force, which one fits a household, and which bans hold where the office works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from billing.models import Account, Owner, Room
from collection.models import Action, Case, Contact, Promise, Script
from collection.rules import places, reasons, scripts
from collection.rules.measures import LOCAL_PACKS, Ban, LocalPack, bans_for, pack_holds
from collection.rules.shipped_scripts import SHIPPED
from disputes.models import Dispute
from offices.models import Community
from offices.scoping.rows import rows_of


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words for a conversation, the reason for which they were chosen, and the text they come from."""

    words: str
    reason: str
    text: scripts.Text

    @property
    def origin(self) -> str:
        """Place and version, as a collector reads them."""
        parts = (
            places.TIERS.get(self.text.tier, ""),
            reasons.LABELS.get(self.text.reason, ""),
            places.CHANNELS.get(self.text.channel, ""),
        )
        version = _("第 %d 版") % self.text.version if self.text.version else _("通用版")
        return _("，").join((*(_(part) for part in parts if part), version))


def text_of(row: Script) -> scripts.Text:
    """A stored version as the rules take it."""
    return scripts.Text(row.use, row.channel, row.tier, row.reason, row.words, row.subject, row.version)


IN_FORCE = (Script, "replaced_at IS NULL")
"""The rows of the office's own texts that are in force, as `rows_of` takes them."""


def texts_in_force() -> tuple[scripts.Text, ...]:
    """One text per place, the office's own before the shipped ones. One statement."""
    return scripts.in_force(map(text_of, rows_of(*IN_FORCE)), SHIPPED)


@dataclass(frozen=True, slots=True)
class Paper:
    """What messages are written with: the texts in force, and what may not be said here."""

    texts: tuple[scripts.Text, ...]
    bans: tuple[Ban, ...]


def paper_on(on: date) -> Paper:
    """Two statements."""
    return Paper(texts_in_force(), bans_of_office(on))


def talk_for(account: Account, *, tier: str, channel: str, bearer: scripts.Bearer) -> Spoken | None:
    """What may be said to this household now, with its facts in it.

    While nobody knows why it has not paid, the words of the reason that its open step names.
    """
    reason = reason_for(account)
    if reason == reasons.UNKNOWN:
        named = Action.objects.filter(account=account, state=Action.State.PLANNED).values_list(
            "step__script", flat=True
        )
        reason = named.first() or reason
    text = scripts.choose(texts_in_force(), use=places.TALK, channel=channel, tier=tier, reason=reason)
    return None if text is None else Spoken(scripts.filled(text, bearer)[1], reason, text)


def text_at(*, use: str, channel: str, tier: str, reason: str) -> scripts.Text | None:
    """The text in force at exactly this place; None when the place has none of its own."""
    return next((text for text in texts_in_force() if text.place == (use, channel, tier, reason)), None)


def versions(*, use: str, channel: str, tier: str, reason: str) -> list[Script]:
    """Every version that the office wrote for this place, the newest first."""
    rows = Script.objects.filter(use=use, channel=channel, tier=tier, reason=reason)
    return list(rows.select_related("published_by", "replaced_by").order_by("-version"))


def reason_for(account: Account) -> str:
    """Why this household has probably not paid: code of `collection.rules.reasons`."""
    dispute = Dispute.objects.filter(account=account).exclude(state=Dispute.State.CLOSED).order_by("-id").first()
    last = Contact.objects.filter(account=account).order_by("-at", "-id").first()
    newest = Promise.objects.filter(account=account).order_by("-id").first()
    case = Case.objects.filter(account=account).order_by("-cycle").first()
    return reasons.reason_of(
        reasons.Known(
            dispute=dispute.kind if dispute is not None else "",
            outcome=last.outcome if last is not None else "",
            has_promise=newest is not None and newest.state in {Promise.State.OPEN, Promise.State.BROKEN},
            is_former=account.closed_on is not None,
            is_developer=account.owner.kind == Owner.Kind.DEVELOPER,
            is_referred=case is not None and case.state == Case.State.REFERRED,
            is_vacant=account.room.residence == Room.Residence.VACANT,
        )
    )


@dataclass(frozen=True, slots=True)
class PackHere:
    """A local rule pack with the communities of the office to which it applies."""

    pack: LocalPack
    communities: tuple[str, ...]
    is_in_force: bool


def packs_here(on: date) -> list[PackHere]:
    """Every local pack known, those that apply to the office first."""
    homes = list(Community.objects.all())
    found = [
        PackHere(
            pack,
            tuple(home.name for home in homes if pack_holds(pack, (home.province, home.city))),
            pack.effective_from <= on,
        )
        for pack in LOCAL_PACKS
    ]
    return sorted(found, key=lambda each: not each.communities)


def bans_of_office(on: date) -> tuple[Ban, ...]:
    """National bans and those of every place in which the office works: its texts are used in all of them."""
    here = {place for home in rows_of(Community) for place in (home.province, home.city)}
    return bans_for(sorted(here), on)
