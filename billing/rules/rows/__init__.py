"""What each row of a file means, with a verdict a person can act on."""

from billing.rules.rows.bank import BankRow, read_bank
from billing.rules.rows.billrow import BillRow, Item
from billing.rules.rows.bills import read_bills
from billing.rules.rows.controls import Control, Sums, compare
from billing.rules.rows.reasons import Reason
from billing.rules.rows.register import RegisterRow, read_register
from billing.rules.rows.table import FileRow

__all__ = [
    "BankRow",
    "BillRow",
    "Control",
    "FileRow",
    "Item",
    "Reason",
    "RegisterRow",
    "Sums",
    "compare",
    "read_bank",
    "read_bills",
    "read_register",
]
