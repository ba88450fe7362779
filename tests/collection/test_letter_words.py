"""The wording of letters: written by the office in versions, complete and lawful, and kept by what was approved with it."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from collection.documents import example_letter, letter_text
from collection.models import Notice, Script
from collection.operations import ScriptRefused, approve_notice, publish_script, withdraw_script
from collection.operations.notices import NoticeRefused
from collection.rules import letters, places
from collection.rules.shipped_letters import LETTERS
from collection.rules.wording import FINAL, FORMAL
from offices.filing import open_file
from offices.letterhead import VERSION, letter_pdf
from offices.models import OfficeSettings
from tests.collection.cast import household, proposed, rendered, settle_in
from tests.conftest import ROLES, at

LOOK, EDIT, API = "/scripts/letter/", "/scripts/text/", "/api/v1/scripts/"
NOW = at("2026-09-01")
SHIPPED = {text.use: text.words for text in LETTERS}
OURS = SHIPPED["formal_letter"].replace("感谢您一直以来对物业服务工作的理解与支持。", "您好，冒昧致信。")


@pytest.fixture
def inside(office: Any) -> Any:
    with office.open():
        settle_in()
        yield office


def publish(words: str = OURS, use: str = "formal_letter", **given: Any) -> Script:
    return publish_script(use=use, channel="paper", words=words, at=NOW, **{"by": None, **given})


def printed(use: str, version: int) -> str:
    """The words of a letter to the invented household, without what only lays them out."""
    text = next(text for text in LETTERS if text.use == use)
    given = text.__class__(text.use, text.channel, "", "", text.words, version=version)
    office = SimpleNamespace(name="示例物业")
    settings = OfficeSettings(
        contact_person="周敏", contact_phone="028-1", payee_name="甲", payee_bank="乙", payee_account="1"
    )
    letter = example_letter(given, office=office, settings=settings, on=date(2026, 9, 1))  # type: ignore[arg-type]
    return re.sub(r"\s+", "", letter_text(letter["kind"], VERSION, letter))


@pytest.mark.parametrize("use", places.LETTERS)
def test_what_an_office_begins_to_edit_is_word_for_word_what_the_product_prints(use: str) -> None:
    assert printed(use, version=1) == printed(use, version=0)


@pytest.mark.parametrize(
    ("use", "line", "lacking"),
    [
        pytest.param("formal_letter", "{bills}", "欠费期间与逐笔金额", id="amounts-per-period"),
        pytest.param("formal_letter", "{deadline}", "缴费截止日期", id="deadline"),
        pytest.param("formal_letter", "{ways}", "缴费方式和联系人、电话", id="ways-to-pay"),
        pytest.param("formal_letter", "{laws}", "法律依据", id="legal-basis"),
        pytest.param("formal_letter", "{measures}", "逾期未缴的后续措施", id="what-follows"),
        pytest.param("formal_letter", "异议", "提出异议的途径", id="right-to-object"),
        pytest.param("formal_letter", "请忽略", "如已缴费请忽略", id="paid-already"),
        pytest.param("final_letter", "{earlier_number}", "前一份通知书的文号", id="final-number-of-the-first"),
        pytest.param("final_letter", "{earlier_served}", "前一份通知书的送达日期", id="final-service-of-the-first"),
        pytest.param("final_letter", "{law_texts}", "法律依据的条文", id="final-articles-of-law"),
        pytest.param("final_letter", "{measures}", "逾期不缴的法律后果", id="final-consequences"),
        pytest.param("final_letter", "{bills}", "欠费期间与逐笔金额", id="final-amounts-per-period"),
        pytest.param("final_letter", "{deadline}", "缴费截止日期", id="final-deadline"),
        pytest.param("final_letter", "{ways}", "缴费方式和联系人、电话", id="final-ways-to-pay"),
        pytest.param("final_letter", "异议", "提出异议的途径", id="final-right-to-object"),
    ],
)
def test_a_letter_that_lacks_what_it_must_say_is_refused(inside: Any, use: str, line: str, lacking: str) -> None:
    with pytest.raises(ScriptRefused, match=f"缺少.*{lacking}"):
        publish(SHIPPED[use].replace(line, ""), use)
    assert not Script.objects.exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        pytest.param(OURS.replace("{bills}", "明细：{bills}"), "独占一行", id="the-table-in-a-line"),
        pytest.param(OURS + "\n{ways}", "只能出现一次", id="the-ways-twice"),
        pytest.param(OURS + "{owner_phone}", "没有「{owner_phone}」这个字段", id="an-unknown-gap"),
        pytest.param(OURS + "{earlier_number}", "没有「{earlier_number}」这个字段", id="a-gap-of-the-other-letter"),
        pytest.param(OURS + "{deadline", "花括号必须成对", id="half-a-gap"),
        pytest.param(OURS + "\n否则我们将停水停电。", "催交物业费", id="a-forbidden-measure-with-the-law"),
        pytest.param(OURS + "\n否则停{contested}水。", "停水", id="a-measure-split-by-a-gap"),
        pytest.param(OURS + "\n欠费户后果自负。", "措辞不当", id="an-insult"),
        pytest.param(OURS + "\n将加收滞纳金。", "违约金", id="a-wrong-word"),
    ],
)
def test_what_may_not_stand_in_a_letter_is_refused_when_it_is_saved(inside: Any, words: str, why: str) -> None:
    with pytest.raises(ScriptRefused, match=why):
        publish(words)


@pytest.mark.parametrize(
    "place",
    [{"channel": "sms"}, {"channel": ""}, {"tier": "severe"}, {"reason": "forgot"}, {"subject": "标题"}],
    ids=["by-message", "anyhow", "for-a-tier", "for-a-reason", "with-a-title"],
)
def test_a_letter_has_one_text_for_everybody_on_paper(inside: Any, place: dict[str, str]) -> None:
    with pytest.raises(ScriptRefused, match="不在可选范围内"):
        publish_script(**{"use": "formal_letter", "channel": "paper", "words": OURS, "by": None, "at": NOW, **place})


class TestApproved:
    def test_it_prints_the_offices_words_with_the_households_facts(self, inside: Any) -> None:
        publish()
        notice = rendered(inside, household())
        text = letter_text(notice.kind, notice.template_version, notice.frozen)
        assert "您好，冒昧致信。经核对，截至2026年9月10日" in text
        assert "有以下2笔费用逾期未缴" in text
        for part in (notice.number, "林秀英", "3-1-0502", "2025年1月—3月", notice.frozen["deadline"], "异议"):
            assert part in text
        assert (notice.frozen["words"]["version"], text.count("{")) == (1, 0)

    def test_it_keeps_its_version_byte_for_byte_when_the_words_change_later(self, inside: Any) -> None:
        publish()
        notice = rendered(inside, household())
        withdraw_script(script=publish(OURS + "\n此致敬礼。"), by=inside.people["admin"], at=NOW)
        notice.refresh_from_db()
        assert letter_pdf(notice.kind, notice.template_version, notice.frozen) == open_file(notice.pdf)
        later = approve_notice(
            notice=proposed(household("0601", "王芳")), by=inside.people["manager"], at=at("2026-09-10")
        )
        assert "words" not in later.frozen, "after the withdrawal the product's letter counts again"

    def test_its_words_are_read_again_on_the_printed_text(self, inside: Any) -> None:
        """A ban that came after the text, or a text that came past the check: it does not leave the house."""
        row = publish()
        Script.objects.filter(pk=row.pk).update(words=OURS + "\n否则停水。")
        notice = proposed(household())
        with pytest.raises(NoticeRefused, match="停水") as refused:
            approve_notice(notice=notice, by=inside.people["manager"], at=at("2026-09-10"))
        assert refused.value.code == "WORDING"
        assert Notice.objects.get().state == "proposed"

    def test_what_is_typed_stays_text(self, inside: Any) -> None:
        publish(OURS + "\n<b>此致</b>敬礼。")
        notice = approve_notice(notice=proposed(household()), by=inside.people["manager"], at=at("2026-09-10"))
        assert "<b>此致</b>" in letter_text(notice.kind, notice.template_version, notice.frozen)


def test_every_gap_of_a_letter_has_an_example_and_a_fact() -> None:
    letter = {
        **letters.EXAMPLE_HOUSEHOLD, "kind": FINAL, "as_of": "", "deadline": "", "contact": "", "phone": "",
        "citations": [], "consequences": [], "measures": [], "earlier": None,
    }  # fmt: skip
    assert set(letters.EXAMPLE) == set(places.LETTER_GAPS)
    assert set(letters.fields_of(letter)) | set(letters.BLOCKS) == set(places.LETTER_GAPS)
    assert FORMAL in letters.fields_of({**letter, "kind": FORMAL, "as_of": FORMAL})["as_of"]


TYPED = {"use": "formal_letter", "channel": "paper", "words": OURS}


@pytest.mark.parametrize("role", ROLES)
def test_manager_and_administrator_write_letters_the_others_read(
    office: SimpleNamespace, sign_in: Any, role: str
) -> None:
    client, writes, reads = sign_in(office.people[role]), role in {"manager", "admin"}, role != "finance"
    page = client.get(EDIT, {"use": "formal_letter", "channel": "paper"})
    assert page.status_code == (200 if reads else 403)
    assert ("预览 PDF" in page.content.decode()) is writes
    look = client.get(LOOK, {"use": "final_letter", "channel": "paper"})
    assert (look.status_code, look.content[:4] == b"%PDF") == ((200, True) if reads else (403, False))
    assert client.post(EDIT, TYPED).status_code == (302 if writes else 403)
    api = client.post(API, {**TYPED, "words": OURS + "\n此致敬礼。"}, content_type="application/json")
    assert api.status_code == (201 if writes else 403)
    with office.open():
        assert Script.objects.filter(use="formal_letter").count() == (2 if writes else 0)


def test_the_preview_shows_the_typed_words_keeps_nothing_and_refuses_what_saving_would(
    office: SimpleNamespace, sign_in: Any
) -> None:
    client = sign_in(office.people["manager"])
    assert client.post(LOOK, TYPED).content[:4] == b"%PDF"
    refused = client.post(LOOK, {**TYPED, "words": OURS.replace("{ways}", "")})
    assert (refused.status_code, "缺少缴费方式" in refused.content.decode()) == (422, True)
    assert client.get(LOOK, {"use": "talk", "channel": "call"}).status_code == 404
    with office.open():
        assert not Script.objects.exists()


def test_the_page_lists_the_gaps_of_its_letter_and_every_version_with_who_and_when(
    office: SimpleNamespace, sign_in: Any
) -> None:
    client = sign_in(office.people["manager"])
    client.post(EDIT, TYPED)
    page = client.get(EDIT, {"use": "formal_letter", "channel": "paper"}).content.decode()
    assert "{deadline}" in page
    assert "{earlier_served}" not in page
    assert "第 1 版" in page
    assert str(office.people["manager"]) in page


def test_the_notice_says_which_version_it_prints(office: SimpleNamespace, sign_in: Any) -> None:
    with office.open():
        settle_in()
        publish(OURS + "\n此致敬礼。")
        publish()
        notice = approve_notice(notice=proposed(household()), by=office.people["manager"], at=at("2026-09-10"))
    page = sign_in(office.people["manager"]).get(f"/notices/{notice.pk}/").content.decode()
    assert re.search(r"措辞</dt><dd><a href=\"[^\"]*use=formal_letter[^\"]*\">第 2 版", page)


def test_another_office_prints_its_own_letters(office: Any, other_office: Any) -> None:
    with office.open():
        publish()
    with other_office.open():
        settle_in()
        notice = approve_notice(notice=proposed(household()), by=other_office.people["manager"], at=at("2026-09-10"))
        assert "words" not in notice.frozen
