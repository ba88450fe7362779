"""What the figures mean. Pure: no clock, no database."""
