-- The least an import can cost: the raw cells of the file, as text, in a table without a key, an index or a check.
CREATE TEMP TABLE floor_import (
  c1 text, c2 text, c3 text, c4 text, c5 text, c6 text, c7 text, c8 text,
  c9 text, c10 text, c11 text, c12 text, c13 text, c14 text, c15 text
)
