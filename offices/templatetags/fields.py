"""Tags that print form fields: label above, unit beside, help and error below (ux 5.2)."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.forms import BaseForm, BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

register = template.Library()

_LISTS = (forms.RadioSelect, forms.CheckboxSelectMultiple)


def _attributes(field: BoundField, wishes: dict[str, Any]) -> dict[str, Any]:
    widget = field.field.widget
    attributes = {key.replace("_", "-"): value for key, value in wishes.items()}
    if isinstance(widget, (forms.CheckboxInput, *_LISTS)):
        look = "form-check-input"
    elif isinstance(widget, forms.Select):
        look = "form-select"
    else:
        look = "form-control"
    if isinstance(field.field, forms.DecimalField):
        look += " money"
        attributes.setdefault("inputmode", "decimal")
        attributes.setdefault("autocomplete", "off")
    if field.errors:
        look += " is-invalid"
        attributes["aria-invalid"] = "true"
    described = [f"{field.id_for_label}-help"] if field.help_text else []
    described += [f"{field.id_for_label}-error"] if field.errors else []
    if described and not isinstance(widget, _LISTS):
        attributes["aria-describedby"] = " ".join(described)
    attributes["class"] = " ".join(filter(None, [look, widget.attrs.get("class", ""), attributes.get("class", "")]))
    return attributes


def _native(field: BoundField) -> None:
    """Dates, times and money get the input type that phones and WeChat handle best."""
    widget = field.field.widget
    if isinstance(widget, forms.DateTimeInput):
        widget.input_type, widget.format = "datetime-local", "%Y-%m-%dT%H:%M"
    elif isinstance(widget, forms.DateInput):
        widget.input_type, widget.format = "date", "%Y-%m-%d"
    elif isinstance(widget, forms.TimeInput):
        widget.input_type, widget.format = "time", "%H:%M"
    elif isinstance(field.field, forms.DecimalField) and isinstance(widget, forms.NumberInput):
        widget.input_type = "text"


_CHIPS = {
    "today": lambda: _("今天"),
    "tomorrow": lambda: _("明天"),
    "friday": lambda: _("周五"),
    "week": lambda: _("一周后"),
    "month-end": lambda: _("月底"),
    "payday": lambda: _("15 日"),
}


@register.simple_tag
def field(
    field: BoundField, label: str = "", unit: str = "", help: str = "", chips: str = "", **wishes: Any
) -> SafeString:
    """One field with everything around it; further arguments become attributes of the input."""
    _native(field)
    if rows := wishes.pop("rows", None):
        wishes["rows"] = rows
    values = {
        "field": field,
        "label": label or field.label,
        "unit": unit,
        "help": help or field.help_text,
        "chips": [{"name": name, "text": _CHIPS[name]()} for name in chips.split()],
        "is_list": isinstance(field.field.widget, _LISTS),
        "is_check": isinstance(field.field.widget, forms.CheckboxInput),
        "input": field.as_widget(attrs=_attributes(field, wishes)),
    }
    return mark_safe(render_to_string("partials/field.html", values))  # noqa: S308 - rendered with escaping


@register.simple_tag
def fields(form: BaseForm, names: str = "") -> SafeString:
    """The hidden fields and all visible ones, or only those named."""
    chosen = names.split()
    parts = [str(hidden) for hidden in form.hidden_fields()]
    parts += [field(bound) for bound in form.visible_fields() if not chosen or bound.name in chosen]
    return mark_safe("".join(parts))  # noqa: S308 - parts are rendered with escaping


@register.inclusion_tag("partials/errors.html")
def errors(form: BaseForm) -> dict[str, Any]:
    """What is wrong, at the top of the form, with links to the fields."""
    at_fields = [(bound, message) for bound in form.visible_fields() for message in bound.errors]
    hidden = [f"{bound.label}：{message}" for bound in form.hidden_fields() for message in bound.errors]
    return {"general": [*form.non_field_errors(), *hidden], "at_fields": at_fields}


@register.inclusion_tag("partials/outcomes.html")
def outcomes(field: BoundField, outcomes: Any = (), legend: str = "") -> dict[str, Any]:
    """Outcome buttons of a contact with keys 1 to 8; `outcomes` describe hint and needed fields by code."""
    described = {str(one.code): one for one in outcomes}
    chosen = str(field.value() or "")
    choices = [
        {
            "value": value,
            "label": label,
            "key": getattr(described.get(str(value)), "key", number),
            "hint": _(hint) if (hint := getattr(described.get(str(value)), "hint", "")) else "",
            "needs": " ".join(getattr(described.get(str(value)), "needs", ())),
            "checked": str(value) == chosen,
        }
        for number, (value, label) in enumerate([c for c in field.field.choices if c[0]], start=1)
    ]
    return {"field": field, "choices": choices, "legend": legend or _("沟通结果")}
