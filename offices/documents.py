"""What the offices app prints: the table of rights in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from offices.permissions.table import TABLE, Role
from offices.queries import security_events

WORDS: dict[str, Any] = {
    "household.read": _("查看户档案"),
    "phone.reveal": _("查看完整电话（留痕）"),
    "today.read": _("查看今日工作"),
    "contact.record": _("登记沟通结果"),
    "case.assign": _("分派"),
    "promise.read": _("查看承诺"),
    "import.read": _("查看导入记录"),
    "import.upload": _("导入账单与登记表"),
    "import.reverse": _("冲正已使用的导入批次"),
    "import.signoff": _("核对签字"),
    "bank.read": _("查看银行流水"),
    "bank.match": _("认领到账"),
    "bank.close": _("到账日结，并更改已日结的认领"),
    "payment.read": _("查看缴费"),
    "payment.record": _("登记与冲正缴费"),
    "reduction.propose": _("提出减免"),
    "reduction.approve": _("批准减免"),
    "specialcase.read": _("查看特殊情况"),
    "specialcase.open": _("登记特殊情况"),
    "specialcase.close": _("解除特殊情况"),
    "dispute.read": _("查看争议"),
    "dispute.raise": _("登记争议"),
    "dispute.resolve": _("处理争议"),
    "plan.read": _("查看分期"),
    "plan.propose": _("提出分期并上传签字协议"),
    "plan.approve": _("批准与终止分期"),
    "hardship.record": _("登记经济困难"),
    "hardship.verify": _("核实与结束困难认定"),
    "hardship.reveal": _("查看困难情况和证明（留痕）"),
    "arrears.read": _("查看欠费清单"),
    "notice.read": _("查看通知书"),
    "notice.approve": _("批准催缴通知书"),
    "notice.approve_final": _("批准最后通知书"),
    "notice.serve": _("登记送达"),
    "notice.print": _("打印通知书"),
    "run.day": _("运行当日催缴"),
    "ledger.read": _("查看催缴台账"),
    "ledger.export": _("导出台账（留痕）"),
    "dashboard.read": _("查看看板"),
    "script.read": _("查看话术与模板"),
    "script.write": _("编写话术与模板"),
    "sent.read": _("查看已发出的信息"),
    "settings.read": _("查看设置"),
    "settings.write": _("修改设置"),
    "people.manage": _("管理人员与角色"),
    "token.manage": _("管理接口密钥"),
}


def rights() -> list[dict[str, Any]]:
    """One row per right: what it is, and for each role whether it is held, in the order of the roles."""
    return [{"words": WORDS.get(verb, verb), "held": [role in roles for role in Role]} for verb, roles in TABLE.items()]


EVENTS: dict[str, Any] = {
    "office_opened": _("开通办公室"),
    "office_activated": _("启用办公室"),
    "office_deactivated": _("停用办公室"),
    "role_set": _("设置角色"),
    "settings_changed": _("修改设置"),
    "calendar_changed": _("修改节假日"),
    "token_issued": _("生成接口密钥"),
    "token_revoked": _("停用接口密钥"),
    "password_reset": _("重设密码"),
    "password_changed": _("本人修改密码"),
    "phone_revealed": _("查看完整电话"),
    "hardship_revealed": _("查看困难情况"),
    "hardship_ended": _("结束困难认定"),
    "ledger_exported": _("导出台账"),
    "cases_assigned": _("分派催缴案件"),
    "building_assigned": _("设置楼栋负责人"),
    "absence_entered": _("安排代理"),
    "absence_ended": _("结束代理"),
    "strategy_published": _("发布催缴策略"),
}


def events(limit: int) -> list[dict[str, Any]]:
    """The latest entries of the security log, in words."""
    return [
        {
            "at": event.at,
            "what": EVENTS.get(event.kind, event.kind),
            "by": event.by or _("系统"),
            "subject": event.subject,
        }
        for event in security_events(limit)
    ]
