"""Addresses of the arrears app."""

from django.urls import path

from arrears.views import exports, late_charge, lists

app_name = "arrears"
urlpatterns = [
    path("", lists.arrears_page, name="list"),
    path("limitation/", lists.limitation, name="limitation"),
    path("views/save/", lists.save, name="view-save"),
    path("views/<int:view_id>/delete/", lists.delete, name="view-delete"),
    path("roll-forward/", lists.roll_forward_page, name="roll-forward"),
    path("roll-forward/export.xlsx", lists.roll_forward_export, name="roll-forward-export"),
    path("accounts/<int:account_id>/late-charge/", late_charge.charges, name="charges"),
    path("late-charge/preview/", late_charge.rule_preview, name="rule-preview"),
    path("waivers/", late_charge.waivers, name="waivers"),
    path("waivers/<int:waiver_id>/decide/", late_charge.decide, name="waiver-decide"),
    path("export.xlsx", exports.workbook, name="export"),
    path("export.pdf", exports.paper, name="print"),
    path("exports/", exports.exports, name="exports"),
    path("exports/<int:job_id>/file/", exports.export_file, name="export-file"),
]
