"""The lists that people asked the worker for, and their files."""

from __future__ import annotations

from django.db.models import QuerySet

from offices.models import Job, StoredFile, User

EXPORT = "arrears_export"


def exports_of(user: User) -> QuerySet[Job]:
    """What a person asked for, the newest first; nobody sees the lists of others."""
    return Job.objects.filter(kind=EXPORT, asked_by=user).order_by("-pk")


def file_of(job: Job) -> StoredFile | None:
    """The file of a finished job; None before, and once it is thrown away."""
    if job.state != Job.State.DONE or "file" not in job.parameters:
        return None
    return StoredFile.objects.filter(pk=job.parameters["file"], kind=StoredFile.Kind.EXPORT).first()
