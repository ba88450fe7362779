"""What each row of a file means, with a verdict a person can act on."""

from billing.rules.rows.bank import BankRow, read_bank
from billing.rules.rows.billrow import BillRow, Item
from billing.rules.rows.bills import read_bills
from billing.rules.rows.contacts import ContactRow, read_contacts
from billing.rules.rows.contracts import ContractRow, read_contracts
from billing.rules.rows.controls import Control, Sums, compare
from billing.rules.rows.fee_items import FeeItemRow, read_fee_items
from billing.rules.rows.reasons import Reason
from billing.rules.rows.register import RegisterRow, read_register
from billing.rules.rows.table import FileRow

__all__ = [
    "BankRow",
    "BillRow",
    "ContactRow",
    "ContractRow",
    "Control",
    "FeeItemRow",
    "FileRow",
    "Item",
    "Reason",
    "RegisterRow",
    "Sums",
    "compare",
    "read_bank",
    "read_bills",
    "read_contacts",
    "read_contracts",
    "read_fee_items",
    "read_register",
]
