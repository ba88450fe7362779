"""An upload: read in a child process, understood by the rules, staged with a verdict per row. Nothing is booked yet."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import ImportBatch
from billing.operations import staging
from billing.operations.kinds import KINDS
from billing.operations.places import KnownPlaces, learn_rooms
from billing.operations.reading import Table, layout_of, needs_advice, understand, without_collector, workbook_of
from billing.operations.refusals import ImportRefused
from billing.operations.summaries import counts_of, sums_of
from billing.readers import LIMIT_BYTES
from billing.rules.dates import made_on
from offices.filing import open_file, store_file
from offices.models import Community, StoredFile, User
from offices.operations.progress import tell

STEPS = 6  # of reading, for whoever looks on: read, understood, staged, judged, kept, summed


@transaction.atomic
def upload_file(
    *,
    kind: str,
    file: BinaryIO,
    name: str,
    community: Community | None,
    by: User | None,
    at: datetime,
    corrects: ImportBatch | None = None,
) -> ImportBatch:
    """Read a file of one of the `KINDS` and stage its rows with verdicts and control totals.

    `corrects` is the batch whose refused rows this file brings again. A file that cannot be read, or lacks a column
    that no other column could be, is refused whole, before anything is stored; where a person could point at the
    column, or has to confirm a guess, the batch waits in state MAPPING. Raises `ImportRefused`.
    """
    kind, community = may_correct(corrects, kind, community)
    return upload_data(kind=kind, data=limited(file), name=name, community=community, by=by, at=at, corrects=corrects)


def upload_data(
    *,
    kind: str,
    data: bytes,
    name: str,
    community: Community | None,
    by: User | None,
    at: datetime,
    corrects: ImportBatch | None,
) -> ImportBatch:
    """The same for bytes; nothing is stored of a file that cannot be read. Raises `ImportRefused`."""
    tables, found, known = _found(data, kind, community, name, corrects)
    batch = _keep(kind, data, name, by, at, found | {"corrects": corrects})
    stage(batch, tables, known)
    return batch


def keep_unread(
    *,
    kind: str,
    data: bytes,
    name: str,
    community: Community | None,
    by: User | None,
    at: datetime,
    corrects: ImportBatch | None,
) -> ImportBatch:
    """Keep a file that will be read later: a batch in state READING."""
    state = ImportBatch.State.READING
    return _keep(kind, data, name, by, at, {"state": state, "community": community, "corrects": corrects})


def read_kept(*, batch: ImportBatch) -> None:
    """Read a kept file and stage its rows as an upload does. Raises `ImportRefused`."""
    tables, found, known = _found(open_file(batch.file), batch.kind, batch.community, batch.file_name, batch.corrects)
    for field, value in found.items():
        setattr(batch, field, value)
    batch.save(update_fields=list(found))
    stage(batch, tables, known)


def _keep(kind: str, data: bytes, name: str, by: User | None, at: datetime, found: dict[str, Any]) -> ImportBatch:
    return ImportBatch.objects.create(
        kind=kind,
        file=store_file(data, name=name, kind=StoredFile.Kind.UPLOAD, by=by, at=at),
        file_name=name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        uploaded_at=at,
        uploaded_by=by,
        **found,
    )


def _found(
    data: bytes, kind: str, chosen: Community | None, name: str, corrects: ImportBatch | None
) -> tuple[list[Table], dict[str, Any], KnownPlaces]:
    """The tables of a file, what the batch says of it, and the rooms known already. Raises `ImportRefused`."""
    known: dict[Any, tuple[int, int, str]] = {}
    with workbook_of(data, partial(learn_rooms, known, len(data))) as workbook:
        tell(1, STEPS)
        tables = understand(workbook, kind, names_of(name, corrects))
    tell(2, STEPS)
    found = {
        "community": home_of(tables, kind, chosen),
        "made_on": made_on([line for table in tables for line in table.head])
        or (corrects.made_on if corrects else None),
        "state": ImportBatch.State.MAPPING if needs_advice(tables, kind) else ImportBatch.State.PREVIEWED,
        "layout": layout_of(workbook, tables, kind),
    }
    return tables, found, known


def names_of(name: str, corrects: ImportBatch | None) -> tuple[str, ...]:
    """The file's name, and behind it that of the file whose rows it brings again, with the period a person gave it."""
    return (name,) if corrects is None else (name, corrects.file_name, corrects.layout.get("period", ""))


def may_correct(corrects: ImportBatch | None, kind: str, community: Community | None) -> tuple[str, Community | None]:
    """Kind and community of an upload: its own, or those of the batch whose refused rows it brings again.

    Raises `ImportRefused` when that batch waits for none, or the kind is unknown.
    """
    if corrects is not None:
        states = (ImportBatch.State.PREVIEWED, ImportBatch.State.COMMITTED)
        if corrects.state not in states or not corrects.totals.get("refused"):
            raise ImportRefused(_("这个批次没有等待更正的错误行。"), code="nothing_to_correct")
        kind, community = corrects.kind, community or corrects.community
    if kind not in KINDS:
        raise ImportRefused(_("请选择文件的种类。"), code="kind_unknown")
    return kind, community


def home_of(tables: list[Table], kind: str, chosen: Community | None) -> Community | None:
    """The community of rows that name none: chosen, named by the title or the sheet, or the only one.

    Raises `ImportRefused` when sheets belong to different ones and nothing in their rows says to which.
    """
    named = all("community" in table.header.by_field for table in tables)
    titled = {home for table in tables if (home := _community_of_title([*table.head, table.sheet.name])) is not None}
    if len(titled) > 1 and chosen is None and not named:
        names = "、".join(sorted(community.name for community in titled))
        words = _("文件里有几个小区的工作表（%(names)s）。请加一列「小区」，或按小区分成几个文件上传。") % {
            "names": names
        }
        raise ImportRefused(words, code="several_communities")
    home = chosen or next(iter(titled), None)
    understood = any(table.rows for table in tables)
    if home is None and understood and KINDS[kind].belongs_to_community and not named:
        return _only_community(kind)
    return home


@without_collector()
def stage(batch: ImportBatch, tables: list[Table], known: KnownPlaces) -> None:
    """COPY into a temporary table, judge there set by set, keep the result as ordinary rows (decisions 23)."""
    rows = ((table.sheet, row) for table in tables for row in table.rows)
    staging.copy_rows(rows, home=batch.community, known=known)
    tell(3, STEPS)
    KINDS[batch.kind].judge(batch)
    tell(4, STEPS)
    judged = [(table.sheet.name, table.rows) for table in tables]
    home = batch.community.name if batch.community else ""
    refused = staging.refused_rows()
    staging.keep_cells(batch, [table.sheet for table in tables])
    with ThreadPoolExecutor(1) as pool:  # we add up while the database stores
        sums = pool.submit(sums_of, home, judged, refused, KINDS[batch.kind].summarise)
        staging.keep_rows(batch)
        tell(5, STEPS)
        batch.totals = counts_of(batch) | sums.result()
    earlier = ImportBatch.objects.filter(
        kind=batch.kind, sha256=batch.sha256, state=ImportBatch.State.COMMITTED
    ).first()
    if earlier is not None:
        batch.totals["same_file"] = earlier.pk
    batch.save(update_fields=["totals"])


def limited(file: BinaryIO) -> bytes:
    """The bytes of an upload. Raises `ImportRefused` when there are too many."""
    data = file.read(LIMIT_BYTES + 1)
    if len(data) > LIMIT_BYTES:
        raise ImportRefused(
            _("文件超过 %(limit)s MB。请按小区或年份拆成几个文件，分别上传。") % {"limit": LIMIT_BYTES // 1024 // 1024},
            code="file_too_large",
        )
    return data


def _community_of_title(lines: list[str]) -> Community | None:
    """The community the title names; the longest name wins, so 华庭苑二期 is not taken for 华庭苑."""
    named = [c for c in Community.objects.all() if any(c.name in line for line in lines)]
    return max(named, key=lambda c: len(c.name), default=None)


def _only_community(kind: str) -> Community | None:
    communities = list(Community.objects.all()[:2])
    if len(communities) == 1:
        return communities[0]
    if not communities and kind == ImportBatch.Kind.BILLS:
        raise ImportRefused(_("还没有业主登记表。请先导入业主登记表，再导入账单。"), code="register_first")
    if not communities and kind != ImportBatch.Kind.REGISTER:
        raise ImportRefused(_("还没有业主登记表。请先导入业主登记表。"), code="register_first")
    raise ImportRefused(_("文件没有写明小区。请在上传时选择小区。"), code="community_missing")


@transaction.atomic
def discard_import(*, batch: ImportBatch, by: User | None, at: datetime) -> ImportBatch:
    """Put a previewed file aside. Raises `ImportRefused` when it was committed."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.state not in (ImportBatch.State.MAPPING, ImportBatch.State.PREVIEWED):
        raise ImportRefused(_("只能放弃尚未导入的文件。"), code="not_previewed")
    batch.state = ImportBatch.State.DISCARDED
    batch.save(update_fields=["state"])
    return batch
