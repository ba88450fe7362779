"""What came in by file: the batch, its rows, and the lines of a bank statement."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.people import Account
from offices.models import Community, OfficeForeignKey, OfficeModel, StoredFile, User, implied_office


class ImportBatch(OfficeModel):
    """One uploaded file, from preview to sign-off (S1, S3)."""

    class Kind(models.TextChoices):
        REGISTER = "register", _("业主登记表")
        BILLS = "bills", _("账单")
        BANK = "bank", _("银行流水")
        FEE_ITEMS = "fee_items", _("收费项目")
        CONTRACTS = "contracts", _("物业服务合同")
        CONTACTS = "contacts", _("历史催缴记录")

    class State(models.TextChoices):
        READING = "reading", _("正在读取")
        MAPPING = "mapping", _("待对应列")
        PREVIEWED = "previewed", _("待确认")
        COMMITTING = "committing", _("正在导入")
        COMMITTED = "committed", _("已导入")
        UNDONE = "undone", _("已撤销")
        REVERSED = "reversed", _("已冲正")
        DISCARDED = "discarded", _("已放弃")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREVIEWED)
    community = OfficeForeignKey(Community, null=True, related_name="imports")
    file = OfficeForeignKey(StoredFile, related_name="imports")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    made_on = models.DateField(null=True, help_text="制表日期 printed in the file, if any.")
    layout = models.JSONField(
        default=dict, help_text="Sheet, header row, encoding, column → field with confidence and samples."
    )
    totals = models.JSONField(default=dict, help_text="Counts and control totals beside the file's own.")
    accept_good = models.BooleanField(default=False)
    corrects = OfficeForeignKey(
        "self", null=True, related_name="corrections", help_text="The batch whose refused rows this file brings again."
    )
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    committed_at = models.DateTimeField(null=True)
    committed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    signed_off_at = models.DateTimeField(null=True)
    signed_off_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-uploaded_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "kind", "sha256"],
                name="same_file_committed_once",
                condition=models.Q(state="committed"),
            )
        ]


def kept_batch(*, related_name: str, null: bool = False) -> models.ForeignKey:
    """The batch of rows that come by the hundred thousand. The database lets nobody delete a batch, and whoever writes
    such rows holds its lock: checking the reference of each would be a tenth of an import, and would prove nothing.
    """
    return models.ForeignKey(
        ImportBatch, models.DO_NOTHING, null=null, related_name=related_name, db_constraint=False, db_index=False
    )


class ImportRow(OfficeModel):
    """One row of the file with its verdict; the file itself is never changed."""

    class Verdict(models.TextChoices):
        NEW = "new", _("新增")
        CHANGED = "changed", _("更新")
        UNCHANGED = "unchanged", _("不变")
        REFUSED = "refused", _("错误")
        SKIPPED = "skipped", _("非数据行")

    office = implied_office()
    batch = kept_batch(related_name="rows")
    sheet = models.CharField(max_length=60, blank=True)
    row_no = models.PositiveIntegerField(help_text="As counted in the file, from 1.")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    cells = models.JSONField(
        null=True, help_text="The row as it stood in the file; null where its block says the same: see `with_cells`."
    )
    parsed = models.JSONField(
        default=dict, help_text="What the row means; money as strings. Bills: `items`, unless there is exactly one."
    )
    # the bill that a row of bills brings, where it brings exactly one: typed, so that booking reads no document
    fee_item = models.CharField(max_length=40, null=True)
    period_start = models.DateField(null=True)
    period_end = models.DateField(null=True)
    due_on = models.DateField(null=True)
    receivable = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    received = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    reduction = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    note = models.CharField(max_length=200, null=True)
    reasons = models.JSONField(default=list, help_text="[{column, code, message, level: error|warning}]")
    checks = models.JSONField(
        default=dict, help_text="The five items of S4 (name, room, period, amount, contact) → ok | doubt | missing."
    )
    fixes = models.JSONField(default=dict, help_text="Column index → what a person wrote in its place.")
    fixed_by = models.ForeignKey(  # hardly any row has one, and the database would look at every row at commit
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    account = models.ForeignKey(
        Account,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
        help_text="What the row was matched to when it was judged: a remark, proved by the bill that is booked from it.",
    )

    class Meta:
        ordering = ["row_no"]
        constraints = [models.UniqueConstraint(fields=["office", "batch", "sheet", "row_no"], name="import_row_once")]
        indexes = [  # nearly all rows are new: those are found in the order of the file
            models.Index(
                fields=["office", "batch", "verdict"], name="import_row_verdict", condition=~models.Q(verdict="new")
            )
        ]


class ImportBlock(OfficeModel):
    """Some thousand rows of the file as they stood, in the form in which they came (`billing.rules.blocks`)."""

    office = implied_office()
    batch = kept_batch(related_name="blocks")
    sheet = models.CharField(max_length=60, blank=True)
    first_row = models.PositiveIntegerField(help_text="As counted in the file, from 1.")
    height = models.PositiveIntegerField(help_text="How many rows.")
    columns = models.TextField(help_text="JSON with the distinct values of each column.")
    numbers = models.BinaryField(help_text="Column by column and row by row, which of them it is, in two bytes.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "batch", "sheet", "first_row"], name="import_block_once")
        ]


class ImportMapping(OfficeModel):
    """What the columns of one kind of header mean in this office, as a person last corrected it."""

    kind = models.CharField(max_length=10, choices=ImportBatch.Kind.choices)
    fingerprint = models.CharField(max_length=64, help_text="Digest of the normalised headings in their order.")
    choices = models.JSONField(default=dict, help_text="Column index → field; empty text means: do not read.")
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "kind", "fingerprint"], name="one_mapping_per_header")]


class BankLine(OfficeModel):
    """One incoming transfer of a bank statement, and whose it is."""

    class State(models.TextChoices):
        UNCLAIMED = "unclaimed", _("未认领")
        SUGGESTED = "suggested", _("有建议")
        CLAIMED = "claimed", _("已认领")
        REFUNDED = "refunded", _("已退款")
        NOT_FEES = "not_fees", _("非物业费")

    OPEN = (State.UNCLAIMED, State.SUGGESTED)  # nobody has said yet whose it is

    batch = OfficeForeignKey(ImportBatch, related_name="bank_lines")
    row_no = models.PositiveIntegerField()
    on = models.DateField(_("到账日"))
    amount = models.DecimalField(_("金额"), max_digits=14, decimal_places=2)
    balance = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    payer = models.CharField(_("付款人"), max_length=100, blank=True)
    payer_account = models.CharField(max_length=60, blank=True)
    memo = models.CharField(_("附言"), max_length=300, blank=True)
    line_key = models.CharField(
        max_length=64, help_text="Serial number, or a digest of date, time, amount and balance."
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.UNCLAIMED)
    suggested = OfficeForeignKey(Account, null=True, related_name="+")
    score = models.PositiveSmallIntegerField(default=0)
    reasons = models.JSONField(default=list)
    claimed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    is_auto_posted = models.BooleanField(
        default=False, db_default=False, help_text="Claimed by the rule, not by a person."
    )
    refunded_on = models.DateField(null=True)
    note = models.CharField(_("说明"), max_length=200, blank=True, db_default="")

    class Meta:
        ordering = ["on", "row_no"]
        constraints = [
            models.UniqueConstraint(fields=["office", "line_key"], name="bank_line_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="bank_line_is_money_in"),
        ]
        indexes = [models.Index(fields=["office", "state", "on"], name="bank_line_state")]


class BankDay(OfficeModel):
    """A closed day of the bank account: bank total = claimed + unclaimed + refunded + not fees (ux 3.5)."""

    on = models.DateField(_("日期"))
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    lines = models.PositiveIntegerField()
    total = models.DecimalField(max_digits=14, decimal_places=2)
    claimed = models.DecimalField(max_digits=14, decimal_places=2)
    unclaimed = models.DecimalField(max_digits=14, decimal_places=2)
    refunded = models.DecimalField(max_digits=14, decimal_places=2)
    not_fees = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        ordering = ["-on"]
        constraints = [
            models.UniqueConstraint(fields=["office", "on"], name="bank_day_closed_once"),
            models.CheckConstraint(
                condition=models.Q(
                    total=models.F("claimed") + models.F("unclaimed") + models.F("refunded") + models.F("not_fees")
                ),
                name="bank_day_adds_up",
            ),
        ]
