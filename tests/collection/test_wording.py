"""What may not be said, on the text as it leaves (S29, S70, R10)."""

from datetime import date
from decimal import Decimal

import pytest

from collection.rules import places, scripts, wording
from collection.rules.measures import bans_for
from collection.rules.shipped_scripts import SHIPPED
from collection.rules.wording import FINAL, FORMAL, REMINDER, SMS, check, marks

BEARER = scripts.Bearer(
    office="锦城物业",
    person="周敏",
    phone="028-86001234",
    community="华庭苑",
    room="3-1-0502",
    periods="2024年1月至12月",
    amount=Decimal("2666.64"),
    due_on=date(2024, 3, 31),
    ways=("转账至锦城物业账户", "物业前台"),
)


@pytest.mark.parametrize("text", SHIPPED, ids=lambda text: "-".join(filter(None, text.place)))
def test_every_text_we_ship_may_be_said_and_is_complete(text):
    assert scripts.faults(text) == ()
    assert scripts.findings(text) == ()
    assert "{" not in scripts.as_read(text)[1]


@pytest.mark.parametrize("use", [places.FIRST, places.AGAIN])
def test_our_own_short_messages_name_the_amount_and_the_way_out(use):
    text = scripts.choose(SHIPPED, use=use, channel="sms", tier="slight", reason="")
    body = scripts.filled(text, BEARER)[1]
    assert check(body, SMS) == ()
    for needed in ("如已缴费请忽略", "2666.64元", "028-86001234"):
        assert needed in body


def test_our_own_email_is_friendly_and_lists_the_ways_to_pay():
    text = scripts.choose(SHIPPED, use=places.FIRST, channel="email", tier="slight", reason="")
    subject, body = scripts.filled(text, BEARER)
    assert check(subject, REMINDER) == check(body, REMINDER) == ()
    assert "请忽略" in body
    assert "1. 转账至锦城物业账户" in body


@pytest.mark.parametrize(
    ("text", "kind", "word"),
    [
        pytest.param("逾期将停水处理", FORMAL, "停水", id="water"),
        pytest.param("逾期将停\n电", FINAL, "停电", id="a-line-break-hides-nothing"),
        pytest.param("将停·水", FORMAL, "停水", id="a-dot-hides-nothing"),
        pytest.param("将停 水", FORMAL, "停水", id="a-wide-blank-hides-nothing"),
        pytest.param("我们会停您家的水", FORMAL, "停您家的水", id="words-in-between"),
        pytest.param("物业将切断供电", FORMAL, "切断供电", id="another-verb"),
        pytest.param("到时水电将被停掉", FORMAL, "电将被停掉", id="the-other-way-round"),
        pytest.param("终止供暖", FORMAL, "终止供暖", id="heat"),
        pytest.param("我们将在业主群曝光", FINAL, "曝光", id="shame"),
        pytest.param("老赖", FORMAL, "老赖", id="insult"),
        pytest.param("否则后果自负", FINAL, "后果自负", id="threat"),
        pytest.param("并加收滞纳金", FORMAL, "滞纳金", id="the-wrong-word"),
        pytest.param("请立即缴纳", REMINDER, "立即", id="stage-one-demands-nothing"),
        pytest.param("将向法院起诉", REMINDER, "起诉", id="stage-one-knows-no-court"),
        pytest.param("费用¥100", SMS, "¥", id="providers-refuse-the-sign"),
        pytest.param("请尽快缴纳！", FINAL, "！", id="serious-not-loud"),
        pytest.param("法院传票将送达", FINAL, "传票", id="no-false-court"),
        pytest.param("我司将强制收取", FINAL, "强制", id="no-force"),
    ],
)
def test_words_that_may_not_leave(text, kind, word):
    assert word in {finding.word for finding in check(text, kind)}


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("将锁车", "第九百四十四条第三款"),
        ("将通知家属", "第二十五条"),
        ("我们会上门追讨", "第一千零三十三条"),
        ("上征信", "生效裁判"),
    ],
)
def test_a_forbidden_measure_is_refused_with_the_law_that_forbids_it(text, law):
    (finding,) = check(text, FORMAL)
    assert law in str(finding)


def test_a_local_rule_adds_to_what_is_forbidden_everywhere():
    there = bans_for(("河南省", "郑州市"), date(2026, 1, 1))
    assert not check("将限制入户", FORMAL)
    assert "郑州条例" in str(check("将限制入户", FORMAL, bans=there)[0])
    assert check("将停水", FORMAL, bans=there), "national bans stay"


def test_the_final_notice_may_name_the_lawful_way():
    text = "逾期仍不缴纳的，我司将依法向人民法院提起诉讼或申请仲裁，判决生效后可申请强制执行。"
    assert check(text, FINAL) == ()


def test_law_quoted_word_for_word_is_not_a_threat():
    law = "物业服务人不得采取停止供电、供水、供热、供燃气等方式催交物业费。"
    assert check("依据民法典：" + law, FINAL) != ()
    assert check("依据民法典：" + law, FINAL, quoted=[law]) == ()


@pytest.mark.parametrize(
    "text",
    [
        "暂停您另行订购的有偿特约服务（不含基本生活所需的任何服务）",
        "请来电停车场管理处",
        "电话已停机，请更新",
        "服务水平下降",
        "水电费由供应单位收取",
    ],
)
def test_what_only_sounds_like_it_may_be_said(text):
    assert check(text, FORMAL) == ()


def test_the_place_of_a_word_is_shown_as_it_was_typed():
    (mark,) = marks("您好。\n逾期将停 水处理", "停水")
    assert (mark.line, mark.before, mark.word, mark.after) == (2, "逾期将", "停 水", "处理")


def test_every_finding_says_what_to_do():
    assert "请改为「违约金」" in str(check("滞纳金", FORMAL)[0])
    assert wording.Finding("x", "停水", "请删去") in {wording.Finding("x", "停水", "请删去")}


@pytest.mark.parametrize(
    ("periods", "words"),
    [
        ([], ""),
        ([(date(2024, 1, 1), date(2024, 1, 31))], "2024年1月"),
        ([(date(2024, 4, 1), date(2024, 6, 30)), (date(2024, 1, 1), date(2024, 3, 31))], "2024年1月至6月"),
        ([(date(2023, 10, 1), date(2024, 3, 31))], "2023年10月至2024年3月"),
    ],
    ids=["none", "one-month", "two-quarters", "over-new-year"],
)
def test_periods_in_words(periods, words):
    assert scripts.periods_in_words(periods) == words
