"""Pages of the disputes app, one file per noun."""
