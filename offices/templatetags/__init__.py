"""How facts are written on a page: `shoujiaotai` is the one library templates load."""
