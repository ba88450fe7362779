"""The one library templates load: `{% load shoujiaotai %}` brings figures, parts and fields."""

from django import template

from offices.templatetags import fields, figures, parts

register = template.Library()
for library in (figures, parts, fields):
    register.filters.update(library.register.filters)
    register.tags.update(library.register.tags)
