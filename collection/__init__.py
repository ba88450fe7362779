"""What we do about it: strategy, steps, contacts, promises, notices, proof of service, messages.

Comes in: positions of accounts. Decides: the one next step a case may take, and why not today. Leaves:
messages in an outbox, numbered letters with proof of service, tasks for people.
"""
