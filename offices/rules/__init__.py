"""Decisions that every stage shares. Pure: standard library only."""
