import time, datetime as d
from decimal import Decimal
import pytest
from tests.faults.test_killed_in_the_middle import huating, importer, billed, SAMPLES
from tests.faults.processes import *
pytestmark = pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("n",[1,2,3])
def test_cold(billed, n):
    from arrears.queries import positions, bill_lines
    from arrears.queries.positions import position
    from collection.operations.days import plan_day
    on=d.date.today()
    with billed.open():
        ids=[p.account_id for p in positions(on)]
        for label,f in [("positions all",lambda: positions(on)),("positions ids",lambda: positions(on, ids)),("lines ids",lambda: bill_lines(ids,on)),("one",lambda: positions(on,[ids[0]]))]:
            t=time.time(); f(); print(n,label,round(time.time()-t,3))
    t=time.time()
    with billed.open(): plan_day(on=on, at=d.datetime.now(d.UTC))
    print(n,"plan_day",round(time.time()-t,2))
