"""`bin/test`: pytest on servers of our own, as the unprivileged database role. Arguments are pytest's."""

import os
import shutil
import subprocess
import sys
from tempfile import TemporaryFile
from typing import IO

from config.run.environment import house
from config.run.places import ROOT, CannotRun
from config.run.servers import Servers

# Rooms whose tests together take about as long as all others: those of the others wait for browsers and workers.
_LARGE = {"tests/arrears", "tests/billing", "tests/collection", "tests/disputes"}


def _drop_leftovers(servers: Servers) -> None:
    """Test databases of runs that were killed. Only the first user of the servers may do this: nobody else runs."""
    connection = servers.superuser()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("select datname from pg_database where datname like 'test\\_%'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'drop database if exists "{name}" with (force)')
    connection.close()


def _parts(arguments: list[str]) -> list[list[str]]:
    """What each pytest is given: all tests are run by two at once, one for each core; whoever names something gets one.

    Two that share a Redis given from outside would hear each other's doorbells.
    """
    if arguments or os.environ.get("REDIS_URL"):
        return [arguments]
    rooms = sorted(f"tests/{room.name}" for room in (ROOT / "tests").iterdir() if any(room.rglob("test_*.py")))
    return [[room for room in rooms if (room in _LARGE) is large] for large in (False, True)]


def _start(environment: dict[str, str], arguments: list[str], out: IO[bytes] | None) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "pytest", *arguments], env=environment, cwd=ROOT, stdout=out)


def _end(run: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            return run.wait()
        except KeyboardInterrupt:  # pytest got it as well and is cleaning up
            continue


def main(arguments: list[str]) -> int:
    """Run the tests and return the exit code, the first that is not 0. What a second pytest says is shown at the end."""
    with house("test", perishable=True) as (environment, servers), TemporaryFile() as said:
        if servers is not None and servers.is_first_user:
            _drop_leftovers(servers)
        environment.setdefault("DEBUG", "1")
        runs = []
        for number, part in enumerate(_parts(arguments)):
            own = environment | {"TEST_DB_SUFFIX": f"{os.getpid()}_{number}"}
            if servers is not None and not os.environ.get("REDIS_URL"):
                # Runs at the same time must not hear each other's doorbells.
                host = (os.getpid() + number) % 63 + 1
                own["REDIS_URL"] = f"redis+socket://{servers.redis_socket}?virtual_host={host}"
            runs.append(_start(own, part, said if number else None))
        codes = [_end(run) for run in runs]
        said.seek(0)
        shutil.copyfileobj(said, sys.stdout.buffer)
        sys.stdout.flush()
        return next((code for code in codes if code), 0)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotRun as refusal:
        sys.exit(f"bin/test: {refusal}")
