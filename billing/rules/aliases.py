"""The headings seen in real exports and what each kind of file must have (domain 5.1): the dictionary, no code."""

from __future__ import annotations

_PLACE = {
    "community": "小区 项目 小区名称 项目名称 组团区域 楼盘",
    "building": "楼栋 楼号 栋号 楼栋号 楼栋编号 栋编号 楼幢 幢号 楼宇 座号",
    "unit": "单元 单元号 单元编号 单元名称 门洞",
    "number": "房号 房间号 室号 房屋号 门牌号 户号",
    "room": "资源编码 资源编号 房屋编码 房屋编号 "
    "房产编码 房间编码 房间编号 房间 房产 收费资源编码 客户资源编码 房屋 地址 房屋地址 "
    "房屋信息 客户备注 housecode room",
    "owner": "业主姓名 客户姓名 业主名称 客户名称 姓名 住户姓名 欠费人姓名 业主 户主 owner",
    "phone": "联系电话 手机号 手机号码 电话 客户电话 业主电话 联系方式 手机 移动电话 phone mobile",
}
ALIASES: dict[str, dict[str, str]] = {
    "register": _PLACE
    | {
        "phone2": "备用电话 reservephone 其他电话 紧急联系电话 电话2 备用手机",
        "wechat": "微信号 微信 wechat",
        "email": "邮箱 电子邮箱 电子邮件 email 邮件",
        "area": "建筑面积 计费面积 收费面积 套内面积 面积 房屋面积",
        "residence": "入住状态 房屋状态 居住状态 使用状态 入住情况",
        "handed_over_on": "交付日期 交房日期 收房日期 入住日期 交付时间",
        "address": "邮寄地址 通讯地址 送达地址 联系地址",
    },
    "bills": _PLACE
    | {
        "fee_item": "收费项目 费项 费用项目 费用类型 "
        "费用名称 费用科目 收费科目 费种 应收项目 欠费项目 费用项 收费项目名称",
        "period": "账期 账单周期 费用年月 缴费周期 欠费期间 计费周期 所属期间 费用期间 欠费周期 月份",
        "period_start": "计费起始日期 费用开始日期 欠费起始月 开始时间 "
        "费用开始时间 开始日期 起始日期 计费开始日期 起始月份",
        "period_end": "计费截止日期 费用结束日期 欠费截止月 结束时间 "
        "费用结束时间 结束日期 截止日期 计费结束日期 截止月份",
        "due_on": "缴费截止日期 应缴日期 应收日期 截缴日期 最晚缴费日期 到期日 缴费期限",
        "receivable": "应收金额 应缴金额 应收 费用合计 应缴总额 本期应收 账单金额 金额 缴费合计 应收合计",
        "received": "实收金额 实缴金额 已缴金额 已收金额 已收 实收 回款 回款金额 已缴",
        "waived": "减免 减免金额 优惠金额 折扣 已减免 优惠",
        "arrears": "欠费金额 未收金额 未缴金额 应收未收 欠缴金额 欠费余额 欠费合计 未收 欠费 尚欠金额 合计欠费 合计",
        "prior_arrears": "往年欠费 上年欠费 历年欠费 以前年度欠费 历史欠费 往月欠费合计",
        "prepaid": "预存 预交冲抵 上年预收今年 预收 预存抵扣 预存冲抵 预交",
        "late_charge": "滞纳金 违约金",
        "collected": "是否回款 缴费状态 当前状态 收费状态 欠费状态 是否已缴",
        "debtor": "欠费主体",
        "price": "单价 收费标准 计费单价",
        "quantity": "用量 上期读数 本期读数",
        "ageing": "账龄天数 欠费天数 逾期天数 欠费时长",
        "remark": "备注 说明 备注说明",
        "area": "建筑面积 计费面积 收费面积 套内面积 面积",
    },
    "bank": {
        "on": "交易日期 记账日期 记账日 会计日期 入账日期 日期 到账日期 交易日",
        "time": "交易时间 记账时间 时间",
        "income": "记账金额收入 收入 贷方发生额 贷方金额 收入金额 贷方 贷方发生额收入 转入金额 存入 贷 存入金额",
        "expense": "记账金额支出 支出 借方发生额 借方金额 支出金额 借方 借方发生额支出 转出金额 支取 借",
        "amount": "交易金额 金额 发生额",
        "direction": "借贷 收支 借贷标志 借贷方向 收支标志 收付标志 交易方向",
        "balance": "余额 账户余额 本次余额 当前余额",
        "payer": "对方户名 对方账户名 对方名称 对手信息 对方账户名称 付款人 付款人名称 对方单位名称",
        "payer_account": "对方账户 对方账号 对方卡号账号 付款账号 付款人账号 对方卡号",
        "memo": "附言 交易附言 交易详情 用途 备注 留言",
        "summary": "摘要 交易摘要 交易名称 交易类型",
        "serial": "流水号 日志号 凭证号 交易流水号 业务流水号 交易单号 序列号",
    },
}
# one of each group must be there; the words say what to do when it is not
REQUIRED: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "register": (
        (("number", "room"), "没有找到房号列。请在表头写明「房号」，或「楼栋」「单元」「房号」三列。"),
        (("owner",), "没有找到业主姓名列。请在表头写明「业主姓名」。"),
    ),
    "bills": (
        (("number", "room"), "没有找到房号列。请在表头写明「房号」，或「楼栋」「单元」「房号」三列。"),
        (("receivable", "arrears"), "没有找到金额列。请在表头写明「应收金额」或「欠费金额」。"),
        (
            ("period", "period_start"),
            "没有找到账期。请在表头写明「账期」，或「计费起始日期」「计费截止日期」；整张表同一账期的，也可写在标题或工作表名里，例如 2024年1月。",
        ),
    ),
    "bank": (
        (("on",), "没有找到交易日期列。请上传银行导出的原始明细，不要删除表头。"),
        (("income", "amount"), "没有找到收入金额列。请上传银行导出的原始明细，不要删除表头。"),
    ),
}
LABELS: dict[str, str] = {
    "community": "小区",
    "building": "楼栋",
    "unit": "单元",
    "number": "房号",
    "room": "房屋",
    "owner": "业主姓名",
    "phone": "联系电话",
    "phone2": "备用电话",
    "wechat": "微信",
    "email": "邮箱",
    "area": "建筑面积",
    "residence": "入住状态",
    "handed_over_on": "交付日期",
    "address": "邮寄地址",
    "fee_item": "收费项目",
    "period": "账期",
    "period_start": "账期起",
    "period_end": "账期止",
    "due_on": "缴费截止日",
    "receivable": "应收",
    "received": "已收",
    "waived": "减免",
    "arrears": "欠费",
    "prior_arrears": "往年欠费",
    "prepaid": "预存抵扣",
    "late_charge": "违约金（不导入）",
    "debtor": "欠费主体",
    "price": "单价（不导入）",
    "quantity": "用量（不导入）",
    "ageing": "账龄（不导入）",
    "collected": "是否已缴",
    "remark": "备注",
    "on": "到账日",
    "time": "时间",
    "income": "收入",
    "expense": "支出",
    "amount": "金额",
    "direction": "借贷",
    "balance": "余额",
    "payer": "付款人",
    "payer_account": "付款账号",
    "memo": "附言",
    "summary": "摘要",
    "serial": "流水号",
}
