"""Proof that somebody brings: a PDF or a photo, kept as it came."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from offices.filing import PHOTO_BYTES, PhotoRefused, store_file, store_photo
from offices.models import StoredFile, User


def keep_evidence(*, data: bytes, name: str, by: User | None, at: datetime) -> StoredFile:
    """File a proof and return its row. Raises `PhotoRefused` for anything that is neither PDF nor photo."""
    if len(data) > PHOTO_BYTES:
        raise PhotoRefused(_("材料超过 25 MB，请压缩后再上传。"))
    if data.startswith(b"%PDF-"):
        return store_file(data, name=name, kind=StoredFile.Kind.EVIDENCE, by=by, at=at, mime="application/pdf")
    stored, _taken = store_photo(data, name=name, by=by, at=at)
    return stored
