"""Pages of the billing app, one file per noun."""
