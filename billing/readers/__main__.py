"""The child: bytes on standard input, cells on standard output, nothing else. `python -m billing.readers`"""

from __future__ import annotations

import json
import resource
import sys

from billing.readers.kinds import FileRefused
from billing.readers.reading import read
from billing.readers.sheets import encode

MEMORY = 400 * 1024 * 1024  # enough for 50 MB of honest file, not for one that unfolds
CPU_SECONDS = 10


def main() -> None:
    """Limit ourselves first, then read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = list(encode(read(sys.stdin.buffer.read())))
    except FileRefused as refused:
        answer = [json.dumps({"refused": refused.code, "message": str(refused)}).encode()]
    sys.stdout.buffer.writelines(answer)
    sys.stdout.buffer.flush()


main()
