"""Real processes on the database of the running test, and eyes on what they are doing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection


def environment(**more: str) -> dict[str, str]:
    """The house's environment, pointed at the test's own database; the owner is left out."""
    name = settings.DATABASES["default"]["NAME"]
    address = re.sub(r"/[^/?@]+(\?.*)?$", rf"/{name}\1", os.environ["DATABASE_URL"])
    found = {**os.environ, "DATABASE_URL": address, "SMS_URL": settings.SMS_URL, "SMS_KEY": settings.SMS_KEY, **more}
    found.pop("DATABASE_OWNER_URL", None)
    return found


def spawn(*command: str, **more: str) -> subprocess.Popen[bytes]:
    """A process in a group of its own, so that its children die with it."""
    return subprocess.Popen(
        [sys.executable, *command],
        env=environment(**more),
        cwd=settings.BASE_DIR,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill −9 for the process and its children, and wait until PostgreSQL has noticed."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
    wait_for(lambda: not busy(), seconds=20)


def busy(words: str = "%") -> int:
    """How many other backends are in a transaction on this database, by their last statement (a role sees its own only)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user "
            "AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND query ILIKE %s",
            [words],
        )
        return int(cursor.fetchone()[0])


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    """Look every few milliseconds until it is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)
