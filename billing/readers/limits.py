"""How much one file may cost: of the child that reads it, and of us who take over what it says (C4.3)."""

MEMORY = 400 * 1024 * 1024  # enough for 50 MB of honest file, not for one that unfolds
CPU_SECONDS = 10
MAX_ROWS = 250_000
MAX_COLUMNS = 256
MAX_CELLS = 8_000_000  # of a table; 250,000 rows of 32 columns
MAX_CELL = 2_000  # letters
MAX_TEXT = 64 * 1024 * 1024  # bytes of all distinct values together
MAX_MERGES = 200_000
