"""What may not be pursued now: objections, in the owner's own words first.

Comes in: an owner's objection to lines of the account. Decides: what is contested, wholly or in part, and what a
ruling does. Leaves: contested amounts per bill and day, a trail of steps, reductions proposed to finance's approver.
"""
