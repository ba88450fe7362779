"""The books of an estate made inside the database, every name, room and bill from its row number: each run is on the same data."""

from __future__ import annotations

from django.db import connection

from offices.models import Community, Office
from offices.scoping.plans import joined_by_hash

_SURNAMES, _GIVEN = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗",
    "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀兰霞平刚桂英华玉建文红云海",
)

_BOOKS = """
INSERT INTO billing_room (office_id, community_id, building, unit, number, sort_key, residence, address)
SELECT %(office)s, %(community)s, n / 500 + 1, n / 100 %% 5 + 1, n / 4 %% 25 + 1 || '0' || n %% 4 + 1,
  lpad((n / 500 + 1)::text, 6, '0') || '|' || lpad((n / 100 %% 5 + 1)::text, 6, '0') || '|'
    || lpad(n / 4 %% 25 + 1 || '0' || n %% 4 + 1, 6, '0'), 'self', ''
FROM generate_series(0, %(rooms)s - 1) n;
INSERT INTO billing_owner (office_id, name, kind, search_keys)
SELECT %(office)s, substr(%(surnames)s, n %% 20 + 1, 1) || substr(%(given)s, n / 20 %% 32 + 1, 1)
  || substr(%(given)s, n / 640 %% 32 + 1, 1), 'person', '' FROM generate_series(0, %(rooms)s - 1) n;
INSERT INTO billing_account (office_id, room_id, owner_id, change_seq)
SELECT %(office)s, r.id, o.id, 0
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM billing_room WHERE office_id = %(office)s) r
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM billing_owner WHERE office_id = %(office)s) o USING (n);
INSERT INTO billing_feeitem (office_id, name, note) VALUES (%(office)s, '物业费', '');
INSERT INTO billing_bill (office_id, account_id, fee_item_id, period_start, period_end, due_on, amount, is_reconciled, billed_on)
SELECT %(office)s, a.id, f.id, q.start, (q.start + interval '3 months')::date - 1, (q.start + interval '3 months')::date - 1,
  300 + a.id %% 700 + q.n / 100.0, true, '2024-01-01'
FROM billing_account a, billing_feeitem f,
  (SELECT n, ('2024-01-01'::date + n * interval '3 months')::date AS start FROM generate_series(0, %(quarters)s - 1) n) q
WHERE a.office_id = %(office)s AND f.office_id = %(office)s;
"""


def fill_books(office: Office, *, rooms: int, quarters: int) -> Community:
    """Rooms with an owner, an account and a bill for each quarter from 2024 on, in the open office."""
    community = Community.objects.create(name="测速小区")
    with connection.cursor() as cursor, joined_by_hash(cursor):  # statistics know nothing of an office just opened
        cursor.execute(
            _BOOKS,
            {
                "office": office.pk,
                "community": community.pk,
                "rooms": rooms,
                "quarters": quarters,
                "surnames": _SURNAMES,
                "given": _GIVEN,
            },
        )
    return community
