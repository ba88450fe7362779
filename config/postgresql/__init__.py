"""PostgreSQL with the office of the running code set inside every transaction."""
