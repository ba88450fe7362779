"""The least time to pay that a letter may print (S46, 民法典 944②). Pure."""

from __future__ import annotations

REASONABLE_DAYS = {"formal": 15, "final": 7}
"""By kind of letter: the 合理期限 of 民法典 944② as the platform reads it, in days after expected service. The law names no
number; an office may give more, never less."""
