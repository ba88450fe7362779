"""JSON shapes of the collection app."""
