"""Rows per second and what is left, by a pure rule."""

from __future__ import annotations

import pytest

from offices.rules.pace import Pace, pace


@pytest.mark.parametrize(
    ("done", "total", "seconds", "expected"),
    [
        pytest.param(0, 1000, 3, None, id="nothing done yet"),
        pytest.param(500, 1000, 0, None, id="no time has passed"),
        pytest.param(500, 1000, 2, Pace(250, 2), id="half in two seconds"),
        pytest.param(900, 1000, 3, Pace(300, 1), id="a rest is rounded up"),
        pytest.param(1000, 1000, 4, Pace(250, 0), id="all done"),
    ],
)
def test_the_rest_takes_as_long_as_what_is_done_did(done: int, total: int, seconds: float, expected: Pace) -> None:
    assert pace(done, total, seconds) == expected
