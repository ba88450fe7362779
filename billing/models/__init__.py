"""Rows of stage 1, one file per noun family."""

from billing.models.charges import ChargeEntry, ChargePayment, ChargeWaiver
from billing.models.contracts import PastContact, ServiceContract
from billing.models.imports import BankDay, BankLine, ImportBatch, ImportBlock, ImportMapping, ImportRow
from billing.models.late_charge import LateChargeRule, LprRate
from billing.models.money import (
    Adjustment,
    Allocation,
    Bill,
    ExpectedAmount,
    FeeItem,
    Payment,
    PaymentReceipt,
)
from billing.models.people import Account, ContactPoint, CoOwner, Occupant, Owner, Responsibility, Room
from billing.models.special_cases import SpecialCase

__all__ = [
    "Account",
    "Adjustment",
    "Allocation",
    "BankDay",
    "BankLine",
    "Bill",
    "ChargeEntry",
    "ChargePayment",
    "ChargeWaiver",
    "CoOwner",
    "ContactPoint",
    "ExpectedAmount",
    "FeeItem",
    "ImportBatch",
    "ImportBlock",
    "ImportMapping",
    "ImportRow",
    "LateChargeRule",
    "LprRate",
    "Occupant",
    "Owner",
    "PastContact",
    "Payment",
    "PaymentReceipt",
    "Responsibility",
    "Room",
    "ServiceContract",
    "SpecialCase",
]
