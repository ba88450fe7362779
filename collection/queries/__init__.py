"""What the collection app can be asked."""
