"""What the collection app does, one file per noun."""

from collection.operations.assignments import AbsenceRefused, assign_actions, end_absence, enter_absence, hand_over
from collection.operations.cases import (
    CaseRefused,
    decide_case,
    excuse_action,
    mark_effective,
    open_cases,
)
from collection.operations.changes import consume_changes
from collection.operations.contacts import ContactRefused, record_contact
from collection.operations.days import DayReport, plan_day, run_day
from collection.operations.notices import (
    NoticeRefused,
    approve_notice,
    propose_notices,
    refresh_notices,
    reject_notice,
    void_notice,
)
from collection.operations.posters import PosterRefused, make_poster, record_posting, record_take_down
from collection.operations.promises import PromiseRefused, settle_promises, withdraw_promise
from collection.operations.rendering import render_due_notices
from collection.operations.rollbacks import RollBackRefused, roll_back_sweep
from collection.operations.scripts import ScriptRefused, publish_script, withdraw_script
from collection.operations.sending import send_due_messages
from collection.operations.service import serve_notice
from collection.operations.strategies import NoStrategy, ensure_default_strategy
from collection.operations.sweeps import SweepRefused, run_sweep
from collection.operations.unknown import MessageRefused, decide_unknown

__all__ = [
    "AbsenceRefused",
    "CaseRefused",
    "ContactRefused",
    "DayReport",
    "MessageRefused",
    "NoStrategy",
    "NoticeRefused",
    "PosterRefused",
    "PromiseRefused",
    "RollBackRefused",
    "ScriptRefused",
    "SweepRefused",
    "approve_notice",
    "assign_actions",
    "consume_changes",
    "decide_case",
    "decide_unknown",
    "end_absence",
    "ensure_default_strategy",
    "enter_absence",
    "excuse_action",
    "hand_over",
    "make_poster",
    "mark_effective",
    "open_cases",
    "plan_day",
    "propose_notices",
    "publish_script",
    "record_contact",
    "record_posting",
    "record_take_down",
    "refresh_notices",
    "reject_notice",
    "render_due_notices",
    "roll_back_sweep",
    "run_day",
    "run_sweep",
    "send_due_messages",
    "serve_notice",
    "settle_promises",
    "void_notice",
    "withdraw_promise",
    "withdraw_script",
]
