"""Addresses of the billing app."""

from django.urls import path

from billing.views import accounts, bank, contracts, import_steps, imports, signoff, special_cases, templates

app_name = "billing"
urlpatterns = [
    path("imports/", imports.history, name="imports"),
    path("imports/new/", imports.upload, name="import-upload"),
    path("imports/templates/<slug:kind>.xlsx", templates.blank_template, name="import-template"),
    path("imports/<int:batch_id>/", imports.current_step, name="import"),
    path("imports/<int:batch_id>/columns/", import_steps.columns, name="import-columns"),
    path("imports/<int:batch_id>/check/", import_steps.check, name="import-check"),
    path("imports/<int:batch_id>/row/", import_steps.row, name="import-row"),
    path("imports/<int:batch_id>/fix/", import_steps.fix, name="import-fix"),
    path("imports/<int:batch_id>/commit/", import_steps.commit, name="import-commit"),
    path("imports/<int:batch_id>/result/", imports.result, name="import-result"),
    path("imports/<int:batch_id>/discard/", imports.discard, name="import-discard"),
    path("imports/<int:batch_id>/undo/", imports.undo, name="import-undo"),
    path("imports/<int:batch_id>/reverse/", imports.reverse_one, name="import-reverse"),
    path("imports/<int:batch_id>/sign-off/", signoff.sign_off, name="import-sign-off"),
    path("imports/<int:batch_id>/refused.xlsx", imports.refused, name="import-refused"),
    path("contracts/", contracts.contracts, name="contracts"),
    path("bank/", bank.bank, name="bank"),
    path("bank/rematch/", bank.rematch, name="bank-rematch"),
    path("bank/claim/", bank.claim_many, name="bank-claim-many"),
    path("bank/<int:line_id>/claim/", bank.claim, name="bank-claim"),
    path("bank/<int:line_id>/release/", bank.release, name="bank-release"),
    path("bank/<int:line_id>/aside/", bank.aside, name="bank-aside"),
    path("special-cases/", special_cases.all_cases, name="special-cases-all"),
    path("accounts/<int:account_id>/special-cases/", special_cases.special_cases, name="special-cases"),
    path("accounts/<int:account_id>/vacancy/", special_cases.apply_vacancy, name="special-case-vacancy"),
    path("special-cases/<int:case_id>/close/", special_cases.close_case, name="special-case-close"),
    path("special-cases/<int:case_id>/approve/", special_cases.approve_case, name="special-case-approve"),
    path("special-cases/<int:case_id>/review/", special_cases.review_case, name="special-case-review"),
    path("special-cases/<int:case_id>/evidence/", special_cases.add_proof, name="special-case-evidence"),
    path("special-cases/<int:case_id>/handover/", special_cases.hand_over, name="special-case-handover"),
    path("accounts/<int:account_id>/payments/", accounts.payments, name="payments"),
    path("payments/<int:payment_id>/reverse/", accounts.reverse_one, name="payment-reverse"),
    path("accounts/<int:account_id>/reductions/", accounts.reductions, name="reductions"),
    path("reductions/", accounts.pending_reductions, name="reductions-pending"),
    path("reductions/<int:adjustment_id>/decide/", accounts.decide_reduction, name="reduction-decide"),
]
