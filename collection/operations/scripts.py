"""Publishing 话术 and message texts, and taking them back (S20, S29, R10, R13)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from collection.models import Script
from collection.queries.scripts import bans_of_office
from collection.rules import places, reasons, scripts, wording
from collection.rules.citations import citation
from offices.models import User
from offices.operations import Refusal


class ScriptRefused(Refusal):
    """The text may not be published: `details["field"]`, and `details["findings"]` with word, advice and places."""

    code = "script_refused"


@transaction.atomic
def publish_script(
    *,
    use: str,
    channel: str,
    words: str,
    by: User | None,
    at: datetime,
    tier: str = "",
    reason: str = "",
    subject: str = "",
) -> Script:
    """Put a text in force for its place from now on; the version before stays as it was, with the day it ended.

    Refused while anything in it may not be said (民法典 944③, S29, S70): no role and no setting lets it pass. The same
    words again change nothing.
    """
    text = scripts.Text(use, channel, tier, reason, words.replace("\r\n", "\n").strip(), subject.strip())
    check_text(text, at=at)
    before = Script.objects.select_for_update().filter(use=use, channel=channel, tier=tier, reason=reason)
    last = before.order_by("-version").first()
    if last is not None and last.replaced_at is None and (last.words, last.subject) == (text.words, text.subject):
        return last
    before.filter(replaced_at=None).update(replaced_at=at, replaced_by=by)
    return Script.objects.create(
        use=use,
        channel=channel,
        tier=tier,
        reason=reason,
        version=last.version + 1 if last else 1,
        subject=text.subject,
        words=text.words,
        published_at=at,
        published_by=by,
        follows=last,
    )


@transaction.atomic
def withdraw_script(*, script: Script, by: User, at: datetime) -> None:
    """From now on the shipped text counts again (or a more general one). Raises `ScriptRefused` when it ended already."""
    ended = Script.objects.filter(pk=script.pk, replaced_at=None).update(replaced_at=at, replaced_by=by)
    if not ended:
        raise ScriptRefused(_("这一版已经不在使用，请刷新页面。"), code="not_in_force")


def check_text(text: scripts.Text, *, at: datetime) -> None:
    """Raises `ScriptRefused` unless the text may be used by this office as it stands."""
    known = text.use in places.USES and text.tier in {"", *places.TIERS} and text.reason in {"", *reasons.LABELS}
    channels = {"", *places.SPOKEN} if text.use == places.TALK else set(places.channels_of(text.use))
    is_narrowed = text.use in places.LETTERS and (text.tier or text.reason or text.subject)
    if not known or text.channel not in channels or is_narrowed:
        raise ScriptRefused(_("用途、方式、级别或原因不在可选范围内，请重新选择。"), field="channel")
    found = scripts.findings(text, bans_of_office(at.date()))
    if found:
        raise ScriptRefused(_refusal(text, found, at), field="words", findings=[_found(text, each) for each in found])
    faults = scripts.faults(text)
    if faults:
        raise ScriptRefused(_("内容还不能使用：%(faults)s") % {"faults": "".join(faults)}, field="words")


def _refusal(text: scripts.Text, found: tuple[wording.Finding, ...], at: datetime) -> str:
    parts = []
    for each in found:
        found_at = wording.marks(text.words, each.word)
        where = _("第 %(line)s 行") % {"line": "、".join(str(mark.line) for mark in found_at)} if found_at else ""
        parts.append(where + str(each))
    words = _("内容不能保存。%(found)s。") % {"found": "；".join(parts)}
    if any(each.code == "forbidden_measure" and "九百四十四条" in each.advice for each in found):
        law = citation("civil-944-3", at.date())
        words += _("%(title)s：%(text)s") % {"title": law.title, "text": law.text}
    return words


def _found(text: scripts.Text, each: wording.Finding) -> dict[str, Any]:
    return {
        "code": each.code,
        "word": each.word,
        "advice": each.advice,
        "places": [
            {"line": mark.line, "before": mark.before, "word": mark.word, "after": mark.after}
            for mark in wording.marks(text.words, each.word)
        ],
    }
