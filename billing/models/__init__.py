"""Rows of stage 1, one file per noun family."""

from billing.models.imports import BankLine, ImportBatch, ImportRow
from billing.models.money import Adjustment, Allocation, Bill, FeeItem, Payment
from billing.models.people import Account, ContactPoint, CoOwner, Owner, Responsibility, Room
from billing.models.special_cases import SpecialCase

__all__ = [
    "Account",
    "Adjustment",
    "Allocation",
    "BankLine",
    "Bill",
    "CoOwner",
    "ContactPoint",
    "FeeItem",
    "ImportBatch",
    "ImportRow",
    "Owner",
    "Payment",
    "Responsibility",
    "Room",
    "SpecialCase",
]
