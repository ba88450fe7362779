"""Rows of stage 2, one file per noun family."""

from collection.models.cases import Action, Case, Skip, Sweep
from collection.models.contacts import Contact, Promise
from collection.models.messages import Message
from collection.models.notices import Notice, NoticeLine, Service, ServicePhoto
from collection.models.scripts import Script
from collection.models.strategies import Step, Strategy

__all__ = [
    "Action",
    "Case",
    "Contact",
    "Message",
    "Notice",
    "NoticeLine",
    "Promise",
    "Script",
    "Service",
    "ServicePhoto",
    "Skip",
    "Step",
    "Strategy",
    "Sweep",
]
