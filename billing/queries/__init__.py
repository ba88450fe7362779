"""What the billing app can be asked."""

from billing.queries.accounts import account_of, find_accounts, suggest_rooms
from billing.queries.bills import OpenLine, open_bills
from billing.queries.checks import CheckCount, check_counts, doubtful_rows
from billing.queries.credits import accounts_with_credit, credits_of
from billing.queries.imports import commit_job, import_history, reasons_of, row_at, rows_of, tabs_of
from billing.queries.matching import bank_day, bank_lines, candidates_of
from billing.queries.panels import payments_of, reductions_of
from billing.queries.special_cases import (
    CaseLine,
    case_counts,
    cases_of_tab,
    cases_to_approve,
    cases_to_review,
    register_people,
    special_cases,
    special_cases_of,
)

__all__ = [
    "CaseLine",
    "CheckCount",
    "OpenLine",
    "account_of",
    "accounts_with_credit",
    "bank_day",
    "bank_lines",
    "candidates_of",
    "case_counts",
    "cases_of_tab",
    "cases_to_approve",
    "cases_to_review",
    "check_counts",
    "commit_job",
    "credits_of",
    "doubtful_rows",
    "find_accounts",
    "import_history",
    "open_bills",
    "payments_of",
    "reasons_of",
    "reductions_of",
    "register_people",
    "row_at",
    "rows_of",
    "special_cases",
    "special_cases_of",
    "suggest_rooms",
    "tabs_of",
]
