"""Service of a letter as a table: what each way needs, whether it counts, how strong it is (decisions 3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from collection.rules.citations import FINAL, FORMAL, LIBRARY, Citation, RepealedCitation, UnknownCitation, citation
from collection.rules.measures import BY_CODE, UnlawfulMeasure, banned_in, bans_for, choose
from collection.rules.service import Attempt, lacks, verdict

FORMAL_ATTEMPT = Attempt(
    kind="formal",
    method="hand_delivery",
    outcome="signed",
    server=1,
    signer="林秀英",
    relation="本人",
    served_on=date(2026, 9, 12),
    issued_on=date(2026, 9, 10),
    deadline_on=date(2026, 9, 28),
    today=date(2026, 9, 12),
)
FINAL_ATTEMPT = replace(FORMAL_ATTEMPT, kind="final", second_server=2)
POSTED = replace(FORMAL_ATTEMPT, method="door_posting", outcome="posted", signer="", relation="", photos=1)
REFUSED = replace(FORMAL_ATTEMPT, outcome="refused", signer="", relation="", witness="李芳", photos=1)
MAILED = replace(FORMAL_ATTEMPT, method="ems", outcome="in_transit", signer="", relation="", tracking_number="EA1CN")
FINAL_MAILED = replace(MAILED, kind="final", content_note="物业费催缴最后通知", photos=1)


@pytest.mark.parametrize(
    ("attempt", "codes"),
    [
        pytest.param(FORMAL_ATTEMPT, [], id="signed"),
        pytest.param(replace(FORMAL_ATTEMPT, signer=" "), ["SIGNER_MISSING"], id="signed-by-nobody"),
        pytest.param(replace(FORMAL_ATTEMPT, relation=""), ["RELATION_MISSING"], id="signed-by-whom"),
        pytest.param(POSTED, [], id="posted-with-photo"),
        pytest.param(replace(POSTED, photos=0), ["PHOTO_MISSING"], id="posted-without-photo"),
        pytest.param(REFUSED, [], id="refused-with-witness-and-photo"),
        pytest.param(replace(REFUSED, witness=""), ["WITNESS_MISSING"], id="refused-without-witness"),
        pytest.param(replace(REFUSED, photos=0), ["PHOTO_MISSING"], id="refused-without-photo"),
        pytest.param(
            replace(REFUSED, photos=0, witness=""), ["WITNESS_MISSING", "PHOTO_MISSING"], id="refused-without-anything"
        ),
        pytest.param(MAILED, [], id="mailed"),
        pytest.param(replace(MAILED, tracking_number=""), ["TRACKING_MISSING"], id="mailed-without-number"),
        pytest.param(FINAL_ATTEMPT, [], id="final-by-two"),
        pytest.param(replace(FINAL_ATTEMPT, second_server=None), ["TWO_SERVERS"], id="final-by-one"),
        pytest.param(replace(FINAL_ATTEMPT, second_server=1), ["TWO_SERVERS"], id="final-by-the-same-person-twice"),
        pytest.param(replace(FORMAL_ATTEMPT, second_server=1), ["SAME_SERVER"], id="formal-by-the-same-person-twice"),
        pytest.param(replace(FINAL_ATTEMPT, outcome="absent", second_server=None), [], id="nobody-home-needs-nothing"),
        pytest.param(replace(POSTED, kind="final"), ["TWO_SERVERS"], id="final-posted-by-one"),
        pytest.param(FINAL_MAILED, [], id="final-mailed"),
        pytest.param(replace(FINAL_MAILED, content_note=""), ["CONTENT_NOTE_MISSING"], id="final-mailed-without-note"),
        pytest.param(replace(FINAL_MAILED, photos=0), ["WAYBILL_MISSING"], id="final-mailed-without-waybill"),
        pytest.param(replace(FORMAL_ATTEMPT, outcome="delivered"), ["OUTCOME_NOT_OF_METHOD"], id="no-mail-by-hand"),
        pytest.param(replace(FORMAL_ATTEMPT, method="lift_board"), ["OUTCOME_NOT_OF_METHOD"], id="unknown-way"),
        pytest.param(replace(FORMAL_ATTEMPT, served_on=None), ["DATE_MISSING"], id="no-date"),
        pytest.param(replace(FORMAL_ATTEMPT, served_on=date(2026, 9, 9)), ["BEFORE_ISSUE"], id="before-it-was-issued"),
        pytest.param(replace(FORMAL_ATTEMPT, served_on=date(2026, 9, 13)), ["IN_THE_FUTURE"], id="tomorrow"),
    ],
)
def test_what_is_lacking(attempt: Attempt, codes: list[str]) -> None:
    assert [lack.code for lack in lacks(attempt)] == codes


@pytest.mark.parametrize(
    ("attempt", "effective", "strength"),
    [
        pytest.param(FORMAL_ATTEMPT, True, "strong", id="signed-by-the-owner"),
        pytest.param(replace(FORMAL_ATTEMPT, relation="同住成年家属"), True, "strong", id="signed-by-kin"),
        pytest.param(replace(FORMAL_ATTEMPT, relation="受托人"), True, "strong", id="signed-by-a-representative"),
        pytest.param(replace(FORMAL_ATTEMPT, relation="其他人"), False, "weak", id="signed-by-a-neighbour"),
        pytest.param(REFUSED, True, "medium", id="refused"),
        pytest.param(POSTED, True, "weak", id="posted"),
        pytest.param(replace(FORMAL_ATTEMPT, outcome="absent"), False, "none", id="nobody-home"),
        pytest.param(MAILED, False, "none", id="in-transit"),
        pytest.param(replace(MAILED, outcome="returned"), False, "none", id="returned"),
        pytest.param(replace(MAILED, outcome="refused"), True, "medium", id="mail-refused"),
        pytest.param(replace(MAILED, outcome="delivered"), True, "medium", id="delivered-without-receipt"),
        pytest.param(replace(MAILED, outcome="delivered", photos=1), True, "strong", id="delivered-with-receipt"),
        pytest.param(
            replace(FORMAL_ATTEMPT, served_on=date(2026, 9, 28), today=date(2026, 9, 28)),
            True,
            "strong",
            id="on-the-last-day",
        ),
        pytest.param(
            replace(FORMAL_ATTEMPT, served_on=date(2026, 9, 29), today=date(2026, 9, 29)),
            False,
            "strong",
            id="after-the-deadline",
        ),
    ],
)
def test_what_it_is_worth(attempt: Attempt, effective: bool, strength: str) -> None:
    found = verdict(attempt)
    assert (found.is_effective, found.strength) == (effective, strength)


@pytest.mark.parametrize(
    ("day", "warned"), [(21, False), (22, True), (28, True)], ids=["a-week-left", "six-days-left", "last-day"]
)
def test_service_close_to_the_printed_deadline_is_pointed_out(day: int, warned: bool) -> None:
    found = verdict(replace(FORMAL_ATTEMPT, served_on=date(2026, 9, day), today=date(2026, 9, day)))
    assert bool(found.warnings) is warned


@pytest.mark.parametrize("key", [*FORMAL, *FINAL])
def test_the_letters_cite_what_is_in_force(key: str) -> None:
    assert citation(key, date(2026, 11, 23)).text


@pytest.mark.parametrize(
    ("key", "on", "error"),
    [
        pytest.param("civil-944-2", date(2020, 12, 31), RepealedCitation, id="the-civil-code-before-its-time"),
        pytest.param("interpretation-2009-6", date(2021, 1, 1), RepealedCitation, id="dropped-in-2021"),
        pytest.param("regulation-2007-67", date(2026, 1, 1), RepealedCitation, id="renumbered-in-2018"),
        pytest.param("procedure-2021-221", date(2024, 1, 1), RepealedCitation, id="renumbered-in-2024"),
        pytest.param("civil-9999", date(2026, 1, 1), UnknownCitation, id="no-such-article"),
    ],
)
def test_a_wrong_citation_is_an_error(key: str, on: date, error: Any) -> None:
    with pytest.raises(error):
        citation(key, on)


def test_wordings_of_one_article_never_overlap() -> None:
    by_key: dict[str, list[Citation]] = {}
    for law in LIBRARY:
        by_key.setdefault(law.key, []).append(law)
    for wordings in by_key.values():
        for earlier, later in pairwise(sorted(wordings, key=lambda law: law.effective_from)):
            assert earlier.effective_until is not None
            assert earlier.effective_until < later.effective_from


@pytest.mark.parametrize(
    ("stage", "codes", "facts"),
    [
        pytest.param("formal", ["water"], frozenset(), id="cutting-water"),
        pytest.param("formal", ["payment_order"], frozenset(), id="a-final-measure-in-a-formal-letter"),
        pytest.param("final", ["arbitration"], frozenset(), id="arbitration-without-a-clause"),
        pytest.param("final", ["paid_extras"], frozenset(), id="paid-extras-without-a-clause"),
    ],
)
def test_only_lawful_measures(stage: str, codes: list[str], facts: frozenset[str]) -> None:
    with pytest.raises(UnlawfulMeasure):
        choose(stage, codes, facts)


def test_arbitration_with_a_clause() -> None:
    assert choose("final", ["arbitration"], frozenset({"arbitration_clause"})) == (BY_CODE["arbitration"],)


def test_bans_find_their_words_and_local_packs_only_add() -> None:
    assert [ban.code for ban, _ in banned_in("逾期将 停\n水、锁车")] == ["water", "parking"]
    assert banned_in("限制入户", bans_for(("江苏省", "苏州市"), date(2026, 1, 1))) == ()
    assert banned_in("限制入户", bans_for(("河南省", "郑州市"), date(2026, 1, 1))) != ()
    assert all(not banned_in(measure.words) for measure in BY_CODE.values())
