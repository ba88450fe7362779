"""API tokens: `sjt_<office>_<secret>`. The office is named so that the wall can be opened before the row is read."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from offices.scoping.context import office_scope

if TYPE_CHECKING:
    from offices.models import Membership

PREFIX = "sjt_"


def fingerprint(secret: str) -> str:
    """What is stored of a token: its SHA-256, never the token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _presented(request: HttpRequest) -> str | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() in {"bearer", "token"} and value.strip().startswith(PREFIX) else None


def bearer_of(request: HttpRequest) -> Membership | None:
    """The membership that the presented API token speaks for, or None. Only /api/ takes tokens."""
    token = _presented(request)
    if token is None or not request.path.startswith("/api/"):
        return None
    from offices.models import ApiToken, Membership, Office

    office_id = token.removeprefix(PREFIX).partition("_")[0]
    if not office_id.isdigit() or not Office.objects.filter(pk=office_id, is_active=True).exists():
        return None
    with office_scope(int(office_id)):
        row = ApiToken.objects.filter(fingerprint=fingerprint(token), revoked_at=None).first()
    if row is None:
        return None
    membership = (
        Membership.objects.filter(user_id=row.user_id, office_id=row.office_id, is_active=True, user__is_active=True)
        .select_related("office", "user")
        .first()
    )
    if membership is not None:
        request.user = membership.user
        request.token_user = membership.user  # type: ignore[attr-defined]
    return membership


class TokenAuthentication(BaseAuthentication):
    """Tells DRF whom the middleware recognised by token."""

    def authenticate(self, request: Any) -> tuple[Any, None] | None:
        """The token's user; a wrong token is refused aloud rather than ignored."""
        user = getattr(request._request, "token_user", None)
        if user is not None:
            return user, None
        if _presented(request._request) is not None:
            raise AuthenticationFailed("令牌无效或已停用，请在「设置 → 接口令牌」重新生成。")
        return None

    def authenticate_header(self, request: Any) -> str:
        """So that an unknown caller gets 401, not 403."""
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):
    """The token in the OpenAPI description."""

    target_class = "offices.scoping.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer"}
