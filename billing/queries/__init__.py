"""What the billing app can be asked."""

from billing.queries.accounts import account_of, find_accounts, is_somebody_elses, owners_of, suggest_rooms
from billing.queries.bank import (
    DaySums,
    Preview,
    after,
    bank_days,
    certain_suggestions,
    days_with_lines,
    is_closed,
    settlement_previews,
    sums_of_day,
)
from billing.queries.bills import OpenLine, open_bills
from billing.queries.cells import with_cells
from billing.queries.checks import CheckCount, check_counts, doubtful_rows
from billing.queries.credits import accounts_with_credit, credits_of
from billing.queries.imports import commit_pace, import_history, import_job, reasons_of, row_at, rows_of, tabs_of
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
    "DaySums",
    "OpenLine",
    "Preview",
    "account_of",
    "accounts_with_credit",
    "after",
    "bank_day",
    "bank_days",
    "bank_lines",
    "candidates_of",
    "case_counts",
    "cases_of_tab",
    "cases_to_approve",
    "cases_to_review",
    "certain_suggestions",
    "check_counts",
    "commit_pace",
    "credits_of",
    "days_with_lines",
    "doubtful_rows",
    "find_accounts",
    "import_history",
    "import_job",
    "is_closed",
    "is_somebody_elses",
    "open_bills",
    "owners_of",
    "payments_of",
    "reasons_of",
    "reductions_of",
    "register_people",
    "row_at",
    "rows_of",
    "settlement_previews",
    "special_cases",
    "special_cases_of",
    "suggest_rooms",
    "sums_of_day",
    "tabs_of",
    "with_cells",
]
