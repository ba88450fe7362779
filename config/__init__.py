"""The house as assembled: settings, addresses, the timetable and the commands.

Comes in: environment variables. Decides: nothing of the business. Leaves: a running web server, worker and beat.
"""

from config.celery import app as celery_app

__all__ = ["celery_app"]
