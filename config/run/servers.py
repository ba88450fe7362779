"""A PostgreSQL and a Redis of our own, on Unix sockets, shared by every command that needs them.

Each command holds a shared lock while it works; the last one to leave stops the servers. So `bin/manage` beside a running
`bin/demo` uses the demo's servers, and alone leaves nothing running.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psycopg2
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.run import engines
from config.run.places import CannotRun, home_of, server_account, socket_directory

_COMMON = """
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 128MB
jit = off
logging_collector = off
log_min_messages = warning
log_min_error_statement = panic
"""
# A demo may lose the last half second of a power cut, not more; and its first import is followed by queries at once,
# so that statistics should not wait for autovacuum's usual minute.
_DEMO = """
synchronous_commit = off
autovacuum_naptime = 5s
"""
# For proofs that stop the database: what was committed must be there afterwards.
_DURABLE = """
synchronous_commit = on
"""
# A test database may be lost, and is made again.
_PERISHABLE = """
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = on
"""
_QUIET_ENVIRONMENT = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "HOME": "/"}


class Servers:
    """PostgreSQL and Redis of one home: `demo` keeps its data, `test` is perishable. Use as a context manager.

    `durable`: a commit is on disk before it is answered, so that the database may be stopped at any moment.
    """

    def __init__(self, name: str, *, perishable: bool = False, durable: bool = False) -> None:
        self.account = server_account()
        self.perishable, self._durable = perishable, durable
        self.home = home_of(name, self.account)
        self.sockets = socket_directory(self.home, self.account)
        self.data = self.home / "postgres"
        self._users: IO[bytes] | None = None
        self.is_first_user = False

    @property
    def redis_socket(self) -> Path:
        """The address of Redis."""
        return self.sockets / "redis.sock"

    def __enter__(self) -> Self:
        with self._door():
            self._users = open(self.home / "users.lock", "ab")
            self.is_first_user = self._alone()
            fcntl.flock(self._users, fcntl.LOCK_SH)
            self._start_postgres()
            self._start_redis()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._door():
            if self._alone():
                self._stop()
        assert self._users is not None
        self._users.close()

    def superuser(self, database: str = "postgres") -> "psycopg2.extensions.connection":
        """A connection of the cluster's superuser, for making roles and databases; the application never gets one."""
        return psycopg2.connect(host=str(self.sockets), user="postgres", dbname=database, connect_timeout=5)

    def crash_postgres(self) -> None:
        """Stop PostgreSQL as a power cut would, and start it again; it recovers from its log."""
        self._run(self._binaries() / "pg_ctl", "-D", self.data, "-m", "immediate", "-w", "-t", "60", "-s", "stop")
        self._start_postgres()

    def kill_redis(self) -> None:
        """kill −9; everything in it is gone."""
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((self.home / "redis.pid").read_text()), signal.SIGKILL)

    def start_redis(self) -> None:
        """Start it again, empty."""
        self._start_redis()

    def flush_redis(self) -> None:
        """Empty it while it runs."""
        with contextlib.suppress(redis.RedisError, OSError):
            self._redis().flushall()

    def _door(self) -> "_Lock":
        return _Lock(self.home / "door.lock")

    def _alone(self) -> bool:
        assert self._users is not None
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _run(self, *command: str | Path) -> None:
        done = subprocess.run(
            [str(part) for part in command],
            env=_QUIET_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            **self.account.popen_arguments(),  # type: ignore[call-overload]
        )
        if done.returncode:
            raise CannotRun(
                f"{Path(str(command[0])).name} failed: {done.stderr.strip()[-800:]}\nIts log: {self.home}/postgres.log"
            )

    def _binaries(self) -> engines.PostgresBinaries:
        version = self.data / "PG_VERSION"
        if not version.exists():
            return engines.postgres(self.account)
        try:
            return engines.postgres(self.account, major=int(version.read_text()))
        except CannotRun:
            if not self.perishable:
                raise
            shutil.rmtree(self.data)
            return engines.postgres(self.account)

    def _start_postgres(self) -> None:
        if self._answers():
            return
        binaries = self._binaries()
        if not (self.data / "PG_VERSION").exists():
            shutil.rmtree(self.data, ignore_errors=True)
            # Without these flags a shell without LANG makes a cluster that is blind to Chinese in pg_trgm.
            self._run(binaries / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "--no-sync", "--encoding=UTF8",
                      "--lc-ctype=C.UTF-8", "--lc-collate=C")  # fmt: skip
            with open(self.data / "postgresql.conf", "a") as conf:
                conf.write("\ninclude_if_exists = 'own.conf'\n")
        own = self.data / "own.conf"
        speed = _PERISHABLE if self.perishable else _DURABLE if self._durable else _DEMO
        own.write_text(_COMMON.format(sockets=self.sockets) + speed)
        if self.account.is_other:
            os.chown(own, self.account.uid, self.account.gid)
        self._run(
            binaries / "pg_ctl", "-D", self.data, "-l", self.home / "postgres.log", "-w", "-t", "60", "-s", "start"
        )

    def _answers(self) -> bool:
        try:
            self.superuser().close()
        except psycopg2.OperationalError as error:
            return "starting up" in str(error) and self._wait_until_up()
        return True

    def _wait_until_up(self) -> bool:
        for _ in range(120):
            time.sleep(0.25)
            try:
                self.superuser().close()
            except psycopg2.OperationalError:
                continue
            return True
        return False

    def _start_redis(self) -> None:
        if self._redis_answers():
            return
        self.redis_socket.unlink(missing_ok=True)
        self._run(
            engines.redis_for(self.account), "--port", "0", "--unixsocket", self.redis_socket, "--unixsocketperm", "700",
            "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--databases", "64", "--dir", self.home,
            "--logfile", self.home / "redis.log", "--pidfile", self.home / "redis.pid", "--daemonize", "yes",
        )  # fmt: skip
        for _ in range(100):
            if self._redis_answers():
                return
            time.sleep(0.05)
        raise CannotRun(f"Redis does not answer; its log: {self.home}/redis.log")

    def _redis_answers(self) -> bool:
        try:
            return bool(self._redis().ping())
        except (redis.RedisError, OSError):
            return False

    def _redis(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.redis_socket), socket_timeout=2, retry=Retry(NoBackoff(), 0))

    def _stop(self) -> None:
        with contextlib.suppress(redis.RedisError, OSError):
            self._redis().shutdown(nosave=True)
        self._run(self._binaries() / "pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", "60", "-s", "stop")


class _Lock:
    """An exclusive lock on a file for the length of a `with` block."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        self._file = open(self._path, "ab")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *exc: object) -> None:
        self._file.close()
