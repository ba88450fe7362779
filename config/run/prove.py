"""`bin/prove`: proofs run on servers of their own, which may be stopped and killed without disturbing a demo."""

import subprocess
import sys

from config.run.environment import house
from config.run.places import ROOT, CannotRun

HOME = "proof"


def main(arguments: list[str]) -> int:
    """Run one proof and return its exit code."""
    with house(HOME, durable=True) as (environment, _):
        run = subprocess.Popen([sys.executable, "manage.py", "prove", *arguments], env=environment, cwd=ROOT)
        while True:
            try:
                return run.wait()
            except KeyboardInterrupt:
                continue


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotRun as refusal:
        sys.exit(f"bin/prove: {refusal}")
