"""The address at which providers report what became of messages. Nobody is signed in here: the channel proves who calls."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from collection.channels import CHANNELS, Call, Forged, available
from collection.operations.receipts import take_receipts


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receipts(request: HttpRequest, channel: str, token: str = "") -> HttpResponse:
    """404: no such channel here; 403: not its provider; 400: not readable; each without a word. All else is thanked for."""
    if channel not in available():
        raise Http404
    call = Call(
        token=token,
        query={name: str(value) for name, value in request.GET.items()},
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.body,
    )
    try:
        heard = CHANNELS[channel].hear(call)
    except Forged:
        return HttpResponse(status=403)
    except ValueError:
        return HttpResponse(status=400)
    take_receipts(channel=channel, deliveries=heard.deliveries, at=timezone.now())
    return HttpResponse(heard.answer, content_type=heard.content_type)
