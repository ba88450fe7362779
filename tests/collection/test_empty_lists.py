"""An empty list says what its filter asked for, not something else."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests.collection.cast import settle_in


@pytest.mark.parametrize(
    ("view", "asked", "words"),
    [
        pytest.param("notices", {"state": "proposed"}, "没有待批准的通知书", id="to-approve"),
        pytest.param("notices", {"state": "to_print"}, "没有待生成的通知书", id="to-draw"),
        pytest.param("notices", {"state": "to_serve"}, "没有待送达的通知书", id="to-serve"),
        pytest.param("notices", {"state": "served"}, "还没有已送达的通知书", id="served"),
        pytest.param("notices", {"state": "closed"}, "没有已作废的通知书", id="closed"),
        pytest.param("notices", {"state": "served", "q": "3-1-0502"}, "没有符合条件的通知书", id="served-of-a-room"),
        pytest.param("sent", {}, "还没有发出信息", id="nothing-was-sent"),
        pytest.param("sent", {"state": "sent"}, "没有符合条件的信息", id="none-in-that-state"),
        pytest.param("sent", {"q": "林秀英"}, "没有符合条件的信息", id="none-of-that-name"),
    ],
)
def test_the_empty_list_fits_its_filter(
    sign_in: Any, office: Any, view: str, asked: dict[str, str], words: str
) -> None:
    with office.open():
        settle_in()
    page = sign_in(office.people["manager"]).get(reverse(f"collection:{view}"), asked).content.decode()
    others = {"没有待批准的通知书", "没有待生成的通知书", "没有待送达的通知书", "还没有已送达的通知书", "没有已作废的通知书",
              "没有符合条件的通知书", "还没有发出信息", "没有符合条件的信息"} - {words}  # fmt: skip
    assert words in page
    assert not [each for each in others if each in page]
