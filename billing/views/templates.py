"""Empty tables to be filled in, for offices whose figures are in no other system."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from billing.documents import TEMPLATES, template_workbook
from billing.models import ImportBatch
from offices.permissions import needs


@needs("import.read")
@require_GET
def blank_template(request: HttpRequest, kind: str) -> HttpResponse:
    """The empty table of one kind of file."""
    if kind not in TEMPLATES:
        raise Http404
    answer = HttpResponse(
        template_workbook(kind), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    name = f"{ImportBatch.Kind(kind).label}-模板.xlsx"
    answer["Content-Disposition"] = content_disposition_header(True, name)
    return answer
