"""The state machine of `tests.collection.machine`, run small with every change and long on demand.

`MODEL_EXAMPLES=300 MODEL_STEPS=60 bin/test tests/collection/test_state_machine.py` looks further.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from billing.operations import keep_evidence
from collection.channels import CHANNELS
from collection.operations import rendering
from disputes.operations import agreements
from tests.collection.cast import photo
from tests.collection.conftest import estate
from tests.collection.doubles import Provider
from tests.collection.machine import Office
from tests.conftest import at

EXAMPLES, STEPS = int(os.environ.get("MODEL_EXAMPLES", "6")), int(os.environ.get("MODEL_STEPS", "25"))
PHASES = (Phase.generate,) if os.environ.get("MODEL_SHRINK") == "0" else (Phase.generate, Phase.shrink)


def test_whatever_happens_in_whatever_order_the_invariants_hold(office: Any, monkeypatch: Any) -> None:
    provider = Provider()
    for name in CHANNELS:
        monkeypatch.setitem(CHANNELS, name, provider)
    monkeypatch.setattr(rendering, "letter_pdf", lambda kind, version, frozen: frozen["number"].encode())
    monkeypatch.setattr(agreements, "agreement_pdf", lambda version, frozen: frozen["number"].encode())
    with office.open():
        place = estate()
        signed = keep_evidence(data=photo().read(), name="签字.jpg", by=None, at=at("2026-01-01"))
    machine = type("Office", (Office,), {
        "office": office, "community": place.community, "item": place.item,
            "signed": signed, "provider": provider,
        "seen": Counter(),
    })  # fmt: skip
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
            phases=PHASES,
        ),
    )
    assert machine.seen["1 reminder"], "The machine planned nothing: it proves nothing."
