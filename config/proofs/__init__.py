"""Proofs: what must stay true when something breaks. `bin/prove NAME` runs one."""

from config.proofs.controls import controls
from config.proofs.import_kill import import_kill
from config.proofs.receipts import receipts
from config.proofs.send import send

PROOFS = {"import_kill": import_kill, "receipts": receipts, "send": send}
"""Tried out on a throw-away office."""

WITHOUT_OFFICE = {"controls": controls}
"""These bring what they need with them."""
