"""`bin/manage post_late_charges --office huating --on 2026-10-31`: 违约金 of every late bill into the books."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arrears.operations import post_late_charges
from offices.models import Office
from offices.operations import Refusal
from offices.rules.money import format_yuan
from offices.scoping import office_now, office_scope


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"日期「{text}」无法识别，请写成 2026-10-31。") from error


class Command(BaseCommand):
    """Same operation as the timetable; may be repeated."""

    help = "Post the late charge of every office, or one, up to a day (default: the end of the last month)."

    def add_arguments(self, parser: Any) -> None:
        """The day and the office."""
        parser.add_argument("--on", type=_day, help="the last day charged, 2026-10-31")
        parser.add_argument("--office", help="slug of one office; default all")

    def handle(self, *args: Any, **options: Any) -> None:
        """Post; a refusal ends the command."""
        offices = Office.objects.filter(is_active=True).order_by("pk")
        if options["office"]:
            offices = offices.filter(slug=options["office"])
        if not offices:
            raise CommandError("没有找到这个办公室，请核对 --office。")
        for office in offices:
            with office_scope(office.pk):
                now = office_now()
                on = options["on"] or now.date().replace(day=1) - timedelta(days=1)
                try:
                    booked = post_late_charges(on=on, at=now)
                except Refusal as no:
                    raise CommandError(str(no)) from no
            self.stdout.write(f"{office.slug} 计至 {on}：{booked.entries} 条，{format_yuan(booked.amount)}")
