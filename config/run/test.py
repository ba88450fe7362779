"""`bin/test`: pytest on servers of our own, as the unprivileged database role. Arguments are pytest's."""

import os
import subprocess
import sys

from config.run.environment import house
from config.run.places import ROOT, CannotRun
from config.run.servers import Servers


def _drop_leftovers(servers: Servers) -> None:
    """Test databases of runs that were killed. Only the first user of the servers may do this: nobody else runs."""
    connection = servers.superuser()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("select datname from pg_database where datname like 'test\\_%'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'drop database if exists "{name}" with (force)')
    connection.close()


def main(arguments: list[str]) -> int:
    """Run pytest and return its exit code."""
    with house("test", perishable=True) as (environment, servers):
        if servers is not None and servers.is_first_user:
            _drop_leftovers(servers)
        if servers is not None and not os.environ.get("REDIS_URL"):
            # Runs at the same time must not hear each other's doorbells.
            environment["REDIS_URL"] = f"redis+socket://{servers.redis_socket}?virtual_host={os.getpid() % 63 + 1}"
        environment.setdefault("TEST_DB_SUFFIX", str(os.getpid()))
        environment.setdefault("DEBUG", "1")
        run = subprocess.Popen([sys.executable, "-m", "pytest", *arguments], env=environment, cwd=ROOT)
        while True:
            try:
                return run.wait()
            except KeyboardInterrupt:  # pytest got it as well and is cleaning up
                continue


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotRun as refusal:
        sys.exit(f"bin/test: {refusal}")
