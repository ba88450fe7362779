"""What the import commands share: arguments, the office's scope, words for the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.models import ImportBatch, ImportRow
from billing.operations import commit_import, upload_file
from offices.models import Community, Membership, Office, User
from offices.operations import Refusal
from offices.scoping import office_now, office_scope


class ImportCommand(BaseCommand):
    """Upload a file and commit it; refused rows are printed with row, column and reason."""

    kind = ""

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE and the office; the rest is optional."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--office", required=True, help="slug of the office")
        parser.add_argument("--community", default="", help="name of the community, when the file does not say it")
        parser.add_argument("--by", default="", help="user name of the person who imports")
        parser.add_argument("--accept-good", action="store_true", help="book the good rows although others are refused")
        parser.add_argument("--check", action="store_true", help="only read and check, book nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """One transaction: a refusal leaves nothing behind."""
        office = Office.objects.filter(slug=options["office"], is_active=True).first()
        if office is None:
            raise CommandError(f"没有代号为 {options['office']} 的办公室。")
        person = self._person(office, options["by"])
        if not options["file"].is_file():
            raise CommandError(f"找不到文件 {options['file']}。")
        try:
            with office_scope(office, by=person):
                self._import(options, person)
        except Refusal as no:
            raise CommandError(str(no)) from no

    @staticmethod
    def _person(office: Office, name: str) -> User | None:
        if not name:
            return None
        member = (
            Membership.objects.filter(office=office, user__username=name, is_active=True).select_related("user").first()
        )
        if member is None:
            raise CommandError(f"{name} 不是这个办公室的成员。")
        return member.user

    def _import(self, options: dict[str, Any], person: User | None) -> None:
        community = None
        if options["community"]:
            community = Community.objects.filter(name=options["community"]).first() or self._new_community(
                options["community"], person
            )
        with options["file"].open("rb") as file:
            batch = upload_file(
                kind=self.kind, file=file, name=options["file"].name, community=community, by=person, at=office_now()
            )
        self._tell(batch)
        if batch.state == ImportBatch.State.MAPPING:
            raise CommandError(self._columns_to_confirm(batch))
        if options["check"]:
            return
        batch = commit_import(batch=batch, accept_good=options["accept_good"], by=person, at=office_now())
        self.stdout.write(self.style.SUCCESS(f"已导入（批次 {batch.pk}）：{batch.totals['written']}"))

    @staticmethod
    def _columns_to_confirm(batch: ImportBatch) -> str:
        """A column is missing or was only guessed: a person has to say what it is, on the page or by the API."""
        sheets = batch.layout["sheets"]
        missing = "".join(dict.fromkeys(words for sheet in sheets for words in sheet["missing"]))
        guessed = "、".join(c["place"] for sheet in sheets for c in sheet["columns"] if c["doubtful"])
        words = missing or f"{guessed} 是推断的，不能直接入账。"
        return f"{words}请先在页面上上传一次并确认列的对应，系统记住后再运行本命令。"

    def _new_community(self, name: str, person: User | None) -> Community:
        from offices.operations.offices import add_community

        if self.kind != ImportBatch.Kind.REGISTER:
            raise CommandError(f"没有名为 {name} 的小区，请先导入它的业主登记表。")
        return add_community(name=name, by=person)

    def _tell(self, batch: ImportBatch) -> None:
        totals = batch.totals
        self.stdout.write(
            f"{batch.get_kind_display()} {batch.file_name}：新增 {totals['new']}，更新 {totals['changed']}，"
            f"不变 {totals['unchanged']}，错误 {totals['refused']}，提醒 {totals['warned']}"
        )
        for row in ImportRow.objects.filter(batch=batch, verdict=ImportRow.Verdict.REFUSED)[:50]:
            for reason in row.reasons:
                if reason["level"] == "error":
                    self.stdout.write(f"  第 {row.row_no} 行 {reason['column']}：{reason['message']}")
        for control in totals.get("controls", []):
            mark = "一致" if control["agrees"] else f"相差 {control['difference']}"
            self.stdout.write(
                f"  {control['label']}（第 {control['row']} 行）{control['field']} {control['theirs']}：{mark}"
            )
