"""What stage 1 does: files become facts, money is spread, special cases hold, mistakes are reversed."""

from billing.operations.accounts import stamp_account, stamp_accounts
from billing.operations.background import ask_columns, ask_commit, ask_fixes, ask_upload, run_waiting_imports
from billing.operations.claims import (
    LineRefused,
    Part,
    claim_line,
    claim_suggested,
    claim_together,
    refund_line,
    release_line,
    set_line_aside,
    split_line,
)
from billing.operations.commits import UndoRefused, commit_import, sign_off_batch, undo_import
from billing.operations.corrections import fix_rows, map_columns
from billing.operations.credits import apply_credit
from billing.operations.days import DayRefused, close_bank_day
from billing.operations.evidence import keep_evidence
from billing.operations.expected import expect_amount, withdraw_expected
from billing.operations.handovers import record_handover
from billing.operations.payments import PaymentRefused, Receipt, record_payment, reverse_payment
from billing.operations.receipts import issue_receipt, take_receipt
from billing.operations.reductions import (
    ReductionRefused,
    apply_for_vacancy,
    approve_reduction,
    propose_reduction,
    refuse_reduction,
)
from billing.operations.refunds import refund_credit
from billing.operations.refusals import ImportRefused
from billing.operations.reversals import reverse_import
from billing.operations.special_cases import (
    SpecialCaseRefused,
    add_evidence,
    approve_special_case,
    close_special_case,
    open_special_case,
    review_special_case,
)
from billing.operations.statements import match_open_lines, match_statement
from billing.operations.uploads import discard_import, upload_file

__all__ = [
    "DayRefused",
    "ImportRefused",
    "LineRefused",
    "Part",
    "PaymentRefused",
    "Receipt",
    "ReductionRefused",
    "SpecialCaseRefused",
    "UndoRefused",
    "add_evidence",
    "apply_credit",
    "apply_for_vacancy",
    "approve_reduction",
    "approve_special_case",
    "ask_columns",
    "ask_commit",
    "ask_fixes",
    "ask_upload",
    "claim_line",
    "claim_suggested",
    "claim_together",
    "close_bank_day",
    "close_special_case",
    "commit_import",
    "discard_import",
    "expect_amount",
    "fix_rows",
    "issue_receipt",
    "keep_evidence",
    "map_columns",
    "match_open_lines",
    "match_statement",
    "open_special_case",
    "propose_reduction",
    "record_handover",
    "record_payment",
    "refund_credit",
    "refund_line",
    "refuse_reduction",
    "release_line",
    "reverse_import",
    "reverse_payment",
    "review_special_case",
    "run_waiting_imports",
    "set_line_aside",
    "sign_off_batch",
    "split_line",
    "stamp_account",
    "stamp_accounts",
    "take_receipt",
    "undo_import",
    "upload_file",
    "withdraw_expected",
]
