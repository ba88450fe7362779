"""温馨提示 on the notice board of a building: made, put up with a photo, taken down (S33)."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from collection.rules import posters as rules
from offices.models import Community, OfficeForeignKey, OfficeModel, StoredFile, User


class Poster(OfficeModel):
    """One notice for one building. What it says is frozen when it is made; it names no household."""

    community = OfficeForeignKey(Community, related_name="posters", verbose_name=_("小区"))
    building = models.CharField(_("楼栋"), max_length=20)
    location = models.CharField(_("张贴位置"), max_length=60)
    words = models.TextField(_("内容"))
    template_version = models.CharField(max_length=20)
    frozen = models.JSONField(help_text="Everything the poster prints, as of its making.")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    take_down_on = models.DateField(_("应取下日期"), help_text="The last day on which it may hang.")
    posted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    posted_on = models.DateField(_("张贴日期"), null=True)
    photo = OfficeForeignKey(StoredFile, null=True, related_name="posters")
    photo_taken_at = models.DateTimeField(null=True, help_text="What the photo says of itself.")
    taken_down_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    taken_down_on = models.DateField(_("取下日期"), null=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(posted_on=None, photo=None, posted_by=None)
                | Q(posted_on__isnull=False, photo__isnull=False, posted_by__isnull=False),
                name="poster_put_up_with_photo",
            ),
            models.CheckConstraint(
                condition=Q(taken_down_on=None, taken_down_by=None)
                | Q(taken_down_on__gte=F("posted_on"), taken_down_by__isnull=False, posted_on__isnull=False),
                name="poster_down_after_up",
            ),
        ]
        indexes = [
            models.Index(
                fields=["office", "take_down_on"], name="poster_not_down", condition=Q(taken_down_on__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.community} {rules.building_words(self.building)}"

    def state_on(self, today: date) -> str:
        """One of `collection.rules.posters.STATES`."""
        return rules.state_of(
            posted_on=self.posted_on, take_down_on=self.take_down_on, taken_down_on=self.taken_down_on, today=today
        )
