"""Where things lie on this machine, and as whom the servers run."""

import hashlib
import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VAR = Path(os.environ.get("VAR_DIR") or ROOT / "var")


class CannotRun(RuntimeError):
    """The house cannot be started here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The operating-system account of the servers. PostgreSQL refuses to run as root."""

    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether servers run as someone else than ourselves."""
        return self.uid != os.getuid()

    def popen_arguments(self) -> dict[str, object]:
        """Arguments for `subprocess` that switch to this account; nothing when we are it already."""
        common: dict[str, object] = {"cwd": "/"}
        return {**common, "user": self.uid, "group": self.gid, "extra_groups": []} if self.is_other else common

    def reaches(self, path: Path) -> bool:
        """Whether this account may enter `path` (a home of root with mode 0700 stops it)."""
        probe = subprocess.run(["/bin/sh", "-c", 'test -x "$0"', str(path)], check=False, **self.popen_arguments())  # type: ignore[call-overload]
        return probe.returncode == 0


def server_account() -> Account:
    """Ourselves, or `nobody` when we are root."""
    if os.getuid() != 0:
        return Account(os.getuid(), os.getgid())
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def fingerprint(path: Path) -> str:
    """A short name for a directory, the same at every start."""
    return hashlib.sha256(str(path).encode()).hexdigest()[:10]


def own_directory(path: Path, account: Account, mode: int = 0o700) -> Path:
    """Create `path` for `account`; refuse one that somebody else put there (the name is guessable)."""
    try:
        path.mkdir(mode=mode, parents=False)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {account.uid, os.getuid()}:
            raise CannotRun(
                f"{path} belongs to somebody else. Remove it, or set VAR_DIR to a directory of your own."
            ) from None
    if account.is_other:
        os.chown(path, account.uid, account.gid)
    path.chmod(mode)
    return path


def home_of(name: str, account: Account) -> Path:
    """The directory of one pair of servers: under var/, or under /var/tmp where the servers' account cannot enter var/."""
    VAR.mkdir(parents=True, exist_ok=True)
    base = VAR if account.reaches(VAR) else Path(f"/var/tmp/shoujiaotai-{fingerprint(VAR)}")
    if base != VAR:
        own_directory(base, Account(os.getuid(), os.getgid()), mode=0o755)
    return own_directory(base / name, account)


def socket_directory(home: Path, account: Account) -> Path:
    """A short directory for Unix sockets: their path may have 107 bytes at most."""
    return own_directory(Path(f"/tmp/sjt-{fingerprint(home)}"), account)
