"""What arrears does: it writes down what begins a limitation clock anew."""

from arrears.operations.limitation import interrupt_limitation

__all__ = ["interrupt_limitation"]
