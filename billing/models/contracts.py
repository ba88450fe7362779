"""What a community's contract says, and what an office knew before it came to us."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.imports import ImportBatch
from billing.models.people import Account
from offices.models import Community, OfficeForeignKey, OfficeModel, office_history


class ServiceContract(OfficeModel):
    """物业服务合同 or 前期物业服务合同 of a community (民法典 937–939)."""

    class Kind(models.TextChoices):
        PRELIMINARY = "preliminary", _("前期物业服务合同")
        REGULAR = "regular", _("物业服务合同")

    community = OfficeForeignKey(Community, related_name="contracts")
    kind = models.CharField(_("类型"), max_length=12, choices=Kind.choices)
    party = models.CharField(_("签订方"), max_length=100, blank=True)
    starts_on = models.DateField(_("起始日"))
    ends_on = models.DateField(
        _("终止日"), null=True, help_text="Last day of the term; empty: indefinite (民法典 948)."
    )
    unit_rate = models.DecimalField(_("收费标准（元/㎡·月）"), max_digits=10, decimal_places=4, null=True)
    late_charge_per_day = models.DecimalField(_("违约金日率"), max_digits=8, decimal_places=6, null=True)
    late_charge_clause = models.CharField(_("违约金条款"), max_length=300, blank=True)
    has_address_clause = models.BooleanField(_("约定送达地址"), default=False)
    has_arbitration_clause = models.BooleanField(_("约定仲裁"), default=False)
    batch = OfficeForeignKey(ImportBatch, null=True, related_name="contracts")
    history = office_history()

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["office", "community", "kind", "starts_on"], name="contract_once"),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")), name="contract_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.starts_on:%Y-%m-%d}"


class PastContact(OfficeModel):
    """A contact that somebody recorded before the office came to us; shown in the timeline, proof of nothing."""

    account = OfficeForeignKey(Account, related_name="past_contacts")
    on = models.DateField(_("沟通日期"))
    channel = models.CharField(_("方式"), max_length=40, blank=True)
    person = models.CharField(_("经办人"), max_length=40, blank=True)
    text = models.CharField(_("内容"), max_length=1000, blank=True)
    result = models.CharField(_("结果"), max_length=200, blank=True)
    batch = OfficeForeignKey(ImportBatch, null=True, related_name="past_contacts")

    class Meta:
        ordering = ["on", "id"]
        indexes = [models.Index(fields=["office", "account", "on"], name="past_contact_days")]
