"""What arrears does: it writes down what begins a limitation clock anew, and posts what lateness costs."""

from arrears.operations.late_charge import PostingRefused, ask_waiver, post_late_charges
from arrears.operations.limitation import interrupt_limitation, withdraw_interruptions

__all__ = ["PostingRefused", "ask_waiver", "interrupt_limitation", "post_late_charges", "withdraw_interruptions"]
