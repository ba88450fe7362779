"""`bin/manage run_day --on 2026-11-23`: everything a day does, for every office or one, for one day or a range."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from collection.operations.days import run_day
from offices.models import Office
from offices.operations import Refusal
from offices.scoping import office_scope, office_today

HOUR = time(10)  # the business instant of a day that is not lived in real time (decisions 24)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"日期「{text}」无法识别，请写成 2026-11-23。") from error


class Command(BaseCommand):
    """Same operation as the timetable and the API; days are run in their order, each to its end."""

    help = "Live one day (or --from/--to) of collection: changes, promises, sweep, letters, messages."

    def add_arguments(self, parser: Any) -> None:
        """--on or --from/--to; default today in each office's zone."""
        parser.add_argument("--on", type=_day, help="the day, 2026-11-23; default today")
        parser.add_argument("--from", dest="first", type=_day, help="first day of a range")
        parser.add_argument("--to", dest="last", type=_day, help="last day of a range; default today")
        parser.add_argument("--office", help="slug of one office; default all")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run; a refusal of one office is told and does not stop the others."""
        offices = Office.objects.filter(is_active=True).order_by("pk")
        if options["office"]:
            offices = offices.filter(slug=options["office"])
        if not offices:
            raise CommandError("没有找到这个办公室，请核对 --office。")
        refused = 0
        for office in offices:
            for on in self._days(office, options):
                try:
                    report = run_day(
                        office_id=office.pk, on=on, at=datetime.combine(on, HOUR, ZoneInfo(office.time_zone))
                    )
                except Refusal as no:
                    refused += 1
                    self.stderr.write(f"{office.slug} {on}: {no}")
                    break
                sweep, sent = report.sweep, report.sent
                self.stdout.write(
                    f"{office.slug} {on}: 应办 {sweep.eligible} 户，安排 {sweep.planned}，暂不办 {sweep.skipped}，"
                    f"新立 {sweep.opened}，结清 {sweep.closed}；兑现承诺 {report.promises['kept']}，失约 {report.promises['broken']}；"
                    f"发送 {sent.sent}，未成 {sent.failed}，不明 {sent.unknown}，撤回 {sent.withdrawn}；生成通知书 {report.rendered}"
                )
        if refused:
            raise CommandError(f"{refused} 个办公室未能运行，原因见上。")

    @staticmethod
    def _days(office: Office, options: dict[str, Any]) -> list[date]:
        if options["on"] and options["first"]:
            raise CommandError("--on 与 --from 只能用一个。")
        with office_scope(office):
            today = office_today()
        first = options["on"] or options["first"] or today
        last = options["on"] or options["last"] or today
        if last < first:
            raise CommandError("结束日期早于开始日期。")
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]
