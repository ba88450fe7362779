"""Recording service: evidence is kept as it came, the effective attempt carries the case forward."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest

from collection.models import Action, Notice, Service
from collection.operations.service import ServiceRefused, serve_notice
from offices.filing import FileDamaged, PhotoRefused, open_file, path_of, photo_facts
from tests.collection.cast import household, photo, rendered, served, settle_in
from tests.conftest import at


@pytest.fixture
def notice(inside: Any) -> Notice:
    """A formal notice ready to be served: issued 10 September, deadline 28 September 2026."""
    settle_in()
    return rendered(inside, household())


@pytest.fixture
def serve(inside: Any, notice: Notice) -> Any:
    """Serve the notice as the collector, on a day, in a way."""

    def act(method: str, outcome: str, day: str = "2026-09-12", **more: Any) -> Any:
        return serve_notice(
            notice=notice, method=method, outcome=outcome, served_at=at(day, 15), by=inside.people["collector"], **more
        )

    return act


def state_of(notice: Notice) -> str:
    notice.refresh_from_db()
    return notice.state


def test_signed_by_the_owner_moves_the_case_on(serve: Any, notice: Notice) -> None:
    answer = serve("hand_delivery", "signed", signer="林秀英", signer_relation="本人")
    assert (answer.service.strength, state_of(notice), notice.effective_on) == ("strong", "served", date(2026, 9, 12))
    action = Action.objects.get(pk=notice.action_id)
    notice.case.refresh_from_db()
    assert (action.state, action.effective_on) == ("effective", date(2026, 9, 12))
    assert (notice.case.reached, notice.case.letter_deadline_on) == (action.position, date(2026, 9, 28))


def test_posting_without_a_photo_is_refused_and_leaves_nothing(serve: Any, notice: Notice) -> None:
    with pytest.raises(ServiceRefused) as no:
        serve("door_posting", "posted")
    assert [lack["field"] for lack in no.value.details["lacks"]] == ["photos"]
    assert (state_of(notice), Service.objects.count()) == ("rendered", 0)


def test_posting_keeps_the_original_photo(serve: Any, notice: Notice) -> None:
    original = photo()
    bytes_sent = original.getvalue()
    service = serve("door_posting", "posted", photos=[(original, "door")]).service
    kept = service.photos.get()
    assert (kept.shows, open_file(kept.file)) == ("door", bytes_sent)
    assert (service.strength, service.is_effective) == ("weak", True)


def test_refusal_needs_a_witness_and_a_photo(serve: Any, notice: Notice) -> None:
    with pytest.raises(ServiceRefused):
        serve("hand_delivery", "refused", photos=[(photo(), "scene")])
    service = serve(
        "hand_delivery", "refused", photos=[(photo(), "scene")], witness="李芳", witness_organisation="华庭社区居委会"
    ).service
    assert (service.strength, state_of(notice)) == ("medium", "served")


def test_mail_counts_when_it_arrives(serve: Any, notice: Notice) -> None:
    posted = serve("ems", "in_transit", tracking_number="EA123456789CN").service
    assert (posted.content_note, posted.address) == ("物业费催缴通知书", notice.account.room.address)
    assert (posted.is_effective, state_of(notice)) == (False, "in_transit")
    arrived = serve("ems", "delivered", "2026-09-15", photos=[(photo(), "receipt")]).service
    assert (arrived.follows_id, arrived.tracking_number) == (posted.pk, "EA123456789CN")
    assert (arrived.strength, state_of(notice), notice.effective_on) == ("strong", "served", date(2026, 9, 15))


def test_returned_mail_goes_back_on_the_pile(serve: Any, notice: Notice) -> None:
    serve("ems", "in_transit", tracking_number="EA123456789CN")
    serve("ems", "returned", "2026-09-16")
    assert state_of(notice) == "rendered"
    assert Action.objects.get(pk=notice.action_id).state == "planned"


def test_nobody_home_is_recorded_and_moves_nothing(serve: Any, notice: Notice) -> None:
    serve("hand_delivery", "absent")
    assert (state_of(notice), Service.objects.count()) == ("rendered", 1)


def test_service_after_the_printed_deadline_asks_for_a_new_letter(serve: Any, notice: Notice) -> None:
    answer = serve("hand_delivery", "signed", "2026-09-29", signer="林秀英", signer_relation="本人")
    assert (answer.service.is_effective, answer.service.strength, state_of(notice)) == (False, "strong", "failed")
    assert (answer.successor.state, answer.successor.supersedes_id) == ("proposed", notice.pk)
    assert Action.objects.get(pk=notice.action_id).state == "planned"


def test_a_second_stronger_service_is_kept_beside_the_first(serve: Any, notice: Notice) -> None:
    serve("door_posting", "posted", photos=[(photo(), "door")])
    later = serve("hand_delivery", "signed", "2026-09-14", signer="林秀英", signer_relation="本人").service
    assert (later.strength, later.is_effective) == ("strong", False)
    assert (state_of(notice), notice.effective_on) == ("served", date(2026, 9, 12))


def test_the_same_report_twice_is_one(serve: Any, notice: Notice) -> None:
    first = serve("hand_delivery", "absent", key="phone-1").service
    assert serve("hand_delivery", "absent", key="phone-1").service.pk == first.pk
    assert Service.objects.count() == 1


def test_only_drawn_letters_can_be_served(inside: Any) -> None:
    from tests.collection.cast import proposed

    settle_in()
    with pytest.raises(ServiceRefused) as no:
        serve_notice(
            notice=proposed(household()), method="hand_delivery", outcome="absent", served_at=at("2026-09-12"),
            by=inside.people["collector"],
        )  # fmt: skip
    assert no.value.code == "NOT_SERVABLE"


def test_the_final_notice_by_hand_needs_two_people(inside: Any) -> None:
    settle_in()
    account = household()
    served(inside, account)
    final = rendered(inside, account, "final", "2026-10-15")
    facts: dict[str, Any] = {
        "notice": final, "method": "hand_delivery", "outcome": "signed", "served_at": at("2026-10-16"),
        "by": inside.people["collector"], "signer": "林秀英", "signer_relation": "本人",
    }  # fmt: skip
    with pytest.raises(ServiceRefused):
        serve_notice(**facts)
    assert serve_notice(**facts, second_server=inside.people["supervisor"]).service.is_effective
    assert state_of(final) == "served"


def test_the_final_notice_by_mail_carries_the_prescribed_note(inside: Any) -> None:
    settle_in()
    account = household()
    served(inside, account)
    final = rendered(inside, account, "final", "2026-10-15")
    service = serve_notice(
        notice=final, method="ems", outcome="in_transit", served_at=at("2026-10-16"), by=inside.people["collector"],
        tracking_number="EA123456789CN", photos=[(photo(), "receipt")],
    ).service  # fmt: skip
    assert service.content_note == "物业费催缴最后通知"


def test_a_stranger_is_no_second_server(serve: Any, notice: Notice, other_office: Any) -> None:
    with pytest.raises(ServiceRefused) as no:
        serve(
            "hand_delivery",
            "signed",
            signer="林秀英",
            signer_relation="本人",
            second_server=other_office.people["collector"],
        )
    assert no.value.details["lacks"][0]["code"] == "SECOND_SERVER_UNKNOWN"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"not a photo at all", id="text"),
        pytest.param(photo().getvalue()[:200], id="cut-off"),
        pytest.param(b"%PDF-1.7 ...", id="a-pdf"),
    ],
)
def test_what_is_no_photo_is_refused(serve: Any, notice: Notice, data: bytes) -> None:
    with pytest.raises(PhotoRefused):
        serve("door_posting", "posted", photos=[(BytesIO(data), "door")])


def test_a_decompression_bomb_is_refused(inside: Any) -> None:
    import struct
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")
    with pytest.raises(PhotoRefused):
        photo_facts(bomb)


def test_a_file_changed_on_disk_is_not_handed_out(notice: Notice) -> None:
    path = path_of(notice.pdf)
    path.chmod(0o644)
    path.write_bytes(b"changed")
    with pytest.raises(FileDamaged):
        open_file(notice.pdf)
