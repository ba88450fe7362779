"""`bin/prove`: proofs run on servers of their own, which may be stopped and killed without disturbing a demo."""

import sys

from config.run.manage import main
from config.run.places import CannotRun

HOME = "proof"

if __name__ == "__main__":
    try:
        sys.exit(main(["prove", *sys.argv[1:]], home=HOME, durable=True))
    except CannotRun as refusal:
        sys.exit(f"bin/prove: {refusal}")
