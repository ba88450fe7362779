"""Pages of the archive app, one file per noun."""
