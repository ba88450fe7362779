"""What an objection is, how it moves, and what a ruling does. Pure: no clock, no database."""
