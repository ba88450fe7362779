"""核对签认: customer service looks at the five items of a batch and confirms it by name (S3, S4, S10)."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.models import ImportBatch
from billing.operations import sign_off_batch
from billing.queries import check_counts, doubtful_rows, import_history
from billing.rules.checks import LABELS
from offices.operations import Refusal
from offices.permissions import holds, needs
from offices.scoping import office_now


@needs("import.read")
@require_http_methods(["GET", "POST"])
def sign_off(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The counts of the five items, the rows worth a look, and the button with one's own name on it."""
    batch = get_object_or_404(import_history().filter(kind=ImportBatch.Kind.BILLS), pk=batch_id)
    may_sign = holds(request.membership.role, "import.signoff")  # type: ignore[attr-defined]
    problem = ""
    if request.method == "POST":
        if not may_sign:
            return HttpResponse(status=403)
        try:
            sign_off_batch(batch=batch, by=request.user, at=office_now())  # type: ignore[arg-type]
        except Refusal as no:
            problem = str(no)
        else:
            messages.success(request, _("已核对确认。这批账单从现在起可以进入催缴流程。"))
            return redirect("billing:import", batch.pk)
    item = request.GET.get("item", "") if request.GET.get("item") in LABELS else ""
    counts = check_counts(batch)
    page = Paginator(doubtful_rows(batch, item), 50).get_page(request.GET.get("page"))
    context = {
        "batch": batch,
        "counts": counts,
        "rows": page.object_list,
        "page_obj": page,
        "problem": problem,
        "may_sign": may_sign and batch.state == ImportBatch.State.COMMITTED and batch.signed_off_at is None,
        "chips": [
            {"href": "?", "label": _("全部"), "current": not item},
            *(
                {
                    "href": f"?item={count.name}",
                    "label": _(count.label),
                    "count": count.open,
                    "current": item == count.name,
                }
                for count in counts
                if count.open or count.name == item
            ),
        ],
    }
    return render(request, "billing/signoff.html", context, status=422 if problem else 200)
