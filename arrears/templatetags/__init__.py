"""Template tags of the arrears app."""
