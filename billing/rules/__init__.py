"""How finance's files are read, matched and allocated. Pure: standard library only, no database, no clock."""
