"""The inputs of a decision, written down so that it can be made again years later (invariant 44). Pure.

A stored decision is what `decide` was given, without the steps: those belong to the published version of the strategy,
which never changes and is named with them. What stands at its default is left out; a fact that was invented later
reads as its default, which is what the decision of that day looked at.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from collection.rules.decide import Facts, Plan, Skip, decide
from collection.rules.steps import Step


def inputs_of(facts: Facts) -> dict[str, Any]:
    """What is stored of these facts: plain JSON, days as ISO texts, yuan as texts."""
    return _told(facts, without="steps")


def facts_of(inputs: Mapping[str, Any], steps: Sequence[Step]) -> Facts:
    """The facts that were stored, with the steps of the strategy version they were decided by."""
    return Facts(steps=tuple(steps), **_given(Facts, inputs))


def replay(inputs: Mapping[str, Any], steps: Sequence[Step], on: date) -> Plan | Skip:
    """The decision of the business date `on` made again from its stored inputs."""
    return decide(facts_of(inputs, steps), on)


def _told(value: Any, without: str = "") -> dict[str, Any]:
    """What a dataclass says beyond its defaults, but for one field."""
    kind: Any = type(value)
    given = [(name, getattr(value, name), default) for name, default in _defaults(kind) if name != without]
    return {name: _plain(each) for name, each, default in given if each != default}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return [_plain(each) for each in value] if isinstance(value, tuple | list) else _told(value)


@cache
def _defaults(kind: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((field.name, field.default) for field in fields(kind))


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
