"""Forms of the collection app, one file per noun."""
