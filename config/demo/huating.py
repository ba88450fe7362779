"""The first office: 480 rooms, its real-shaped files, and two and a half months of work on what they show."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings

from arrears.queries import position, positions
from billing.models import Account, Adjustment, BankLine, ContactPoint
from billing.operations import approve_reduction, claim_line, claim_suggested, match_statement, open_special_case
from billing.operations.contact_points import mark_contact_point
from collection.models import Action, Notice
from collection.operations import approve_notice, reject_notice
from collection.operations.strategies import describe_draft, draft_strategy, set_steps
from collection.queries.strategies import current_strategy, rules_of
from collection.rules import timeline
from collection.rules.steps import FORMAL
from config.demo import sheets
from config.demo.cast import HUATING
from config.demo.courtesies import agree_instalments, hang_posters, share_buildings, take_poster_down, verify_hardship
from config.demo.life import Life, gather_statistics
from config.demo.talks import Talks
from disputes.models import Dispute
from disputes.operations import add_step, raise_dispute, resolve_dispute
from offices.operations import Refusal

SAMPLES = Path(settings.BASE_DIR) / "samples"
DAYS = 75
FORMAL_LETTERS, FINAL_LETTERS = 32, 5  # below the forty of decisions 24, so that the demo is ready in time
KEPT = {"formal": 4, "final": 1}  # of these: approved in the last days, so that there is something to serve
MONTHS = (42, 14)  # how many days ago 财务 brought in a new month's bills, due two days later
HOUSEHOLDS_A_MONTH = 24
TRANSFERS = (4, 9, 16, 39)  # days after the opening on which 财务 brings in a statement of the bank
PAYERS_OF = 7  # in each, every seventh household transfers what it owes: four of seven have paid in the end


@dataclass
class Huating:
    """What its people do, day by day."""

    life: Life
    talks: Talks
    formals: int = 0
    finals: int = 0
    rejected: int = 0
    months: int = 0
    statements: int = 0

    def prepare(self) -> None:
        """The first morning: register, bills, bank statement, addresses; transfers are matched and claimed."""
        self.life.open()
        self.life.bring_in("register", self._file("1_业主登记表.xlsx"), "1_业主登记表.xlsx")
        gather_statistics()
        self.life.bring_in(
            "contracts", sheets.workbook(*sheets.CONTRACTS[:1], sheets.CONTRACTS[1:], "合同"), "物业服务合同.xlsx"
        )
        self.life.bring_in(
            "fee_items", sheets.workbook(*sheets.FEE_ITEMS[:1], sheets.FEE_ITEMS[1:], "收费项目"), "收费项目.xlsx"
        )
        self.life.bring_in("bills", self._file("2_账单导出_2024.xlsx"), "2_账单导出_2024.xlsx", accept_good=True)
        statement = self.life.bring_in("bank", self._file("3_银行流水.csv"), "3_银行流水.csv", accept_good=True)
        gather_statistics()
        share_buildings(self.life)
        self._claim(statement)
        self._addresses()
        self._special_case()

    @staticmethod
    def _file(name: str) -> BytesIO:
        return BytesIO((SAMPLES / name).read_bytes())

    def _claim(self, statement: Any) -> None:
        """财务 takes over what the memo names, and leaves the doubtful lines for another day."""
        with self.life.acting("finance") as finance:
            match_statement(batch=statement, at=self.life.at(14))
            lines = BankLine.objects.filter(batch=statement, state="suggested").select_related("suggested")
            for line in list(lines.order_by("on", "id"))[:90]:
                claim_line(line=line, account=line.suggested, by=finance, at=self.life.at(14))

    def _addresses(self) -> None:
        with self.life.acting("finance"):
            found = (
                Account.objects.filter(owner__kind="person")
                .select_related("owner", "room__community")
                .order_by("room_id", "id")[:8]
            )
            rows = [
                (a.room.community.name, a.room.building, a.room.unit, a.room.number, str(a.room.area or ""), a.owner.name, "",
                 f"owner{a.pk}@mail.example", "", "", "")
                for a in found
            ]  # fmt: skip
        self.life.bring_in("register", sheets.addresses(rows), "邮箱补登.xlsx", accept_good=True)
        rooms = [(a.room.building, a.room.unit, a.room.number, a.owner.name) for a in found]
        self.life.bring_in("contacts", sheets.contacts(rooms), "历史催缴记录.xlsx", accept_good=True)
        with self.life.acting("supervisor") as supervisor:  # they asked not to be reached by telephone
            for point in ContactPoint.objects.filter(kind="phone", owner__in=[a.owner_id for a in found]):
                mark_contact_point(point=point, state="refused", by=supervisor, at=self.life.at(15))

    def _special_case(self) -> None:
        with self.life.acting("supervisor") as supervisor:
            account = self._someone(40)
            open_special_case(
                account=account, kind="legacy_issue", starts_on=self.life.day, note="房屋渗漏系开发商保修遗留，正在协调维修",
                issue_owner="工程部 李国强", review_on=self.life.day + timedelta(days=90),
                by=supervisor, at=self.life.at(15),
            )  # fmt: skip

    def _someone(self, place: int) -> Account:
        """An account with open bills, always the same one for a place."""
        ids = (
            Action.objects.filter(state="planned")
            .values_list("account_id", flat=True)
            .order_by("account_id")
            .distinct()
        )
        wanted = Account.objects.filter(owner__kind="person").select_related("owner", "room").order_by("id")
        chosen = list(ids) or list(wanted.values_list("id", flat=True))
        return wanted.get(pk=chosen[place % len(chosen)])

    def work(self) -> None:
        """One working day."""
        since = (self.life.day - self.life.first).days
        self.talks.call(4)
        self.talks.serve(4)
        self._expected_money()
        self._transfers(since)
        self._other_money(since)
        self._new_month(DAYS - since)
        is_late = DAYS - since < 2
        if self.life.day.weekday() in (1, 4) or is_late:
            self._approve("supervisor", "formal", kept=0 if is_late else KEPT["formal"])
        if self.life.day.weekday() == 3 or is_late:
            self._approve("manager", "final", kept=0 if is_late else KEPT["final"])
        self._disputes(since)
        if since == DAYS - 20:
            self._instalments(70, is_signed=True)
        if since == DAYS - 9:
            hang_posters(self.life)
        if since == DAYS - 2:
            take_poster_down(self.life)
        if since == DAYS - 1:
            self._instalments(95, is_signed=False)
            self._draft_strategy()

    def _instalments(self, place: int, *, is_signed: bool) -> None:
        """Somebody in difficulty agrees to instalments; the first of whom nothing stands in the way."""
        for step in range(20):
            with self.life.acting("finance"):
                account = self._someone(place + step)
            if agree_instalments(self.life, account, is_signed=is_signed):
                break
        if is_signed:
            verify_hardship(self.life, account)

    def _draft_strategy(self) -> None:
        """管理员 prepares the next version of the strategy: its trial shows whom it would change."""
        with self.life.acting("admin") as admin:
            current = current_strategy(self.life.day)
            assert current is not None
            draft = draft_strategy(name=current.name, source=current, by=admin, at=self.life.at(16))
            steps = [
                replace(step, after_days=20) if step.kind == FORMAL else step
                for step in timeline.removed(rules_of(draft.pk), 2)
            ]
            set_steps(strategy=draft, steps=steps, by=admin)
            describe_draft(
                strategy=draft,
                community_id=None,
                segment="",
                effective_on=self.life.today + timedelta(days=7),
                note="两次提示合并为一次，早些打电话听业主的想法；电话之后多留四天再送通知书",
                by=admin,
            )

    def _new_month(self, days_ago: int) -> None:
        """Bills of last month for some who owe nothing: not everything is years old."""
        if self.months == len(MONTHS) or days_ago > MONTHS[self.months]:
            return
        with self.life.acting("finance"):
            owing = [p.account_id for p in positions(self.life.day) if p.open_amount]
            people = Account.objects.filter(owner__kind="person").exclude(pk__in=owing)
            found = people.select_related("owner", "room__community").order_by("room_id", "id")
            first = 60 * self.months
            rows = [
                (a.room.community.name, a.room.building, a.room.unit, a.room.number, a.owner.name, a.room.area)
                for a in found[first : first + HOUSEHOLDS_A_MONTH]
            ]
        self.months += 1
        due_on = self.life.day + timedelta(days=2)
        self.life.bring_in("bills", sheets.month_bills(rows, due_on), f"账单导出_{due_on:%Y%m}.xlsx", accept_good=True)

    def _expected_money(self) -> None:
        for account_id, amount in self.talks.expected.pop(self.life.day, []):
            with self.life.acting("finance"):
                account = Account.objects.select_related("owner").get(pk=account_id)
                owed = min(amount, position(account_id, self.life.day).open_amount)
            if owed > 0:
                self.life.receive(account, owed, memo="按承诺缴清")

    def _transfers(self, since: int) -> None:
        """Most people pay once they were asked kindly: a bank statement every week or two, taken over by 财务."""
        if self.statements == len(TRANSFERS) or since < TRANSFERS[self.statements]:
            return
        with self.life.acting("finance"):
            owing = {p.account_id: p.open_amount for p in positions(self.life.day) if p.open_amount > 0}
            people = Account.objects.filter(pk__in=owing, owner__kind="person").select_related("owner", "room")
            rows = [
                (a.room.building, a.room.unit, a.room.number, a.owner.name, owing[a.pk])
                for a in people.order_by("room_id", "id")
                if a.pk % PAYERS_OF == self.statements
            ]
        self.statements += 1
        file = sheets.transfers(rows, self.life.day)
        statement = self.life.bring_in("bank", file, f"对公流水_{self.life.day:%Y%m%d}.xlsx", accept_good=True)
        with self.life.acting("finance") as finance:
            match_statement(batch=statement, at=self.life.at(14))
            lines = BankLine.objects.filter(batch=statement, state="suggested").order_by("on", "id")
            claim_suggested(line_ids=list(lines.values_list("id", flat=True)), by=finance, at=self.life.at(14))

    def _other_money(self, since: int) -> None:
        """Reminders work: most days somebody pays at the counter, one in three of them in part."""
        if since < 2 or since % 4 == 3:
            return
        with self.life.acting("finance"):
            account = self._someone(37 * since + 11)
            owed = position(account.pk, self.life.day).open_amount
        if owed > 0:
            amount = owed if since % 3 else (owed / 2).quantize(Decimal("1"))
            self.life.receive(account, max(amount, Decimal("1.00")), memo="收到短信提醒后缴费")

    def _approve(self, role: str, kind: str, *, kept: int) -> None:
        left = max(FORMAL_LETTERS - self.formals if kind == "formal" else FINAL_LETTERS - self.finals, kept) - kept
        with self.life.acting(role):
            proposed = list(Notice.objects.filter(state="proposed", kind=kind).order_by("id")[: min(5, left)])
        for number, notice in enumerate(proposed):
            with self.life.acting(role) as person:
                if kind == "formal" and number == 4 and self.rejected < 2:
                    reject_notice(
                        notice=notice, reason="业主刚联系过前台，先电话再确认一次", by=person, at=self.life.at(16)
                    )
                    self.rejected += 1
                    continue
                try:
                    notice = approve_notice(notice=notice, by=person, at=self.life.at(16))
                except Refusal:
                    continue  # a promise or an objection stands in the way; the page says so
            if notice.state == "approved":
                self.formals, self.finals = self.formals + (kind == "formal"), self.finals + (kind == "final")
                self._pays_before_it_leaves(notice)

    def _pays_before_it_leaves(self, notice: Notice) -> None:
        """Once, somebody pays the evening the letter was approved: it must not leave."""
        if self.formals == 7 and notice.kind == "formal":
            with self.life.acting("finance"):
                account = Account.objects.select_related("owner").get(pk=notice.account_id)
                owed = position(account.pk, self.life.day).open_amount
            self.life.receive(account, owed, memo="当天傍晚到前台缴清")

    def _disputes(self, since: int) -> None:
        if since in (12, DAYS - 1, DAYS):
            with self.life.acting("collector") as person:
                raise_dispute(
                    account=self._someone(150 + since), kind="service", owner_words="楼道的灯坏了两个月，报修三次没人来。", demand="先修灯，再谈缴费",
                    lines={}, channel="visit", by=person, at=self.life.at(17),
                )  # fmt: skip
        with self.life.acting("supervisor"):
            todo = list(Dispute.objects.exclude(state="closed").order_by("id"))
        for dispute in todo:
            self._carry_on(dispute, (self.life.day - dispute.raised_on).days)

    def _carry_on(self, dispute: Dispute, age: int) -> None:
        """Accepted the next day, dispatched, looked into, answered; most are decided, the newest stay open."""
        with self.life.acting("supervisor") as person:
            if age >= 1 and dispute.state == "open":
                add_step(
                    dispute=dispute, kind="accept", text="客服中心受理，三日内反馈", by=person, at=self.life.at(9, 30)
                )
                if dispute.kind == "service":
                    add_step(
                        dispute=dispute,
                        kind="dispatch",
                        text="请工程部当日修复楼道照明",
                        department="工程部",
                        by=person,
                        at=self.life.at(9, 40),
                    )
            elif age >= 3 and dispute.state == "checking":
                found = "电梯停用 9 天，已向维保单位核实" if dispute.kind != "service" else "灯具已更换，业主现场确认"
                add_step(dispute=dispute, kind="found", text=found, by=person, at=self.life.at(14))
            elif age >= 5 and dispute.state == "answering" and dispute.pk % 3:
                self._rule(dispute, person)

    def _rule(self, dispute: Dispute, person: Any) -> None:
        partly = dispute.kind != "service" and dispute.pk % 2 == 0
        granted = (
            {line.bill_id: (line.amount / 10).quantize(Decimal("0.01")) for line in dispute.lines.all()}
            if partly
            else None
        )
        resolve_dispute(
            dispute=dispute,
            ruling="partly" if partly and granted else "rejected",
            explanation="停梯 9 天属实，按当季费用的十分之一减免" if partly else "服务问题已处理完毕，账单金额核对无误",
            granted=granted or None,
            by=person,
            at=self.life.at(16, 30),
        )
        if partly:
            with self.life.acting("manager") as manager:
                for adjustment in Adjustment.objects.filter(bill__in=[*(granted or {})], state="proposed"):
                    approve_reduction(adjustment=adjustment, by=manager, at=self.life.at(17))


def live(today: date) -> Life:
    """Open the office 75 days ago and live until today."""
    life = Life(cast=HUATING, first=today - timedelta(days=DAYS), today=today)
    office = Huating(life=life, talks=Talks(life))
    office.prepare()
    life.live(office.work)
    return life
