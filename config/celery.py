"""The timetable: every periodic task, its hour, and one sentence on what it is for.

Celery is a doorbell. What is still to do stands in PostgreSQL rows; a task only looks, so a lost
or doubled ring loses and doubles nothing (reliability C2.4).
"""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("shoujiaotai")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

RING = "offices.tasks.ring_all"

# name → (how often, task, arguments). One ring goes out per office; every task finds its work in rows.
app.conf.beat_schedule = {
    # From 8:00 in the office's zone: payments, promises, then the day's sweep. Each slot is claimed in the database: doubled
    # rings are one, missed days are made up one by one by the next ring, and later rings act only on what has changed.
    "sweep": {"schedule": crontab(minute="*/20"), "task": RING, "args": ("collection.tasks.sweep",)},
    # What came in a minute ago stops what it should stop.
    "consume": {"schedule": 60.0, "task": RING, "args": ("collection.tasks.consume",)},
    # Large files are read, large imports booked; one whose worker died is taken up again.
    "imports": {"schedule": 15.0, "task": "billing.tasks.commit_imports"},
    # Lists too long to wait for become files; files of exports are thrown away after some days.
    "exports": {"schedule": 15.0, "task": "arrears.tasks.make_exports"},
    "old_exports": {"schedule": crontab(hour=3, minute=20), "task": RING, "args": ("arrears.tasks.forget_exports",)},
    # Late charge up to the end of the last month, in offices that post it: a missed night, or month, is filled by the next.
    "late_charge": {"schedule": crontab(hour=2, minute=10), "task": RING, "args": ("arrears.tasks.post_office",)},
    # Approved notices become PDFs.
    "render": {"schedule": 20.0, "task": RING, "args": ("collection.tasks.render",)},
    # Reminders leave, inside the hours of contact; rows of dead senders are found and asked about.
    "send": {"schedule": 30.0, "task": RING, "args": ("collection.tasks.send",)},
    # What became of messages whose receipt never came is asked of the providers that can be asked.
    "ask": {"schedule": 60.0, "task": RING, "args": ("collection.tasks.ask",)},
}
