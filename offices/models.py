"""Offices, people, communities and what every office keeps: settings, files, numbers, jobs, events."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from offices.permissions.table import Role
from offices.scoping.context import forget_settings
from offices.scoping.managers import (
    OfficeForeignKey,
    OfficeManager,
    OfficeModel,
    OfficeQuerySet,
    acting_user,
    implied_office,
)

__all__ = [
    "ApiToken",
    "Community",
    "Job",
    "Membership",
    "NumberSequence",
    "Office",
    "OfficeForeignKey",
    "OfficeManager",
    "OfficeModel",
    "OfficeQuerySet",
    "OfficeSettings",
    "SecurityEvent",
    "StoredFile",
    "User",
    "WorkingDay",
    "implied_office",
    "office_history",
]


def office_history(*left_out: str) -> HistoricalRecords:
    """Readable change history of a mutable row, behind the same wall as the row itself.

    `left_out`: fields that are not kept there, because they are to be gone once they are erased.
    """
    return HistoricalRecords(get_user=acting_user, excluded_fields=list(left_out))


class User(AbstractUser):
    """A person who signs in; may work for several offices."""

    display_name = models.CharField(_("姓名"), max_length=40, blank=True)
    single_keys = models.BooleanField(_("使用单键快捷键"), default=True)

    def __str__(self) -> str:
        return self.display_name or self.username


class Office(models.Model):
    """The tenant: a property-management office (物业服务企业)."""

    name = models.CharField(_("企业名称"), max_length=100)
    short_name = models.CharField(_("简称"), max_length=20)
    slug = models.SlugField(_("代号"), unique=True)
    time_zone = models.CharField(_("时区"), max_length=40, default="Asia/Shanghai")
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user's one role in one office. Global, because it is read before any office is open."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("角色"), max_length=12, choices=Role.choices)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "office"], name="one_role_per_user_and_office")]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"


class OfficeSettings(OfficeModel):
    """What an office decides for itself, inside the platform's limits. Exactly one row per office."""

    letterhead = models.CharField(_("红头"), max_length=60, blank=True)
    notice_prefix = models.CharField(_("字号前缀"), max_length=20, default="物催")
    contact_person = models.CharField(_("物业联系人"), max_length=40, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=40, blank=True)
    address = models.CharField(_("办公地址"), max_length=120, blank=True)
    office_hours = models.CharField(_("办公时间"), max_length=80, default="每日 9:00—18:00")
    payee_name = models.CharField(_("收款户名"), max_length=80, blank=True)
    payee_bank = models.CharField(_("开户行"), max_length=80, blank=True)
    payee_account = models.CharField(_("收款账号"), max_length=40, blank=True)
    email_from = models.EmailField(_("发件邮箱"), blank=True)
    contact_from = models.TimeField(_("最早联系时间"), default=time(9))
    contact_until = models.TimeField(_("最晚联系时间"), default=time(20))
    max_contacts_per_week = models.PositiveSmallIntegerField(_("每户每周最多联系次数"), default=3)
    contact_on_holidays = models.BooleanField(
        _("节假日也可联系业主"),
        default=False,
        db_default=False,
        help_text=_("法定节假日放假期间；调休上班日不受影响。"),
    )
    tolerance = models.DecimalField(_("免催尾差（元）"), max_digits=14, decimal_places=2, default=Decimal("0.00"))
    moderate_after_days = models.PositiveSmallIntegerField(_("中度逾期：超过天数"), default=30)
    severe_after_days = models.PositiveSmallIntegerField(_("严重逾期：超过天数"), default=90)
    severe_from_amount = models.DecimalField(
        _("严重逾期：达到金额（元）"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    severe_annual_periods = models.PositiveSmallIntegerField(_("严重逾期：欠满年度数"), default=2, db_default=2)
    severe_quarterly_periods = models.PositiveSmallIntegerField(_("严重逾期：欠满季度数"), default=3, db_default=3)
    company_severe_after_days = models.PositiveSmallIntegerField(_("单位业主严重逾期：超过天数"), null=True, blank=True)
    hardship_never_severe = models.BooleanField(_("已认定经济困难的不列为严重"), default=True, db_default=True)
    high_value_from = models.DecimalField(
        _("高额欠费：达到金额（元）"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    allocation_mode = models.CharField(
        _("缴费冲抵顺序"),
        max_length=10,
        choices=[("property", _("先本金后违约金")), ("statutory", _("先违约金后本金（民法典 561）"))],
        default="property",
    )
    posts_late_charge = models.BooleanField(
        _("违约金按月入账，并写入通知书"),
        default=False,
        db_default=False,
        help_text=_("不勾选时只在户档案里测算，不入账、不写入通知书。合同没有约定的始终不计。"),
    )
    waiver_limit_supervisor = models.DecimalField(
        _("客服主管可批准的违约金减免（元）"), max_digits=14, decimal_places=2, default=0, db_default=0
    )
    waiver_limit_manager = models.DecimalField(
        _("项目经理可批准的违约金减免（元）"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("不填则不限。"),
    )
    auto_post_from = models.PositiveSmallIntegerField(
        _("自动入账：匹配分数不低于"),
        null=True,
        blank=True,
        help_text=_("只有唯一候选时才自动入账；留空则全部由人确认。"),
    )
    transfer_hold_days = models.PositiveSmallIntegerField(_("转账未到账：等待工作日"), default=3)
    billing_deadline_days = models.PositiveSmallIntegerField(
        _("账单核算时限：账期结束后（天）"), default=10, db_default=10
    )
    fresh_days = models.PositiveSmallIntegerField(_("数据新鲜期（天）"), null=True, blank=True)
    formal_deadline_days = models.PositiveSmallIntegerField(_("催缴通知书缴费期限（天）"), default=15)
    final_deadline_days = models.PositiveSmallIntegerField(_("最后通知书缴费期限（天）"), default=10)
    promise_grace_days = models.PositiveSmallIntegerField(_("承诺宽限（天）"), default=1)
    plan_max_instalments = models.PositiveSmallIntegerField(_("分期：最多期数"), default=12, db_default=12)
    plan_max_months = models.PositiveSmallIntegerField(_("分期：最长月数"), default=12, db_default=12)
    plan_min_down_percent = models.PositiveSmallIntegerField(_("分期：首付不低于（%）"), default=0, db_default=0)
    plan_grace_days = models.PositiveSmallIntegerField(_("分期：每期宽限（天）"), default=3, db_default=3)
    plan_broken_after = models.PositiveSmallIntegerField(_("分期：逾期几期即终止"), default=1, db_default=1)
    late_after_days = models.PositiveSmallIntegerField(_("拖延上报：超过工作日"), default=3, db_default=3)
    last_closed_on = models.DateField(_("已运行到"), null=True, blank=True, editable=False)
    history = office_history()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office"], name="one_settings_row_per_office")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Whoever asks for the settings next reads these."""
        forget_settings()
        super().save(*args, **kwargs)


class Community(OfficeModel):
    """小区: what an office manages."""

    name = models.CharField(_("小区"), max_length=60)
    province = models.CharField(_("省"), max_length=20, blank=True)
    city = models.CharField(_("市"), max_length=20, blank=True)
    address = models.CharField(_("地址"), max_length=120, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["office", "name"], name="community_name_once")]

    def __str__(self) -> str:
        return self.name


class WorkingDay(OfficeModel):
    """A dated day of the office's own calendar: off for a festival, or at work to make up for it (decisions 14).

    It takes precedence over what the State Council's notices in `offices.rules.holidays` say of the same day.
    """

    day = models.DateField(_("日期"))
    is_working = models.BooleanField(_("上班"))
    name = models.CharField(_("名称"), max_length=40)
    source = models.CharField(_("依据"), max_length=60)
    history = office_history()

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["office", "day"], name="working_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class StoredFile(OfficeModel):
    """A file in the office's cabinet, named by its content (reliability C3.6)."""

    class Kind(models.TextChoices):
        UPLOAD = "upload", _("导入文件")
        NOTICE = "notice", _("通知书")
        PHOTO = "photo", _("照片")
        EVIDENCE = "evidence", _("证据材料")
        EXPORT = "export", _("导出文件")
        RESTRICTED = "restricted", _("受限材料")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    mime = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    stored_at = models.DateTimeField()
    stored_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["office", "sha256"], name="stored_file_sha")]


class NumberSequence(OfficeModel):
    """Numbers that are handed out once and never reused, per key and year."""

    key = models.CharField(max_length=30)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "key", "year"], name="one_sequence_per_key_and_year")]


class Bell(OfficeModel):
    """One bell of one office: the last slot of the timetable that was answered. Slots are claimed here, never in Redis."""

    name = models.CharField(max_length=20)
    slot = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "name"], name="bell_once")]


class Job(OfficeModel):
    """A long piece of work a person waits for; the page polls it (ux 3.12)."""

    class State(models.TextChoices):
        WAITING = "waiting", _("排队中")
        RUNNING = "running", _("进行中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("失败")

    kind = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    result = models.CharField(max_length=300, blank=True)
    parameters = models.JSONField(default=dict)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["office", "asked_at"], name="job_open", condition=models.Q(state__in=["waiting", "running"])
            )
        ]


class SecurityEvent(OfficeModel):
    """Something that a data-protection review asks about: a phone revealed, a ledger exported, a role changed."""

    kind = models.CharField(max_length=30)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    subject = models.CharField(max_length=120, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["office", "-at"], name="security_event_at")]


class ApiToken(OfficeModel):
    """A key for programs, speaking for one user in one office. Only its fingerprint is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    label = models.CharField(_("用途"), max_length=60)
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "fingerprint"], name="token_once")]
