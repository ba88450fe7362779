"""Forms of economic hardship: what is claimed with its proof, and how long a confirmed one holds."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class HardshipForm(forms.Form):
    """What the household says, with its proof."""

    details = forms.CharField(
        label=_("困难情况"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("只写与缴费有关、必要的内容；登记后只有主管和经理可以查看，每次查看都会留痕。"),
    )
    evidence = forms.FileField(label=_("证明材料"), help_text=_("照片或 PDF，不超过 25 MB。"))


class ConfirmForm(forms.Form):
    """Until when it holds."""

    until = forms.DateField(label=_("有效期至"), help_text=_("含当日，最长一年；到期后重新核实。"))
