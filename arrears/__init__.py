"""How late: what is past due, for how many days, in which bucket and tier, and how much may be pursued.

Comes in: bills, payments, reductions and special cases (billing), contests (disputes), and a day. Decides:
arrears, age without holds, tier with its reason. Leaves: one Position per account, as of any date.
"""
