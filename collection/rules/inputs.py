"""The inputs of a decision, written down so that it can be made again years later (invariant 44). Pure.

A stored decision is what `decide` was given, without the steps: those belong to the published version of the strategy,
which never changes and is named with them. What stands at its default is left out; a fact that was invented later
reads as its default, which is what the decision of that day looked at.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from collection.rules.decide import Facts, Plan, Skip, decide
from collection.rules.steps import Step


def inputs_of(facts: Facts) -> dict[str, Any]:
    """What is stored of these facts: plain JSON, days as ISO texts, yuan as texts."""
    stored: dict[str, Any] = _plain(replace(facts, steps=()))
    del stored["steps"]
    return stored


def facts_of(inputs: Mapping[str, Any], steps: Sequence[Step]) -> Facts:
    """The facts that were stored, with the steps of the strategy version they were decided by."""
    return Facts(steps=tuple(steps), **_given(Facts, inputs))


def replay(inputs: Mapping[str, Any], steps: Sequence[Step], on: date) -> Plan | Skip:
    """The decision of the business date `on` made again from its stored inputs."""
    return decide(facts_of(inputs, steps), on)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        given = {f.name: (getattr(value, f.name), f.default) for f in fields(value)}
        return {name: _plain(each) for name, (each, default) in given.items() if each != default}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value


def _given(kind: Any, stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _typed(hint, stored[name]) for name, hint in _hints(kind).items() if name in stored}


def _typed(hint: Any, value: Any) -> Any:
    """The value as the type says; of a union with None, as the other side says."""
    if value is None:
        return None
    if get_origin(hint) in (Union, types.UnionType):
        return _typed(get_args(hint)[0], value)
    if get_origin(hint) is tuple:
        return tuple(_typed(get_args(hint)[0], each) for each in value)
    if is_dataclass(hint):
        return hint(**_given(hint, value))  # type: ignore[operator]
    return date.fromisoformat(value) if hint is date else Decimal(value) if hint is Decimal else value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
