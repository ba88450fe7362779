"""Proofs: what must stay true when something breaks, tried out on a throw-away office. `bin/prove NAME` runs one."""

from config.proofs.import_kill import import_kill
from config.proofs.send import send

PROOFS = {"import_kill": import_kill, "send": send}
