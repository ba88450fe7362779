"""The child: bytes on standard input, cells on standard output, nothing else. `python -m billing.readers`"""

from __future__ import annotations

import json
import resource
import sys

from billing.readers.kinds import FileRefused
from billing.readers.limits import CPU_SECONDS, MEMORY
from billing.readers.reading import read
from billing.readers.sheets import encode


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
