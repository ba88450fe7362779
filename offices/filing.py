"""The office's filing cabinet: files named by their content, written once, checked whenever they are opened (C3.6)."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from offices.models import StoredFile, User
from offices.operations import Refusal
from offices.scoping.context import current_office, current_office_id

PHOTO_BYTES = 25 * 1024 * 1024
PHOTO_PIXELS = 60_000_000  # phones of today reach 50 megapixels; a bomb claims thousands
_CHUNK = 1024 * 1024
_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
)
_FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


class PhotoRefused(Refusal):
    """What was sent is no photo that we can keep as evidence."""

    code = "photo_refused"
    status = 422


class FileDamaged(RuntimeError):
    """The bytes on disk are not the ones that were stored: missing or changed."""


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What a photo says of itself."""

    mime: str
    width: int
    height: int
    taken_at: datetime | None


def store_file(
    data: bytes | IO[bytes], *, name: str, kind: str, by: User | None, at: datetime, mime: str = ""
) -> StoredFile:
    """Keep `data` (bytes or an open binary file) and return its row.

    tmp in the same folder → fsync → SHA-256 → rename → fsync folder → read-only. The same content is
    on disk once per office; every storing has a row of its own.
    """
    root = _cabinet(current_office_id())
    root.mkdir(parents=True, exist_ok=True)
    digest, size, head = hashlib.sha256(), 0, b""
    descriptor, temporary = tempfile.mkstemp(prefix=".new-", dir=root)
    try:
        with os.fdopen(descriptor, "wb") as out:
            for chunk in _chunks(data):
                head = head or chunk[:16]
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        _settle(Path(temporary), _place(root, digest.hexdigest()))
    finally:
        Path(temporary).unlink(missing_ok=True)
    return StoredFile.objects.create(
        kind=kind,
        sha256=digest.hexdigest(),
        size=size,
        mime=mime or _mime_of(head),
        name=Path(name).name[:200] or "file",
        stored_at=at,
        stored_by=by,
    )


def store_photo(data: bytes, *, name: str, by: User | None, at: datetime) -> tuple[StoredFile, datetime | None]:
    """Keep a photo as it came, EXIF and all, after checking that it is one; also says when it was taken (S40).

    Raises `PhotoRefused`.
    """
    facts = photo_facts(data)
    return store_file(data, name=name, kind=StoredFile.Kind.PHOTO, by=by, at=at, mime=facts.mime), facts.taken_at


def open_file(stored: StoredFile) -> bytes:
    """The stored bytes, checked against their SHA-256. Raises `FileDamaged`."""
    path = path_of(stored)
    try:
        data = path.read_bytes()
    except OSError as missing:
        raise FileDamaged(f"File {stored.pk} ({stored.sha256[:12]}) is not in the cabinet.") from missing
    if hashlib.sha256(data).hexdigest() != stored.sha256:
        raise FileDamaged(f"File {stored.pk} ({stored.sha256[:12]}) has been changed on disk.")
    return data


def drop_file(stored: StoredFile) -> None:
    """Throw a file away that was made to be taken along; its bytes go once that is written, unless another row names them.

    Evidence is never dropped: only files of kind EXPORT are, others raise ValueError.
    """
    if stored.kind != StoredFile.Kind.EXPORT:
        raise ValueError(f"File {stored.pk} is kept: {stored.kind}.")
    path, sha256 = path_of(stored), stored.sha256
    stored.delete()
    if not StoredFile.objects.filter(sha256=sha256).exists():
        transaction.on_commit(lambda: path.unlink(missing_ok=True))


def path_of(stored: StoredFile) -> Path:
    """Where the file lies. For streaming large files; prefer `open_file`, which checks the content."""
    return _place(_cabinet(stored.office_id), stored.sha256)


def photo_facts(data: bytes) -> PhotoFacts:
    """Open the photo far enough to know that it can be drawn. Raises `PhotoRefused`."""
    from PIL import ExifTags, Image

    if not data:
        raise PhotoRefused(_("照片是空文件，请重新拍摄或选择。"))
    if len(data) > PHOTO_BYTES:
        raise PhotoRefused(_("照片超过 25 MB，请用手机相机的普通画质重新拍摄。"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=list(_FORMATS)) as image:
                width, height, kind = image.width, image.height, image.format or ""
                if width * height > PHOTO_PIXELS:
                    raise PhotoRefused(_("照片尺寸过大（超过 6000 万像素），请用普通画质重新拍摄。"))
                exif = image.getexif()
                text = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal) or exif.get(
                    ExifTags.Base.DateTime
                )
                image.draft("RGB", (256, 256))  # JPEG: decode small
                image.load()
    except PhotoRefused:
        raise
    except Exception as wrong:  # Pillow raises many kinds for broken images, and all mean the same here
        raise PhotoRefused(_("无法识别为照片，请上传 JPG、PNG 或 WebP 格式的原图。")) from wrong
    return PhotoFacts(_FORMATS[kind], width, height, _taken_at(text))


def _taken_at(text: object) -> datetime | None:
    """EXIF time has no zone: it is the phone's own, taken as the office's. A broken clock is no reason to refuse."""
    try:
        taken = datetime.strptime(str(text), "%Y:%m:%d %H:%M:%S").replace(tzinfo=ZoneInfo(current_office().time_zone))
    except ValueError:
        return None
    return taken if taken.year >= 2000 else None


def _mime_of(head: bytes) -> str:
    return next((mime for magic, mime in _MAGIC if head.startswith(magic)), "application/octet-stream")


def _chunks(data: bytes | IO[bytes]) -> Iterator[bytes]:
    if isinstance(data, (bytes, bytearray, memoryview)):
        yield bytes(data)
        return
    data.seek(0)
    while chunk := data.read(_CHUNK):
        yield chunk


def _cabinet(office_id: int) -> Path:
    return Path(settings.FILES_DIR) / f"t{office_id}"


def _place(root: Path, sha256: str) -> Path:
    return root / sha256[:2] / sha256[2:4] / sha256


def _settle(temporary: Path, place: Path) -> None:
    """Move a finished file to its name; the same content that already lies there is left alone."""
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    os.chmod(temporary, 0o444)
    os.rename(temporary, place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
