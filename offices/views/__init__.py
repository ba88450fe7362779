"""Pages of the offices app."""
