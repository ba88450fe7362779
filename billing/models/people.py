"""Rooms, owners, and the account: one payer's liability for one room."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from offices.models import Community, OfficeForeignKey, OfficeModel, StoredFile, User, office_history


class Room(OfficeModel):
    """房屋. Its key is structured (building, unit, number) and never joined into one string (domain 5.2, 10)."""

    class Residence(models.TextChoices):
        SELF = "self", _("自住")
        RENTED = "rented", _("出租")
        VACANT = "vacant", _("空置")
        UNDELIVERED = "undelivered", _("未交付")
        UNKNOWN = "unknown", _("未知")

    community = OfficeForeignKey(Community, related_name="rooms")
    building = models.CharField(_("楼栋"), max_length=20)
    unit = models.CharField(_("单元"), max_length=20, blank=True)
    number = models.CharField(_("房号"), max_length=20)
    sort_key = models.CharField(
        max_length=80, help_text="Zero-padded, so that 2 comes before 10 when rooms are listed."
    )
    area = models.DecimalField(_("建筑面积"), max_digits=10, decimal_places=2, null=True)
    residence = models.CharField(_("入住状态"), max_length=12, choices=Residence.choices, default=Residence.UNKNOWN)
    handed_over_on = models.DateField(_("交付日期"), null=True)
    address = models.CharField(_("邮寄地址"), max_length=200, blank=True)
    history = office_history()

    class Meta:
        ordering = ["sort_key"]
        constraints = [
            models.UniqueConstraint(fields=["office", "community", "building", "unit", "number"], name="room_once")
        ]
        indexes = [models.Index(fields=["office", "sort_key"], name="room_in_order")]

    def __str__(self) -> str:
        return "-".join(part for part in (self.building, self.unit, self.number) if part)


class Owner(OfficeModel):
    """业主, or the developer (建设单位) for rooms not handed over."""

    class Kind(models.TextChoices):
        PERSON = "person", _("个人")
        DEVELOPER = "developer", _("建设单位")

    name = models.CharField(_("姓名"), max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PERSON)
    search_keys = models.CharField(
        max_length=200, blank=True, help_text="Pinyin readings and initials, space separated."
    )
    history = office_history()

    class Meta:
        indexes = [models.Index(fields=["office", "name"], name="owner_name")]

    def __str__(self) -> str:
        return self.name


class Account(OfficeModel):
    """户: after a change of owner the old owner keeps the old account with its arrears."""

    room = OfficeForeignKey(Room, related_name="accounts")
    owner = OfficeForeignKey(Owner, related_name="accounts")
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    change_seq = models.PositiveBigIntegerField(
        default=0, help_text="Stamped by every fact that changes what is owed; collection reads it (decisions 16)."
    )
    history = office_history()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["office", "room", "owner"], name="account_once", condition=models.Q(closed_on=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.room} {self.owner}"

    @property
    def mailing_address(self) -> str:
        """Where a letter reaches the payer: the room's address; unknown once the room has another owner."""
        return self.room.address if self.closed_on is None else ""


class CoOwner(OfficeModel):
    """共有人 of an account, beside its first owner."""

    account = OfficeForeignKey(Account, related_name="co_owners")
    owner = OfficeForeignKey(Owner, related_name="shares")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "account", "owner"], name="co_owner_once")]


class ContactPoint(OfficeModel):
    """A way to reach an owner, with what is known of it (S4)."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("电话")
        WECHAT = "wechat", _("微信")
        EMAIL = "email", _("邮箱")

    class State(models.TextChoices):
        UNVERIFIED = "unverified", _("未核实")
        GOOD = "good", _("有效")
        DEAD = "dead", _("空号或错号")
        REFUSED = "refused", _("不接受此方式")
        OTHERS = "others", _("他人号码，未获授权")

    owner = OfficeForeignKey(Owner, related_name="contact_points")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    value = models.CharField(max_length=100)
    tail = models.CharField(max_length=4, blank=True, help_text="Last four digits of a phone, for search and display.")
    rank = models.PositiveSmallIntegerField(default=0, help_text="0 is tried first.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.UNVERIFIED)
    source = models.CharField(max_length=60, blank=True)
    last_good_on = models.DateField(null=True)
    history = office_history()

    class Meta:
        ordering = ["rank", "id"]
        constraints = [models.UniqueConstraint(fields=["office", "owner", "kind", "value"], name="contact_point_once")]
        indexes = [models.Index(fields=["office", "tail"], name="contact_point_tail")]


class Occupant(OfficeModel):
    """同住家人、承租人或其他使用人 of an account, who is not an owner (S11): only what is needed to know who answers.

    Nothing of the debt is said to them unless an owner has authorised it (个人信息保护法 13, 25; 民法典 1034).
    """

    class Relation(models.TextChoices):
        SPOUSE = "spouse", _("配偶")
        FAMILY = "family", _("其他家人")
        LESSEE = "lessee", _("承租人")
        AGENT = "agent", _("受托人")
        OTHER = "other", _("其他使用人")

    account = OfficeForeignKey(Account, related_name="occupants")
    name = models.CharField(_("姓名"), max_length=60)
    relation = models.CharField(_("与业主关系"), max_length=8, choices=Relation.choices)
    phone = models.CharField(_("电话"), max_length=20, blank=True, help_text="Erased once they have left.")
    authorised_by = OfficeForeignKey(Owner, null=True, related_name="authorised_occupants")
    authorised_on = models.DateField(_("授权日期"), null=True)
    authorised_how = models.CharField(_("授权方式"), max_length=100, blank=True)
    evidence = OfficeForeignKey(StoredFile, null=True, related_name="+")
    withdrawn_on = models.DateField(_("撤回日期"), null=True)
    left_on = models.DateField(_("迁出日期"), null=True)
    history = office_history("phone")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["office", "account"], name="occupant_of_account")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(authorised_on=None)
                | (models.Q(authorised_by__isnull=False) & ~models.Q(authorised_how="")),
                name="occupant_authorised_by_an_owner",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def described(self) -> str:
        """Relation and name, as people say it."""
        return f"{self.get_relation_display()} {self.name}"

    @property
    def may_be_told(self) -> bool:
        """Whether the debt may be spoken of with them today."""
        return self.authorised_on is not None and self.withdrawn_on is None and self.left_on is None


class Responsibility(OfficeModel):
    """Who looks after a building (S22)."""

    community = OfficeForeignKey(Community, related_name="responsibilities")
    building = models.CharField(max_length=20)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "community", "building"], name="one_person_per_building")
        ]
