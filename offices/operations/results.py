"""Files that a job leaves for the person who asked: kept some days, then thrown away with their bytes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _

from offices.filing import drop_file, store_file
from offices.models import Job, StoredFile

KEPT_FOR = timedelta(days=7)  # it names people: the shortest time that serves its purpose (个人信息保护法 §19)


def keep_result(*, job: Job, data: bytes | IO[bytes], name: str, at: datetime) -> StoredFile:
    """Put the file of a job into the cabinet; the job's row says which it is."""
    stored = store_file(data, name=name, kind=StoredFile.Kind.EXPORT, by=job.asked_by, at=at)
    job.parameters = job.parameters | {"file": stored.pk}
    job.save(update_fields=["parameters"])
    return stored


@transaction.atomic
def forget_results(*, at: datetime) -> int:
    """Throw away what jobs of the open office left more than `KEPT_FOR` ago; returns how many files. Again, it finds none."""
    old = Job.objects.select_for_update(of=("self",), skip_locked=True).filter(
        parameters__file__isnull=False, finished_at__lt=at - KEPT_FOR
    )
    count = 0
    for job in old:
        stored = StoredFile.objects.filter(pk=job.parameters["file"], kind=StoredFile.Kind.EXPORT).first()
        if stored is not None:
            drop_file(stored)
        job.parameters = {key: value for key, value in job.parameters.items() if key != "file"}
        job.result, job.message = "", _("文件已过保存期并删除，需要时请重新导出。")
        job.save(update_fields=["parameters", "result", "message"])
        count += 1
    return count
