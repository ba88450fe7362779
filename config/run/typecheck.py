"""The type gate: mypy on what decides, asks and does; strict there, see pyproject.toml."""

import os
import subprocess
import sys

from config.run.places import ROOT

ROOMS = ("rules", "operations", "queries")
APPS = ("offices", "billing", "disputes", "arrears", "collection", "archive")


def main() -> int:
    """Run mypy on the gated rooms; django-stubs needs importable settings, but no database."""
    found = [ROOT / app / room for app in APPS for room in ROOMS]
    places = [
        str(p if p.is_dir() else p.with_suffix(".py")) for p in found if p.is_dir() or p.with_suffix(".py").exists()
    ]
    nothing = {"DATABASE_URL": "postgres://nobody@127.0.0.1:9/none", "SECRET_KEY": "types", "DEBUG": "1"}
    command = [sys.executable, "-m", "mypy", "--follow-imports", "silent", *places]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **nothing}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
