"""How late a debt is and what that makes of it. Pure: no clock, no database."""
