"""`bin/manage`: Django's commands with the servers up. Beside a running demo it works on the demo's data."""

import subprocess
import sys

from config.run.environment import house
from config.run.places import ROOT, CannotRun


def main(arguments: list[str], *, home: str = "demo", durable: bool = False) -> int:
    """Run one command, on the servers of `home`, and return its exit code."""
    with house(home, durable=durable) as (environment, _):
        run = subprocess.Popen([sys.executable, "manage.py", *arguments], env=environment, cwd=ROOT)
        while True:
            try:
                return run.wait()
            except KeyboardInterrupt:
                continue


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotRun as refusal:
        sys.exit(f"bin/manage: {refusal}")
