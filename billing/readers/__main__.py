"""The child: bytes on standard input, cells on standard output, nothing else. `python -m billing.readers`"""

from __future__ import annotations

import resource
import sys

from billing.readers.kinds import FileRefused
from billing.readers.limits import CPU_SECONDS, MEMORY
from billing.readers.reading import read
from billing.readers.sheets import encode, frame


def main() -> None:
    """Limit ourselves first, then read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        for piece in encode(read(sys.stdin.buffer.read())):
            sys.stdout.buffer.write(piece)
    except FileRefused as refused:
        sys.stdout.buffer.write(frame({"refused": refused.code, "message": str(refused)}))
    sys.stdout.buffer.flush()


main()
