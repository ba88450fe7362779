"""Pages and API of arrears, disputes and archive, with a cast: colleagues of every role, and an outsider."""

from datetime import date
from decimal import Decimal as D
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse
from pypdf import PdfReader

from arrears.rules.position import AccountFacts
from billing.models import Account
from disputes.models import Dispute
from disputes.operations import raise_dispute
from offices.models import SecurityEvent
from tests.conftest import ROLES, at
from tests.factories.books import Books, quarter

READERS = {"collector", "supervisor", "finance", "manager", "legal"}


@pytest.fixture
def stage(office):
    """A household in arrears with a dispute: (account id, dispute id, bill id)."""
    with office.open():
        facts = Books().enter(AccountFacts(0, (quarter(1), quarter(2))))
        account = Account.objects.get(pk=facts.account_id)
        lines = {facts.bills[0].bill_id: D("600.00")}
        dispute = raise_dispute(
            account=account,
            kind="charge",
            owner_words="算错了",
            lines=lines,
            by=office.people["collector"],
            at=at("2024-11-11"),
        )
    return account.pk, dispute.pk, facts.bills[1].bill_id


PAGES = {
    "arrears:list": READERS,
    "arrears:export": {"supervisor", "finance", "manager", "legal"},
    "arrears:print": {"supervisor", "finance", "manager", "legal"},
    "arrears:exports": {"supervisor", "finance", "manager", "legal"},
    "disputes:list": READERS,
    "archive:households": READERS,
    "archive:search": READERS,
    "archive:ledger": READERS,
    "archive:ledger-export": {"supervisor", "finance", "manager", "legal"},
    "archive:dashboard": {"supervisor", "finance", "manager"},
    "household": READERS,
    "dispute": READERS,
    "raise": {"collector", "supervisor", "manager"},
}


def address(name, stage):
    account, dispute, _bill = stage
    return {
        "household": reverse("archive:household", args=[account]),
        "dispute": reverse("disputes:detail", args=[dispute]),
        "raise": reverse("disputes:raise", args=[account]),
    }.get(name) or reverse(name)


@pytest.mark.parametrize("page", PAGES)
def test_who_may_open_a_page(page, stage, office, sign_in):
    for role in ROLES:
        answer = sign_in(office.people[role]).get(address(page, stage))
        assert answer.status_code == (200 if role in PAGES[page] else 403), role


@pytest.mark.parametrize("page", ["household", "dispute", "raise"])
def test_an_outsider_does_not_even_learn_that_it_exists(page, stage, other_office, sign_in):
    assert sign_in(other_office.people["manager"]).get(address(page, stage)).status_code == 404


def test_strangers_are_sent_to_sign_in(stage, client):
    answer = client.get(address("household", stage))
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_the_arrears_list_totals_every_row_and_keeps_its_filters_in_the_address(stage, office, sign_in):
    client = sign_in(office.people["collector"])
    found = client.get(reverse("arrears:list"), {"on": "2024-12-01"}).context["found"]
    assert (found.totals.accounts, found.totals.arrears, found.totals.pursuable) == (1, D("1200.00"), D("600.00"))
    assert client.get(reverse("arrears:list"), {"tier": "slight", "on": "2024-12-01"}).context["found"].rows == ()
    assert client.get(reverse("arrears:list"), {"on": "nonsense", "page": "x", "minimum": "-3"}).status_code == 200


def test_the_arrears_workbook_has_one_row_per_account_and_one_per_bill(stage, office, sign_in):
    answer = sign_in(office.people["finance"]).get(reverse("arrears:export"), {"on": "2024-12-01"})
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    assert [cell.value for cell in book["欠费清单"][3]][:3] == ["华庭一期", "1-1-0001", "张三"]
    assert book["欠费清单"].cell(4, 11).value == 1200
    assert book["账单明细"].max_row == 4
    with office.open():
        assert SecurityEvent.objects.filter(kind="arrears_exported", by=office.people["finance"]).exists()


def test_the_arrears_list_is_printed_with_all_rows_and_who_printed_it(stage, office, sign_in):
    client = sign_in(office.people["finance"])
    answer = client.get(reverse("arrears:print"), {"on": "2024-12-01"})
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    for needed in (
        "欠费业主清单",
        "1-1-0001",
        "张三",
        "1,200.00",
        "共 1 户",
        str(office.people["finance"]),
        "内部资料",
    ):
        assert needed in text
    with office.open():
        assert SecurityEvent.objects.filter(kind="arrears_exported", by=office.people["finance"]).exists()


def test_a_dispute_is_raised_from_the_page(stage, office, sign_in):
    account, _dispute, bill = stage
    client = sign_in(office.people["collector"])
    form = {
        "kind": "service",
        "channel": "call",
        "owner_words": "电梯坏了",
        f"bill_{bill}": "on",
        f"amount_{bill}": "150.00",
    }
    answer = client.post(reverse("disputes:raise", args=[account]), form)
    assert answer.status_code == 302
    with office.open():
        line = Dispute.objects.get(kind="service").lines.get()
        assert (line.bill_id, line.amount, line.is_full) == (bill, D("150.00"), False)


def test_intake_without_the_owners_words_is_refused_and_keeps_what_was_typed(stage, office, sign_in):
    account, _dispute, bill = stage
    form = {"kind": "charge", "channel": "call", "owner_words": "", "demand": "退还多收部分", f"bill_{bill}": "on"}
    answer = sign_in(office.people["collector"]).post(reverse("disputes:raise", args=[account]), form)
    assert answer.status_code == 422
    assert "退还多收部分" in answer.content.decode()
    assert "请先记录业主的原话" in answer.content.decode()


def test_too_much_is_refused_with_the_sum_that_would_do(stage, office, sign_in):
    account, _dispute, bill = stage
    form = {"kind": "charge", "channel": "call", "owner_words": "太贵", f"bill_{bill}": "on", f"amount_{bill}": "9999"}
    answer = sign_in(office.people["collector"]).post(reverse("disputes:raise", args=[account]), form)
    assert answer.status_code == 422
    assert "600.00" in answer.content.decode()


def test_a_dispute_walks_its_course_on_the_page(stage, office, sign_in):
    _account, dispute, _bill = stage
    client = sign_in(office.people["supervisor"])
    step = reverse("disputes:step", args=[dispute])
    assert client.post(step, {"kind": "explain", "text": "收费合理", "is_satisfied": "unknown"}).status_code == 422
    assert client.post(step, {"kind": "accept", "text": "由财务核对", "is_satisfied": "unknown"}).status_code == 302
    resolve = reverse("disputes:resolve", args=[dispute])
    assert client.post(resolve, {"ruling": "rejected", "explanation": ""}).status_code == 422
    assert client.post(resolve, {"ruling": "rejected", "explanation": "面积与产权证一致"}).status_code == 302
    assert "面积与产权证一致" in client.get(reverse("disputes:detail", args=[dispute])).content.decode()


def test_a_collector_may_not_decide(stage, office, sign_in):
    _account, dispute, _bill = stage
    answer = sign_in(office.people["collector"]).post(
        reverse("disputes:resolve", args=[dispute]), {"ruling": "upheld", "explanation": "算了"}
    )
    assert answer.status_code == 403


def test_the_household_page_as_of_an_earlier_day(stage, office, sign_in):
    client = sign_in(office.people["collector"])
    text = client.get(address("household", stage), {"on": "2024-05-01"}).content.decode()
    assert "2024年5月1日" in text
    assert "¥600.00" in text
    assert "登记争议" not in text, "the past is read, not changed"


def test_the_search_box_answers_with_links(stage, office, sign_in):
    text = sign_in(office.people["finance"]).get(reverse("archive:search"), {"q": "张三"}).content.decode()
    assert 'class="hit"' in text
    assert "¥1,200.00" in text


def api(client, path, **changes):
    return client.get(f"/api/v1/{path}", changes)


def test_the_api_gives_the_same_figures_with_the_same_permissions(stage, office, other_office, sign_in):
    account = stage[0]
    client = sign_in(office.people["manager"])
    row = api(client, "arrears/", on="2024-12-01").json()["results"][0]
    assert (row["position"]["arrears"], row["position"]["contested"], len(row["lines"])) == ("1200.00", "600.00", 2)
    assert api(client, f"accounts/{account}/position/", on="2024-12-01").json()["pursuable"] == "600.00"
    assert api(client, "ledger/", on="2024-12-01").json()["totals"]["arrears"] == "1200.00"
    figures = {f["code"]: f["value"] for f in api(client, "figures/", on="2024-12-01").json()["figures"]}
    assert (figures["arrears"], figures["current_rate"]) == ("1200.00", "0.0000")
    assert api(client, f"accounts/{account}/timeline/").json()[0]["kind"] in {"dispute", "import"}
    legal = sign_in(office.people["legal"])
    assert api(legal, "figures/").status_code == 403
    stranger = sign_in(other_office.people["manager"])
    assert api(stranger, f"accounts/{account}/position/").status_code == 404
    assert api(stranger, f"accounts/{account}/timeline/").status_code == 404
    assert api(stranger, "arrears/", on="2024-12-01").json()["count"] == 0


def test_disputes_by_api(stage, office, other_office, sign_in):
    account, dispute, bill = stage
    client = sign_in(office.people["supervisor"])
    asked = {
        "account": account,
        "kind": "charge",
        "owner_words": "面积不对",
        "lines": [{"bill": bill, "amount": "100.00"}],
    }
    made = client.post("/api/v1/disputes/", asked, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["lines"] == [{"bill": bill, "amount": "100.00", "is_full": False}]
    wrong = client.post(
        "/api/v1/disputes/", {**asked, "lines": [{"bill": bill, "amount": "999"}]}, content_type="application/json"
    )
    assert (wrong.status_code, wrong.json()["code"]) == (409, "amount")
    mine = f"/api/v1/disputes/{made.json()['id']}/"
    step = client.post(mine + "steps/", {"kind": "accept", "text": "核对面积"}, content_type="application/json")
    assert step.json()["state"] == "checking"
    ruled = client.post(
        mine + "resolve/",
        {"ruling": "partly", "explanation": "少算二平米", "granted": [{"bill": bill, "amount": "20.00"}]},
        content_type="application/json",
    )
    assert (ruled.status_code, ruled.json()["ruling"]) == (200, "partly")
    assert client.get("/api/v1/disputes/", {"state": "open"}).json()["count"] == 1
    assert sign_in(other_office.people["supervisor"]).get(f"/api/v1/disputes/{dispute}/").status_code == 404


def test_list_pages_take_as_many_statements_for_many_as_for_few(office, sign_in, django_assert_max_num_queries):
    client = sign_in(office.people["manager"])
    with office.open():
        books = Books()
        for _ in range(15):
            facts = books.enter(AccountFacts(0, (quarter(1),)))
            account = Account.objects.get(pk=facts.account_id)
            lines = {facts.bills[0].bill_id: D("1.00")}
            raise_dispute(account=account, kind="charge", owner_words="不对", lines=lines, by=None, at=at("2024-11-11"))
    for page in ("arrears:list", "disputes:list", "archive:households", "archive:ledger", "archive:dashboard"):
        client.get(reverse(page))
        with django_assert_max_num_queries(32):
            assert client.get(reverse(page)).status_code == 200


def test_today_never_shows_the_future(stage, office, sign_in):
    found = sign_in(office.people["manager"]).get(reverse("archive:dashboard"), {"on": "2999-01-01"}).context["f"]
    assert found.on < date(2999, 1, 1)
