"""Who is owed and who works for them: offices, people, communities, files, settings.

Comes in: a signed-in person or a task's office id. Decides: whose rows may be seen and who may act.
Leaves: an open office scope, stored files, numbered letters, security events.
"""
