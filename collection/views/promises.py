"""承诺: what was promised, what is due, what was kept."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from collection.models import Promise
from collection.operations.promises import withdraw_promise
from collection.queries.promises import TABS, promise_figures, promises
from offices.operations import Refusal
from offices.permissions import needs
from offices.scoping import office_now, office_today

KINDS = {"open": "promise", "kept": "good", "broken": "bad", "withdrawn": "plain"}


@require_GET
@needs("promise.read")
def promise_list(request: HttpRequest) -> HttpResponse:
    """The list by state; the address keeps tab, search and page."""
    on, tab = office_today(), request.GET.get("tab", "open")
    tab = tab if tab in TABS else "open"
    text = request.GET.get("q", "").strip()
    figures = promise_figures(on)
    page = Paginator(promises(on=on, tab=tab, text=text), 50).get_page(request.GET.get("page"))
    query = f"&q={text}" if text else ""
    context = {
        "on": on,
        "tab": tab,
        "text": text,
        "figures": figures,
        "page": page,
        "rows": [
            {"promise": row, "kind": KINDS[row.state], "is_late": row.state == "open" and row.promised_on < on}
            for row in page
        ],
        "tabs": [
            {"label": _(label), "href": f"?tab={code}{query}", "current": code == tab, "count": figures.counts[code]}
            for code, label in TABS.items()
        ],
    }
    return render(request, "collection/promises.html", context)


@require_POST
@needs("contact.record")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """The owner took the promise back, or it was written down wrongly."""
    promise = get_object_or_404(Promise.objects.all(), pk=pk)
    try:
        withdraw_promise(promise=promise, reason=request.POST.get("reason", ""), at=office_now(), by=request.user)  # type: ignore[arg-type]
    except Refusal as no:
        messages.error(request, str(no))
    else:
        messages.success(request, _("承诺已撤回。"))
    return redirect("collection:promises")
