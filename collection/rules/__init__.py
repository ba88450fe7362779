"""What stage 2 decides. Pure: no Django, no database, no clock."""
