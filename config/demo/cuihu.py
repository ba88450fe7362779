"""The second office: small, with room numbers that the first one has too. It shows the wall between them."""

from dataclasses import dataclass
from datetime import date, timedelta

from config.demo import sheets
from config.demo.cast import CUIHU
from config.demo.life import Life
from config.demo.talks import Talks
from offices.operations.offices import add_community

DAYS = 21


@dataclass
class Cuihu:
    """Three weeks: imported, reminded, and the first calls made."""

    life: Life
    talks: Talks

    def prepare(self) -> None:
        """Register and bills of this year."""
        self.life.open()
        with self.life.acting("admin") as admin:
            add_community(name=sheets.COMMUNITY, province="浙江省", city="杭州市", by=admin)
        self.life.bring_in("register", sheets.neighbours_register(), "翠湖湾业主登记表.xlsx")
        year = self.life.day.year if self.life.day.month > 10 else self.life.day.year - 1
        self.life.bring_in("bills", sheets.neighbours_bills(year), f"翠湖湾账单_{year}.xlsx", accept_good=True)

    def work(self) -> None:
        """One call a day, and what was promised comes in."""
        self.talks.call(1)
        for account_id, amount in self.talks.expected.pop(self.life.day, []):
            with self.life.acting("finance"):
                from billing.models import Account

                account = Account.objects.select_related("owner").get(pk=account_id)
            self.life.receive(account, amount, memo="按承诺缴清")


def live(today: date) -> Life:
    """Open the office three weeks ago and live until today."""
    life = Life(cast=CUIHU, first=today - timedelta(days=DAYS), today=today)
    office = Cuihu(life=life, talks=Talks(life))
    office.prepare()
    life.people.setdefault("collector2", life.people["collector"])
    life.live(office.work)
    return life
