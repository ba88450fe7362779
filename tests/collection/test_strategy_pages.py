"""The editor, the trial and the migration at their doors: pages and API, and who may open which."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collection.models import Case, Step, Strategy
from collection.operations.strategies import draft_strategy, ensure_default_strategy, publish_strategy, set_steps
from collection.operations.sweeps import run_sweep
from collection.rules import steps as s
from collection.rules import timeline
from offices.scoping import office_now, office_today
from tests.collection.conftest import bill, estate, move_in
from tests.conftest import ROLES


@pytest.fixture
def lived(office: Any) -> Any:
    """An office with the default strategy in force and one household whose first reminder is planned."""
    with office.open():
        place = estate()
        office.account = move_in(place)
        bill(place, office.account, due_on=office_today() - timedelta(days=5))
        office.first = ensure_default_strategy(by=None, at=office_now())
        Strategy.objects.update(effective_on=office_today() - timedelta(days=30))
        run_sweep(on=office_today(), at=office_now())
    return office


@pytest.fixture
def draft(lived: Any) -> Strategy:
    with lived.open():
        return draft_strategy(name="默认策略", source=lived.first, by=lived.people["admin"], at=office_now())


def kinds(office: Any, strategy: Strategy) -> list[str]:
    with office.open():
        return list(Step.objects.filter(strategy=strategy).order_by("position").values_list("kind", flat=True))


class TestTheEditor:
    def test_the_page_shows_every_version_and_begins_a_draft(self, lived: Any, sign_in: Any):
        client = sign_in(lived.people["admin"])
        page = client.get("/strategy/").content.decode()
        assert "默认策略" in page
        assert "使用中" in page
        answer = client.post("/strategy/draft/", {"name": "默认策略"}, follow=True)
        assert "步骤已通过检查" in answer.content.decode()
        again = client.post("/strategy/draft/", {"name": "默认策略"}, follow=True)
        assert "已有一份草稿" in again.content.decode()

    def test_steps_are_added_moved_and_taken_out(self, lived: Any, draft: Strategy, sign_in: Any):
        client = sign_in(lived.people["admin"])
        where = f"/strategy/{draft.pk}/steps/"
        part = client.post(where, {"do": "add", "kind": "call", "seen": 0}, HTTP_HX_REQUEST="true")
        assert 'id="timeline"' in part.content.decode()
        assert "<html" not in part.content.decode()
        assert kinds(lived, draft)[2:4] == ["call", "call"]
        client.post(where, {"do": "remove", "position": 3, "seen": 1})
        wrong = client.post(where, {"do": "up", "position": 4, "seen": 2}, HTTP_HX_REQUEST="true").content.decode()
        assert kinds(lived, draft)[2:4] == ["formal", "call"]
        assert "第 4 步“电话沟通”：排在比它更严肃的步骤之后" in wrong
        client.post(where, {"do": "down", "position": 3, "seen": 3})
        assert kinds(lived, draft) == [step.kind for step in s.DEFAULT_STEPS]

    def test_a_colleague_was_faster(self, lived: Any, draft: Strategy, sign_in: Any):
        client = sign_in(lived.people["admin"])
        for _ in range(2):
            page = client.post(
                f"/strategy/{draft.pk}/steps/", {"do": "remove", "position": 2, "seen": 0}, HTTP_HX_REQUEST="true"
            )
        assert "同事刚刚修改过这份草稿" in page.content.decode()
        assert len(kinds(lived, draft)) == 6

    def test_a_step_that_is_not_there(self, lived: Any, draft: Strategy, sign_in: Any):
        client = sign_in(lived.people["admin"])
        for asked in ({"do": "remove", "position": 99}, {"do": "add", "kind": "lift-lock"}, {"do": "up"}):
            page = client.post(f"/strategy/{draft.pk}/steps/", asked | {"seen": 0}, HTTP_HX_REQUEST="true")
            assert "没有这一步" in page.content.decode()
        assert client.get(f"/strategy/{draft.pk}/step/?position=99").status_code == 302

    def test_one_step_as_a_form(self, lived: Any, draft: Strategy, sign_in: Any):
        client = sign_in(lived.people["admin"])
        where = f"/strategy/{draft.pk}/step/"
        form = client.get(f"{where}?position=1").content.decode()
        assert "首选渠道" in form
        assert "由谁批准" not in form
        said = {"position": 1, "seen": 0, "title": "温馨提示", "after_days": 2, "after_days_urgent": "", "minimum": "5",
                "channel_1": "email", "channel_2": "sms", "channel_3": "", "channel_4": "", "weekly_cap": 1, "task": "发送账单提醒"}  # fmt: skip
        assert client.post(where, said).headers["Location"].endswith(f"/strategy/{draft.pk}/#step-1")
        with lived.open():
            step = Step.objects.get(strategy=draft, position=1)
            assert (step.after_days, step.after_days_urgent, step.channels, step.weekly_cap) == (
                2, None, ["email", "sms"], 1
            )  # fmt: skip
        bad = client.post(where, said | {"seen": 1, "after_days": "bald"})
        assert bad.status_code == 422
        assert "等待" in bad.content.decode()

    def test_direct_entry_is_a_tick_on_the_formal_notice(self, lived: Any, draft: Strategy, sign_in: Any):
        client = sign_in(lived.people["admin"])
        said = {"position": 4, "seen": 0, "title": "催缴通知书", "after_days": 16, "minimum": "0.01", "task": "",
                "role": "collector", "approver": "manager", "deadline_days": 20, "entry_tiers": ["severe"]}  # fmt: skip
        client.post(f"/strategy/{draft.pk}/step/", said)
        page = client.get(f"/strategy/{draft.pk}/").content.decode()
        assert "严重逾期可以直接进入" in page
        assert "给业主 20 天缴费" in page

    def test_for_whom_and_from_when(self, lived: Any, draft: Strategy, sign_in: Any):
        client = sign_in(lived.people["admin"])
        with lived.open():
            community = lived.account.room.community_id
        day = str(office_day(lived, 3))
        client.post(
            f"/strategy/{draft.pk}/describe/",
            {"community": community, "segment": "person", "effective_on": day, "note": "试行"},
        )
        page = client.get(f"/strategy/{draft.pk}/").content.decode()
        assert "华庭苑，个人业主" in page
        refused = client.post(f"/strategy/{draft.pk}/describe/", {"community": 987654, "effective_on": day})
        assert refused.status_code == 422

    def test_published_then_it_can_only_be_copied_or_ended(self, lived: Any, draft: Strategy, sign_in: Any):
        client = sign_in(lived.people["admin"])
        assert "已发布" in client.post(f"/strategy/{draft.pk}/publish/", follow=True).content.decode()
        page = client.get(f"/strategy/{draft.pk}/").content.decode()
        assert "以本版为底新建草稿" in page
        assert "上移" not in page
        client.post(f"/strategy/{draft.pk}/steps/", {"do": "remove", "position": 2, "seen": 0})
        assert len(kinds(lived, draft)) == 7
        ended = client.post(f"/strategy/{draft.pk}/end/", follow=True).content.decode()
        assert "没有策略可用" in ended

    def test_a_faulty_draft_is_not_published(self, lived: Any, draft: Strategy, sign_in: Any):
        with lived.open():
            set_steps(strategy=draft, steps=timeline.removed(s.DEFAULT_STEPS, 4), by=lived.people["admin"])
        client = sign_in(lived.people["admin"])
        page = client.post(f"/strategy/{draft.pk}/publish/", follow=True).content.decode()
        assert "民法典" in page
        assert "发布前有" in page

    def test_a_draft_thrown_away(self, lived: Any, draft: Strategy, sign_in: Any):
        client = sign_in(lived.people["admin"])
        assert "草稿已删除" in client.post(f"/strategy/{draft.pk}/discard/", follow=True).content.decode()


def office_day(office: Any, days: int) -> Any:
    with office.open():
        return office_today() + timedelta(days=days)


@pytest.fixture
def newer(lived: Any, draft: Strategy) -> Strategy:
    """A published version that begins with the call."""
    with lived.open():
        by = lived.people["admin"]
        steps = timeline.changed(s.DEFAULT_STEPS, 1, {"after_days": 30, "after_days_urgent": 30})
        Case.objects.get().actions.update(state="void")
        Case.objects.update(next_action_on=office_today())
        set_steps(strategy=draft, steps=steps, by=by)
        return publish_strategy(strategy=draft, by=by, at=office_now())


class TestTrialAndMigration:
    def test_the_trial_names_the_households_and_the_reasons(self, lived: Any, newer: Strategy, sign_in: Any):
        page = sign_in(lived.people["manager"]).get(f"/strategy/{newer.pk}/trial/").content.decode()
        assert "会改变 1 户：1 户推后。" in page
        assert "3-1-0001" in page
        assert "首次「温馨提示」" in page
        assert "距上一步未满规定间隔" in page

    def test_a_filter_by_effect(self, lived: Any, newer: Strategy, sign_in: Any):
        client = sign_in(lived.people["manager"])
        assert "3-1-0001" not in client.get(f"/strategy/{newer.pk}/trial/?effect=up").content.decode()
        assert "3-1-0001" in client.get(f"/strategy/{newer.pk}/trial/?effect=later").content.decode()

    def test_previewed_then_confirmed(self, lived: Any, newer: Strategy, sign_in: Any):
        client = sign_in(lived.people["manager"])
        where = f"/strategy/{newer.pk}/migrate/"
        assert "预览迁移" in client.get(f"/strategy/{newer.pk}/").content.decode()
        page = client.get(f"{where}?of={lived.first.pk}").content.decode()
        seen = page.split('name="seen" value="')[1].split('"')[0]
        assert (
            "预览之后案件有了变化"
            in client.post(where, {"of": lived.first.pk, "seen": "x"}, follow=True).content.decode()
        )
        done = client.post(where, {"of": lived.first.pk, "seen": seen}, follow=True).content.decode()
        assert "已迁移 1 户" in done
        with lived.open():
            assert Case.objects.get().strategy == newer

    def test_from_nowhere(self, lived: Any, newer: Strategy, sign_in: Any):
        client = sign_in(lived.people["manager"])
        assert client.get(f"/strategy/{newer.pk}/migrate/").status_code == 404


READ, EDIT, PUBLISH = {"admin", "manager"}, {"admin"}, {"admin", "manager"}


@pytest.mark.parametrize("role", ROLES)
def test_who_may_open_which_door(lived: Any, draft: Strategy, sign_in: Any, role: str):
    client = sign_in(lived.people[role])
    one, api = f"/strategy/{draft.pk}/", f"/api/v1/strategies/{draft.pk}/"
    doors = [
        ("get", "/strategy/", READ), ("get", one, READ), ("get", f"{one}trial/", READ),
        ("get", f"{one}step/?position=1", EDIT), ("post", f"{one}steps/", EDIT), ("post", f"{one}describe/", EDIT),
        ("post", "/strategy/draft/", EDIT), ("post", f"{one}end/", PUBLISH),
        ("get", f"{one}migrate/?of={lived.first.pk}", PUBLISH),
        ("get", "/api/v1/strategies/", READ), ("get", api, READ), ("get", f"{api}trial/", READ),
        ("post", "/api/v1/strategies/", EDIT), ("put", f"{api}steps/", EDIT), ("patch", api, EDIT),
        ("post", f"{api}end/", PUBLISH), ("post", f"{api}migrate/", PUBLISH),
    ]  # fmt: skip
    open_to = {(verb, door) for verb, door, _ in doors if getattr(client, verb)(door).status_code != 403}
    assert open_to == {(verb, door) for verb, door, roles in doors if role in roles}


class TestTheApi:
    def test_from_draft_to_migration(self, lived: Any, sign_in: Any):
        client = sign_in(lived.people["admin"])
        base = "/api/v1/strategies/"

        def send(verb: str, where: str, body: Any = None) -> Any:
            return getattr(client, verb)(where, body, content_type="application/json")

        made = send("post", base, {"name": "默认策略"})
        assert made.status_code == 201
        one = f"{base}{made.json()['id']}/"
        assert len(made.json()["steps"]) == 7
        steps = [{key: value for key, value in step.items() if key != "position"} for step in made.json()["steps"]]
        faulty = send("put", f"{one}steps/", {"steps": steps[:-1], "revision": 0}).json()
        assert [fault["code"] for fault in faulty["faults"]] == ["decision_missing"]
        refused = send("post", f"{one}publish/")
        assert (refused.status_code, refused.json()["code"]) == (422, "faulty")
        assert send("put", f"{one}steps/", {"steps": steps, "revision": 0}).json()["code"] == "changed_meanwhile"
        steps[0]["after_days"] = 9
        assert send("put", f"{one}steps/", {"steps": steps, "revision": 1}).json()["faults"] == []
        day = str(office_day(lived, 0))
        described = send("patch", one, {"effective_on": day, "note": "提醒推后"}).json()
        assert (described["note"], described["community"]) == ("提醒推后", None)
        assert send("post", f"{one}publish/").json()["published_by"] == str(lived.people["admin"])
        assert send("delete", one).json()["code"] == "not_draft"
        tried = client.get(f"{one}trial/?of={lived.first.pk}").json()
        assert (tried["looked_at"], tried["count"], tried["moving"]) == (1, 1, 1)
        assert tried["results"][0]["after"]["title"] == "温馨提示"
        body = {"of": lived.first.pk, "seen": tried["fingerprint"]}
        assert send("post", f"{one}migrate/", body).json() == {"moved": 1, "taken_back": 0, "stayed": 0}
        assert send("post", f"{one}migrate/", body).json()["code"] == "nothing_to_move"

    def test_ids_of_another_office_in_a_body_are_not_found(self, lived: Any, other_office: Any, sign_in: Any):
        with other_office.open():
            theirs = ensure_default_strategy(by=None, at=office_now()).pk
        client = sign_in(lived.people["admin"])
        bodies = [
            ("/api/v1/strategies/", {"name": "x", "source": theirs}),
            (f"/api/v1/strategies/{lived.first.pk}/migrate/", {"of": theirs, "seen": "x"}),
        ]
        for where, body in bodies:
            assert client.post(where, body, content_type="application/json").status_code == 404
        assert client.get(f"/strategy/{lived.first.pk}/migrate/?of={theirs}").status_code == 404
        assert client.get(f"/api/v1/strategies/{lived.first.pk}/trial/?of={theirs}").status_code == 404
