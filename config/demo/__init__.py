"""The demo: two offices that do business. Everything below happens through the operations of the product.

Comes in: the sample files and today's date. Decides: who calls whom on which day. Leaves: about 75 lived days.
"""

PASSWORD = "demo-2026"  # noqa: S105  of every demo person; the sign-in page offers them when DEMO=1
