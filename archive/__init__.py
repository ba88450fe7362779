"""What remains, and what it teaches: the household's page and timeline, the ledger, the figures.

Comes in: the facts of all other stages, as of a day. Decides: nothing about an owner; only what a figure means.
Leaves: the timeline of a household, the 催缴台账 as page and workbook, a dashboard whose figures say their definition.
"""
