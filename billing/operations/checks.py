"""The five items of S4 as one expression over the judged rows, so that they cost no statement of their own."""

from __future__ import annotations

from collections.abc import Sequence

from billing.rules.checks import DOUBT, ITEMS, MISSING, OK, Item

# What else says that an item is not there, besides the row's reasons. `t` is the judged row.
_GIVEN: dict[str, str] = {
    "name": "cardinality(t.names) > 0",
    "room": "t.room_id IS NOT NULL",
    "contact": "reach.is_known",
}
_CERTAIN: dict[str, str] = {"contact": "reach.is_usable"}

# To be joined to the judged rows: whether the people of the account can be reached. A dead number is worth a look.
REACH = """
LEFT JOIN (
  SELECT p.account_id, true AS is_known, bool_or(c.state IN ('unverified', 'good')) AS is_usable
  FROM (
    SELECT office_id, id AS account_id, owner_id FROM billing_account
    UNION ALL SELECT office_id, account_id, owner_id FROM billing_coowner
  ) p
  JOIN billing_contactpoint c ON c.office_id = p.office_id AND c.owner_id = p.owner_id
  WHERE p.office_id = %(office)s AND p.account_id IN (SELECT account_id FROM import_staged)
  GROUP BY p.account_id
) reach ON reach.account_id = t.account_id
CROSS JOIN LATERAL (SELECT CASE WHEN t.reasons = '[]' THEN '{}'::text[]
  ELSE ARRAY(SELECT r->>'code' FROM jsonb_array_elements(t.reasons) r) END AS codes) why
"""


def _codes(codes: Sequence[str]) -> str:
    return "ARRAY[" + ", ".join(f"'{code}'" for code in codes) + "]::text[]"


def _status(item: Item) -> str:
    given, certain = _GIVEN.get(item.name, "true"), _CERTAIN.get(item.name, "true")
    return (
        f"'{item.name}', CASE WHEN ({given}) IS NOT TRUE OR why.codes && {_codes(item.missing)} THEN '{MISSING}' "
        f"WHEN ({certain}) IS NOT TRUE OR why.codes && {_codes(item.doubt)} THEN '{DOUBT}' ELSE '{OK}' END"
    )


_FLAWLESS = " AND ".join([*_GIVEN.values(), *_CERTAIN.values(), "t.reasons = '[]'"])
_ALL_OK = "{" + ", ".join(f'"{item.name}": "{OK}"' for item in ITEMS) + "}"
# Most rows have nothing to say: they get one constant, and only the others have their reasons opened.
_CHECKS = """CASE WHEN t.sort <> 'data' THEN '{{}}' WHEN {flawless} THEN '{all_ok}'::jsonb ELSE (
  SELECT jsonb_build_object({items})
  FROM (SELECT ARRAY(SELECT r->>'code' FROM jsonb_array_elements(t.reasons) r) AS codes) why) END"""
CHECKS = _CHECKS.format(flawless=_FLAWLESS, all_ok=_ALL_OK, items=", ".join(_status(item) for item in ITEMS))
