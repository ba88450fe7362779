"""When and how owners are reached: what the office allows per channel, and what the owner wishes (S34, S38)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models import Owner
from offices.models import OfficeForeignKey, OfficeModel, office_history


class Way(models.TextChoices):
    """The channels that have hours and that an owner may prefer or refuse."""

    CALL = "call", _("电话")
    VISIT = "visit", _("上门")
    SMS = "sms", _("短信")
    EMAIL = "email", _("邮件")
    WECHAT = "wechat", _("公众号")
    PUSH = "push", _("App 推送")


class ChannelSetting(OfficeModel):
    """The hours of one channel, where the office departs from its general hours. Always inside the platform's."""

    channel = models.CharField(max_length=8, choices=Way.choices)
    contact_from = models.TimeField(_("最早"), null=True, blank=True)
    contact_until = models.TimeField(_("最晚"), null=True, blank=True)
    rest_from = models.TimeField(_("午休开始"), null=True, blank=True)
    rest_until = models.TimeField(_("午休结束"), null=True, blank=True)
    history = office_history()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "channel"], name="one_setting_per_channel")]


class OwnerPreference(OfficeModel):
    """What an owner has asked for: a preferred channel, channels not to be used, hours not to be disturbed in."""

    owner = OfficeForeignKey(Owner, related_name="preferences")
    preferred = models.CharField(_("首选方式"), max_length=8, choices=Way.choices, blank=True)
    refused = models.JSONField(_("不接受的方式"), default=list, help_text="Codes of `Way`.")
    quiet_from = models.TimeField(_("请勿打扰：从"), null=True, blank=True)
    quiet_until = models.TimeField(_("请勿打扰：到"), null=True, blank=True)
    said = models.CharField(_("依据"), max_length=100, help_text="When and how the owner said so.")
    history = office_history()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "owner"], name="one_preference_per_owner")]
