"""户档案: list, search box, one household with its timeline; photos of the cabinet."""

from __future__ import annotations

import io

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from archive.forms import DayForm
from archive.queries.households import SCOPES, household, household_page, search, search_notices
from archive.queries.ledger import STAGE_LABELS
from archive.queries.timeline import FILTERS, timeline
from arrears.queries import buildings
from arrears.rules.ageing import BY_CODE
from arrears.rules.position import BLOCKERS
from billing.models import Account
from offices.filing import FileDamaged, open_file
from offices.models import StoredFile
from offices.permissions import needs
from offices.scoping import office_today

THUMBNAIL = (216, 216)
SHOWN_KINDS = (StoredFile.Kind.PHOTO, StoredFile.Kind.EVIDENCE)


@needs("household.read")
@require_GET
def households(request: HttpRequest) -> HttpResponse:
    """Every household in the order of its room, or those that were searched for."""
    q, building, scope = (request.GET.get(name, "").strip() for name in ("q", "building", "scope"))
    page, rows = household_page(
        office_today(), q=q, building=building, scope=scope if scope in SCOPES else "", page=request.GET.get("page")
    )
    context = {"q": q, "building": building, "scope": scope, "page": page, "rows": rows, "buildings": buildings()}
    return render(request, "archive/households.html", context)


@needs("household.read")
@require_GET
def household_view(request: HttpRequest, account_id: int) -> HttpResponse:
    """One household, as of today or any earlier day."""
    on = DayForm(request.GET).day(office_today())
    try:
        found = household(account_id, on)
    except Account.DoesNotExist as missing:
        raise Http404 from missing
    only = request.GET.get("only", "")
    names = {
        "": _("全部"), "contact": _("联系"), "letter": _("文书送达"), "money": _("账款"), "promise": _("承诺"),
        "dispute": _("争议与暂缓"), "system": _("系统"),
    }  # fmt: skip
    context = {
        "h": found,
        "account": found.account,
        "p": found.position,
        "is_past": on < office_today(),
        "stage_label": STAGE_LABELS[found.stage],
        "blockers": [BLOCKERS[code] for code in found.position.blockers],
        "bucket_labels": {code: bucket.label for code, bucket in BY_CODE.items()},
        "events": timeline(found.account, on, only=only),
        "filters": [{"key": key, "label": names[key], "current": key == only} for key in ("", *FILTERS)],
    }
    return render(request, "archive/household.html", context)


@needs("household.read")
@require_GET
@vary_on_headers("HX-Request")
def search_box(request: HttpRequest) -> HttpResponse:
    """Hits for the box at the top: households first, then letters by number."""
    text = request.GET.get("q", "").strip()[:60]
    context = {"text": text, "rows": search(text, office_today()) if text else [], "notices": search_notices(text)}
    return render(request, "archive/search.html", context)


@needs("household.read")
@require_GET
def file_view(request: HttpRequest, file_id: int) -> HttpResponse:
    """A photo or a piece of evidence, checked against its fingerprint; `?thumb=1` a small picture of it."""
    stored = get_object_or_404(StoredFile.objects.filter(kind__in=SHOWN_KINDS), pk=file_id)
    try:
        data = open_file(stored)
    except FileDamaged as damaged:
        raise Http404 from damaged
    is_image = stored.mime.startswith("image/")
    if is_image and request.GET.get("thumb"):
        return _cached(HttpResponse(_thumbnail(data), content_type="image/jpeg"))
    answer = HttpResponse(data, content_type=stored.mime if is_image else "application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(not is_image, stored.name)
    return _cached(answer)


def _thumbnail(data: bytes) -> bytes:
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(data)) as image:
        image.draft("RGB", THUMBNAIL)
        image_small = ImageOps.exif_transpose(image).convert("RGB")
        image_small.thumbnail(THUMBNAIL)
        out = io.BytesIO()
        image_small.save(out, "JPEG", quality=80)
    return out.getvalue()


def _cached(answer: HttpResponse) -> HttpResponse:
    """Stored files never change: the browser may keep them, nobody between may."""
    answer["Cache-Control"] = "private, max-age=86400, immutable"
    return answer
