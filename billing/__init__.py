"""What is owed: rooms, owners, accounts, bills, reductions, payments, special cases.

Comes in: finance's bill exports, the owner register, bank statements. Decides: which row belongs to whom,
which money pays what, what stops a wrong notice. Leaves: bills per account, with every cent traced to a row.
"""
