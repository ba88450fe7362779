"""Who pays: a person, a company or the developer (S17). Pure."""

from __future__ import annotations

import re

PERSON, COMPANY, DEVELOPER = "person", "company", "developer"
COMPANY_NAME = (
    r"(公司|集团|企业|工厂|商行|事务所|合作社|银行|支行|学校|医院|委员会|中心|协会|工会|基金会|研究院|酒店|宾馆|超市)$"
)
"""Names of organisations end like this (regular expression, for PostgreSQL and Python alike)."""

_COMPANY = re.compile(COMPANY_NAME)


def payer_type(kind: str, name: str) -> str:
    """Person, company or developer: `kind` as it is registered, a company by the end of its name."""
    if kind == DEVELOPER:
        return DEVELOPER
    return COMPANY if _COMPANY.search(name.strip()) else PERSON
