"""Proof that somebody brings: a PDF or a photo, kept as it came."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from offices.filing import PHOTO_BYTES, PhotoRefused, photo_facts, store_file
from offices.models import StoredFile, User


def keep_evidence(*, data: bytes, name: str, by: User | None, at: datetime, is_restricted: bool = False) -> StoredFile:
    """File a proof and return its row. Raises `PhotoRefused` for anything that is neither PDF nor photo.

    `is_restricted`: sensitive (个人信息保护法 §28); only the page that leaves a trace shows it.
    """
    if len(data) > PHOTO_BYTES:
        raise PhotoRefused(_("材料超过 25 MB，请压缩后再上传。"))
    is_pdf = data.startswith(b"%PDF-")
    mime = "application/pdf" if is_pdf else photo_facts(data).mime
    kind = StoredFile.Kind.EVIDENCE if is_pdf else StoredFile.Kind.PHOTO
    return store_file(
        data, name=name, kind=StoredFile.Kind.RESTRICTED if is_restricted else kind, by=by, at=at, mime=mime
    )
