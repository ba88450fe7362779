"""Pages of the arrears app."""
