"""Who works where in the demo. All people, companies and numbers are invented."""

from dataclasses import dataclass, field
from typing import Any

from offices.permissions.table import Role


@dataclass(frozen=True, slots=True)
class Cast:
    """One office of the demo: its name, its people by login, and what its 管理员 fills in on the first day."""

    slug: str
    name: str
    short_name: str
    people: tuple[tuple[str, str, Role], ...]
    settings: dict[str, Any] = field(default_factory=dict)
    guests: tuple[tuple[str, Role], ...] = ()  # people of another office who work here too


HUATING = Cast(
    slug="huating",
    name="华庭物业服务有限公司",
    short_name="华庭物业",
    people=(
        ("collector", "周敏", Role.COLLECTOR),
        ("collector2", "吴志强", Role.COLLECTOR),
        ("supervisor", "林晓燕", Role.SUPERVISOR),
        ("finance", "孙丽华", Role.FINANCE),
        ("manager", "赵建国", Role.MANAGER),
        ("legal", "何律", Role.LEGAL),
        ("admin", "郑凯", Role.ADMIN),
    ),
    settings={
        "letterhead": "华庭物业服务有限公司",
        "notice_prefix": "华物催",
        "contact_person": "周敏",
        "contact_phone": "0512-5550 1200",
        "address": "华庭苑 1 栋 1 楼物业服务中心",
        "office_hours": "每日 8:30—18:00",
        "payee_name": "华庭物业服务有限公司",
        "payee_bank": "演示银行华庭支行",
        "payee_account": "3205 0000 8888 1200",
        "email_from": "service@huating.example",
    },
)
CUIHU = Cast(
    slug="cuihu",
    name="翠湖物业服务有限公司",
    short_name="翠湖物业",
    people=(
        ("cuihu-collector", "唐静", Role.COLLECTOR),
        ("cuihu-finance", "马超", Role.FINANCE),
        ("cuihu-manager", "冯雪", Role.MANAGER),
        ("cuihu-admin", "邓涛", Role.ADMIN),
    ),
    settings={
        "letterhead": "翠湖物业服务有限公司",
        "notice_prefix": "翠物催",
        "contact_person": "唐静",
        "contact_phone": "0571-5550 3300",
        "address": "翠湖湾南门物业服务中心",
        "payee_name": "翠湖物业服务有限公司",
        "payee_bank": "演示银行翠湖支行",
        "payee_account": "3301 0000 6666 3300",
        "email_from": "service@cuihu.example",
    },
    guests=(("legal", Role.LEGAL), ("supervisor", Role.SUPERVISOR)),
)
OFFICES = (HUATING, CUIHU)

OWNER_WORDS = {
    "refused": ("物业什么都没做，我为什么要交。", "房子是给父母买的，不常住，不想交全款。", "等你们把楼道灯修好再说。"),
    "instalments": ("最近失业，一次拿不出这么多，能不能分几个月交？", "孩子住院刚花了不少钱，想分两次缴。"),
    "disputed": ("去年电梯停了一个多月，这段时间的物业费不该收全额。",),
}
EXPLANATIONS = (
    "已说明欠费期间与金额，介绍了三种缴费方式。",
    "核对了收费标准与建筑面积，业主表示知道了。",
    "说明了物业费的用途与公示地点，语气平和。",
)
REFERENCES = ("手机银行转账，流水号尾号 7731", "微信支付，业主已发截图", "ATM 转账，回单在前台")
