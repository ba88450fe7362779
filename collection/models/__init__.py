"""Rows of stage 2, one file per noun family."""

from collection.models.absences import Absence
from collection.models.cases import Action, Case, Skip, Sweep
from collection.models.contacts import Contact, Promise
from collection.models.corrections import Correction
from collection.models.messages import Message
from collection.models.notices import Notice, NoticeLine, Service, ServicePhoto
from collection.models.posters import Poster
from collection.models.preferences import ChannelSetting, OwnerPreference
from collection.models.scripts import Script
from collection.models.strategies import Step, Strategy

__all__ = [
    "Absence",
    "Action",
    "Case",
    "ChannelSetting",
    "Contact",
    "Correction",
    "Message",
    "Notice",
    "NoticeLine",
    "OwnerPreference",
    "Poster",
    "Promise",
    "Script",
    "Service",
    "ServicePhoto",
    "Skip",
    "Step",
    "Strategy",
    "Sweep",
]
