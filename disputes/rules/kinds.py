"""Why owners object (S74), and what kind of objection stops what (S82, decisions 10)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One cause. `department` is who is asked first (S79); `holds_account` stops formal and final steps of the whole account."""

    code: str
    label: str
    department: str
    holds_account: bool = False


SERVICE = "service"
KINDS: tuple[Kind, ...] = (
    Kind(SERVICE, "物业服务不到位", "工程部", holds_account=True),
    Kind("charge", "收费标准或金额有异议", "财务部"),
    Kind("misunderstanding", "对收费有误解", "客服中心"),
    Kind("legacy", "开发商遗留问题", "工程部"),
    Kind("ownership", "产权或交接争议", "客服中心"),
    Kind("vacancy", "空置或未入住", "客服中心"),
    Kind("other", "其他", "客服中心"),
)
BY_CODE = {kind.code: kind for kind in KINDS}
DEPARTMENTS = ("客服中心", "工程部", "秩序部", "保洁部", "财务部")
FEEDBACK_DAYS = 3  # promised to the owner when intake names no day (S78)
