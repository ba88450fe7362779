"""话术 and message texts of an office, by place and version (S20, R13)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from offices.models import OfficeForeignKey, OfficeModel, User


class Script(OfficeModel):
    """One version of one text; the place is its use, channel, tier and reason, of which the last three may be any.

    What was published is never changed: a new version replaces it. A place without a row in force has the shipped text
    of `collection.rules.shipped_scripts`, so no office is ever without words.
    """

    use = models.CharField(_("用途"), max_length=20)
    channel = models.CharField(_("方式"), max_length=10, blank=True)
    tier = models.CharField(_("级别"), max_length=10, blank=True)
    reason = models.CharField(_("原因"), max_length=24, blank=True)
    version = models.PositiveIntegerField()
    subject = models.CharField(_("标题"), max_length=100, blank=True)
    words = models.TextField(_("内容"))
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    replaced_at = models.DateTimeField(null=True, help_text="Since then another version, or the shipped text, counts.")
    replaced_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    follows = OfficeForeignKey("self", null=True, related_name="+")

    class Meta:
        ordering = ["use", "channel", "tier", "reason", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "use", "channel", "tier", "reason", "version"], name="script_version_once"
            ),
            models.UniqueConstraint(
                fields=["office", "use", "channel", "tier", "reason"],
                name="one_script_in_force",
                condition=models.Q(replaced_at=None),
            ),
        ]
