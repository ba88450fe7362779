"""话术与模板: chosen by tier, reason and channel, published in versions, and never against the law (S20, S29, R10, R13)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collection.models import Contact, Message, Script
from collection.operations import ScriptRefused, plan_day, publish_script, withdraw_script
from collection.queries import work
from collection.queries.scripts import packs_here, texts_in_force
from collection.rules import places, reasons
from collection.rules.reasons import Known, reason_of
from collection.rules.scripts import Text, choose, faults
from offices.models import Community
from tests.conftest import ROLES, at

PAGE, EDIT, API = "/scripts/", "/scripts/text/", "/api/v1/scripts/"
NOW = at("2026-04-01")
SMS = "尊敬的业主，{community}{room}有账单{amount}元待缴，如已缴费请忽略。电话{phone}。"


def text(tier: str = "", reason: str = "", channel: str = "", version: int = 0) -> Text:
    return Text("talk", channel, tier, reason, f"{tier}{reason}{channel}{version}", version=version)


@pytest.mark.parametrize(
    ("texts", "chosen"),
    [
        pytest.param([text(), text("slight")], text("slight"), id="the-tier-before-anything"),
        pytest.param([text("slight"), text(reason="forgot")], text(reason="forgot"), id="the-reason-before-the-tier"),
        pytest.param([text("slight"), text(channel="call")], text("slight"), id="the-tier-before-the-channel"),
        pytest.param([text("slight", version=3), text("slight")], text("slight", version=3), id="own-before-shipped"),
        pytest.param([text(version=9), text("slight")], text("slight"), id="specific-before-own"),
        pytest.param([text("severe"), text(reason="vacancy"), text(channel="visit")], None, id="what-does-not-fit"),
    ],
)
def test_the_most_specific_text_is_chosen(texts: list[Text], chosen: Text | None) -> None:
    assert choose(texts, use="talk", channel="call", tier="slight", reason="forgot") == chosen


@given(
    tier=st.sampled_from(list(places.TIERS)),
    reason=st.sampled_from(list(reasons.LABELS)),
    channel=st.sampled_from(list(places.SPOKEN)),
)
def test_there_are_words_for_every_tier_reason_and_channel(tier: str, reason: str, channel: str) -> None:
    assert choose(scripts_shipped(), use="talk", channel=channel, tier=tier, reason=reason) is not None


def scripts_shipped() -> tuple[Text, ...]:
    from collection.rules.shipped_scripts import SHIPPED

    return SHIPPED


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        (Known(), reasons.UNKNOWN),
        (Known(is_vacant=True), reasons.VACANCY),
        (Known(is_vacant=True, outcome="refused"), reasons.REFUSES),
        (Known(outcome="instalments"), reasons.HARDSHIP),
        (Known(outcome="instalments", has_promise=True), reasons.PROMISED),
        (Known(dispute="service", has_promise=True), reasons.SERVICE),
        (Known(dispute="misunderstanding"), reasons.CHARGE),
        (Known(dispute="other", outcome="no_answer"), reasons.NO_CONTACT),
        (Known(is_former=True, dispute="service"), reasons.OWNER_CHANGED),
        (Known(is_developer=True, is_former=True), reasons.DEVELOPER),
        (Known(is_referred=True, is_developer=True), reasons.LEGAL),
    ],
)
def test_a_fact_comes_before_an_objection_and_that_before_what_was_last_heard(known: Known, reason: str) -> None:
    assert reason_of(known) == reason


@pytest.mark.parametrize(
    ("use", "channel", "words", "says"),
    [
        pytest.param("talk", "call", "您好{名字}", "没有「{名字}」这个字段", id="unknown-gap"),
        pytest.param("talk", "call", "您好{room", "花括号必须成对", id="open-brace"),
        pytest.param("talk", "call", "  ", "请写内容", id="empty"),
        pytest.param("reminder", "sms", "{room}{amount}如已缴费请忽略", "{phone}", id="nobody-to-ask"),
        pytest.param("reminder", "sms", "{room}{amount}{phone}", "请忽略", id="may-have-paid"),
        pytest.param("reminder", "sms", SMS + "http://a.cn", "链接", id="link"),
        pytest.param("reminder", "sms", SMS + "好" * 500, "500", id="too-long"),
        pytest.param("reminder", "email", SMS, "标题", id="no-subject"),
    ],
)
def test_a_text_that_cannot_be_used_says_why(use: str, channel: str, words: str, says: str) -> None:
    assert says in "".join(faults(Text(use, channel, "", "", words)))


@pytest.mark.parametrize("words", ["{0.__class__}", "{room!r}", "{room:>9999}"])
def test_a_gap_is_a_name_and_nothing_more(words: str) -> None:
    assert faults(Text("talk", "call", "", "", words))


@pytest.mark.django_db
class TestPublishing:
    def test_a_new_version_replaces_the_old_and_leaves_it_as_it_was(self, inside: Any) -> None:
        who = inside.people["manager"]
        first = publish_script(use="talk", channel="call", tier="slight", words="您好，{room}。", by=who, at=NOW)
        later = at("2026-05-01")
        second = publish_script(use="talk", channel="call", tier="slight", words="您好，{room}业主。", by=who, at=later)
        first.refresh_from_db()
        assert (first.version, first.words, first.replaced_at, first.replaced_by) == (1, "您好，{room}。", later, who)
        assert (second.version, second.follows, second.replaced_at) == (2, first, None)
        assert [t.words for t in texts_in_force() if t.version] == ["您好，{room}业主。"]

    def test_the_same_words_again_are_no_new_version(self, inside: Any) -> None:
        for _ in range(2):
            publish_script(use="talk", channel="call", words="您好。\r\n谢谢。 ", by=None, at=NOW)
        assert Script.objects.get().words == "您好。\n谢谢。"

    def test_taken_back_the_shipped_words_count_again(self, inside: Any) -> None:
        before = texts_in_force()
        row = publish_script(use="talk", channel="", tier="slight", words="您好。", by=None, at=NOW)
        assert texts_in_force() != before
        withdraw_script(script=row, by=inside.people["manager"], at=NOW)
        assert texts_in_force() == before
        with pytest.raises(ScriptRefused):
            withdraw_script(script=row, by=inside.people["manager"], at=NOW)
        assert publish_script(use="talk", channel="", tier="slight", words="您好。", by=None, at=NOW).version == 2

    def test_a_forbidden_measure_is_refused_with_the_line_and_the_law(self, inside: Any) -> None:
        with pytest.raises(ScriptRefused) as no:
            publish_script(use="talk", channel="call", tier="severe", words="您好。\n再不缴就停 水。", by=None, at=NOW)
        for said in (
            "第 2 行",
            "「停水」",
            "第九百四十四条第三款",
            "物业服务人不得采取停止供电、供水、供热、供燃气等方式催交物业费",
        ):
            assert said in str(no.value)
        (finding,) = no.value.details["findings"]
        assert finding["places"] == [{"line": 2, "before": "再不缴就", "word": "停 水", "after": "。"}]
        assert not Script.objects.exists()

    @pytest.mark.parametrize(
        ("tier", "is_allowed"), [("slight", False), ("", False), ("moderate", True), ("severe", True)]
    )
    def test_a_first_conversation_stays_friendly(self, inside: Any, tier: str, is_allowed: bool) -> None:
        say = {"use": "talk", "channel": "call", "tier": tier, "words": "逾期的话我们可能起诉。", "by": None, "at": NOW}
        if is_allowed:
            assert publish_script(**say)
        else:
            with pytest.raises(ScriptRefused, match="温馨提示只作友好提醒"):
                publish_script(**say)

    def test_the_rules_of_the_city_hold_as_well(self, inside: Any) -> None:
        say = {"use": "talk", "channel": "call", "tier": "severe", "words": "将限制入户。", "by": None, "at": NOW}
        assert publish_script(**say)
        Community.objects.create(name="郑东花园", province="河南省", city="郑州市")
        with pytest.raises(ScriptRefused, match="郑州条例"):
            publish_script(**{**say, "words": "以后将限制入户。"})
        here = packs_here(NOW.date())
        assert (here[0].pack.place, here[0].communities) == ("郑州", ("郑东花园",))
        assert not here[1].communities


@pytest.mark.django_db
class TestUsing:
    def test_a_reminder_is_written_with_the_offices_own_words(self, place: Any, household: Any) -> None:
        publish_script(use="reminder", channel="sms", words=SMS, by=None, at=NOW)
        household()
        plan_day(on=NOW.date(), at=NOW)
        assert (
            Message.objects.get().body
            == "尊敬的业主，华庭苑3-1-0001有账单666.66元待缴，如已缴费请忽略。电话028-86001234。"
        )

    def test_what_fills_a_gap_is_read_again_before_it_leaves(self, place: Any, household: Any) -> None:
        place.community.name = "停水花园"
        place.community.save()
        household()
        plan_day(on=NOW.date(), at=NOW)
        assert not Message.objects.exists()

    def test_the_household_shows_words_for_its_tier_and_reason(self, place: Any, household: Any) -> None:
        account = household()
        plan_day(on=NOW.date(), at=NOW)
        before = work.household(account.pk, on=NOW.date(), at=NOW)
        assert (before.reason, before.script_origin) == ("原因不明", "轻微，通用版")
        assert "3-1-0001" in before.script
        Contact.objects.create(account=account, channel="call", outcome="instalments", reached=True, at=NOW)
        publish_script(
            use="talk", channel="call", reason=reasons.HARDSHIP, words="您好，{room}可以分期。", by=None, at=NOW
        )
        after = work.household(account.pk, on=NOW.date(), at=NOW)
        assert (after.script, after.reason) == ("您好，3-1-0001可以分期。", "经济困难")
        assert after.script_origin == "经济困难，电话，第 1 版"


TYPED = {"use": "talk", "channel": "call", "tier": "severe", "reason": "", "words": "您好，{room}。"}


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_manager_and_administrator_write_the_others_read(office: SimpleNamespace, sign_in: Any, role: str) -> None:
    client, writes, reads = sign_in(office.people[role]), role in {"manager", "admin"}, role != "finance"
    assert client.get(PAGE).status_code == client.get("/forbidden/").status_code == (200 if reads else 403)
    page = client.get(EDIT, {"tier": "severe"})
    assert page.status_code == (200 if reads else 403)
    assert ("启用新版本" in page.content.decode()) is writes
    assert client.post(EDIT, TYPED).status_code == (302 if writes else 403)
    body = {**TYPED, "words": "您好。"}
    assert client.post(API, body, content_type="application/json").status_code == (201 if writes else 403)
    with office.open():
        assert Script.objects.count() == (2 if writes else 0)


@pytest.mark.django_db
def test_looking_first_publishes_nothing_and_a_refusal_marks_the_place(office: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(office.people["manager"])
    look = client.post(EDIT, {**TYPED, "look": "1"})
    assert "您好，3-1-0502。" in look.content.decode()
    refused = client.post(EDIT, {**TYPED, "words": "您好，\n我们会停水。"})
    assert refused.status_code == 422
    assert "我们会<mark>停水</mark>。" in refused.content.decode()
    assert "供热、供燃气等方式催交物业费" in refused.content.decode()
    again = client.post(API, {**TYPED, "words": "停水"}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "script_refused")
    with office.open():
        assert not Script.objects.exists()


@pytest.mark.django_db
def test_by_the_api_what_is_in_force_is_listed_and_a_version_taken_back(office: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(office.people["manager"])
    made = client.post(API, TYPED, content_type="application/json").json()
    own = [each for each in client.get(API + "effective/").json() if each["version"]]
    assert [(each["tier"], each["words"]) for each in own] == [("severe", "您好，{room}。")]
    assert client.post(f"{API}{made['id']}/withdraw/").status_code == 200
    assert client.get(API, {"in_force": "true"}).json()["count"] == 0
    assert client.get(API).json()["count"] == 1


@pytest.mark.django_db
def test_an_outsider_neither_sees_nor_ends_our_text(office: Any, other_office: Any, sign_in: Any) -> None:
    made = sign_in(office.people["manager"]).post(API, TYPED, content_type="application/json").json()
    client = sign_in(other_office.people["manager"])
    assert client.get(API).json()["count"] == 0
    assert client.post(f"/scripts/{made['id']}/withdraw/").status_code == 404
    with office.open():
        assert Script.objects.get().replaced_at is None
