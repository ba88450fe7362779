"""The texts that every office starts with, until it writes its own (S20, R13). Data; checked by tests like an office's."""

from __future__ import annotations

from collection.rules import reasons
from collection.rules.places import AGAIN, BY_EMAIL, BY_SMS, FIRST, INSTALMENT, PROMISE, TALK, VISIT
from collection.rules.scripts import Text
from collection.rules.shipped_letters import LETTERS

_THANKS = "谢谢您，有变化或需要帮助请拨 {phone}。"


def _talk(tier: str, reason: str, *lines: str, channel: str = "") -> Text:
    return Text(TALK, channel, tier, reason, "\n".join(lines))


_BY_TIER = (
    _talk(
        "slight",
        "",
        "您好，我是{office}的{person}，打扰您一分钟，核对一下{room}的物业费账单。",
        "{periods}的账单还有 {amount} 元未收到，想确认您是否收到了账单。",
        "如果您已经缴过，请告诉我大概日期，我这边马上核对。",
        "最近对服务有什么意见，也请您直接告诉我。",
        "谢谢您，方便时缴纳就好。有事请拨 {phone}。",
    ),
    _talk(
        "moderate",
        "",
        "您好，我是{office}的{person}，想和您核对{room}的物业费。",
        "{periods}共 {amount} 元已过缴费日期，想了解是遇到了困难，还是对账单或服务有疑问。",
        "有疑问我先记录下来，核实后给您答复；有困难可以申请分期。",
        "请问您大概哪一天方便缴纳？我记下来，到期前不再打扰。",
        "感谢您的理解，我记录的是：{amount} 元。有变化请拨 {phone}。",
    ),
    _talk(
        "severe",
        "",
        "您好，我是{office}的{person}，就{room}较长时间未缴的物业费，想听听您的想法。",
        "{periods}累计 {amount} 元，时间已经比较长，我们希望和您商量解决。",
        "请先说说您的原因，我会如实记录；属于服务问题的，先处理服务。",
        "确有困难可以申请分期；如果没有异议，请您给一个缴纳日期，我们也会按合同寄送书面通知。",
        "谢谢您听我说完，今天谈的内容我会记录。有事请拨 {phone}。",
    ),
)
_AT_THE_DOOR = (
    _talk(
        "slight",
        "",
        "您好，我是{office}的{person}，这是我的工牌，耽误您一分钟。",
        "{room}的{periods}物业费账单 {amount} 元还没有收到，给您送一份明细，请您核对。",
        "已经缴过的话请告诉我日期，我回去核对；对服务的意见我现在就记下来。",
        "不方便的话我改天再来，或者您拨 {phone}。",
        channel=VISIT,
    ),
    _talk(
        "moderate",
        "",
        "您好，我是{office}的{person}，这是我的工牌，和同事一起来拜访您。",
        "{room}的{periods}物业费共 {amount} 元已过缴费日期，想当面听听您的想法。",
        "对服务或账单的疑问请先讲，我记下来，核实后答复；有困难可以申请分期。",
        "书面通知请您签收，签收只表示收到，不影响您提出异议。",
        _THANKS,
        channel=VISIT,
    ),
    _talk(
        "severe",
        "",
        "您好，我是{office}的{person}，和同事一起来送达书面通知，这是我们的工牌。",
        "{room}的{periods}物业费累计 {amount} 元，通知书写明了账期、金额、期限和缴费方式，请您核对。",
        "请先说说您的原因，属于服务问题的先处理服务；确有困难可以申请分期。",
        "签收只表示收到，不影响您提出异议；不愿签收也没有关系，我们如实记录。",
        _THANKS,
        channel=VISIT,
    ),
)
_BY_REASON = (
    _talk(
        "",
        reasons.SERVICE,
        "您好，我是{office}的{person}，这次主要是想听听您对{room}服务的意见。",
        "您反映的问题我先记录，再和您核对一遍，看看有没有遗漏。",
        "我会转给负责的部门，并告诉您什么时候答复；问题没有处理好之前，有争议的部分不催。",
        "处理结果出来后我再联系您，{periods}的账单到时一起核对。",
        _THANKS,
    ),
    _talk(
        "",
        reasons.CHARGE,
        "您好，我是{office}的{person}，想和您核对{room}的{periods}账单，一共 {amount} 元。",
        "请您说说哪一项不清楚：单价、面积、账期，还是已经缴过的没有记上。",
        "我把计费依据和明细给您看，您认为不对的地方我记录下来，核实后书面答复。",
        "没有疑问的部分，方便时先缴纳就好。",
        _THANKS,
    ),
    _talk(
        "",
        reasons.VACANCY,
        "您好，我是{office}的{person}，和您核对{room}的{periods}物业费，一共 {amount} 元。",
        "房屋没有入住，公共部位的保洁、秩序和设备维护仍在进行，所以账单照常出。",
        "如果符合本地空置房的规定，可以申请优惠，需要的材料我告诉您，核定后按新的金额算。",
        _THANKS,
    ),
    _talk(
        "",
        reasons.HARDSHIP,
        "您好，我是{office}的{person}，了解到您近来不太宽裕，想和您商量{room}物业费的缴法。",
        "{periods}一共 {amount} 元，可以申请分期：每期缴多少、哪一天缴，由您先提。",
        "申请需要简单的说明材料，只有经办和审批的人能看到。",
        "商量好之后签一份书面协议，按期缴纳就不再打扰您。",
        _THANKS,
    ),
    _talk(
        "",
        reasons.PROMISED,
        "您好，我是{office}的{person}，上次您说安排一下{room}的物业费，想和您核对一下。",
        "{periods}还有 {amount} 元没有查到到账，如果已经转账，请告诉我日期和户名，我马上核对。",
        "如果情况有变化，您看改到哪一天合适，或者分几次缴？我重新记下来。",
        _THANKS,
    ),
    _talk(
        "",
        reasons.HANDOVER,
        "您好，我是{office}的{person}，想和您核对{room}的交付和产权情况。",
        "请问是哪一天收的房、合同上写的是谁？相关材料发给我，我来核对该由谁承担。",
        "核清楚之前，有疑问的部分先不催；没有疑问的账期麻烦您看一下。",
        _THANKS,
    ),
    _talk(
        "",
        reasons.NO_CONTACT,
        "您好，我是{office}的{person}，请问是{room}的业主本人吗？",
        "（不是本人：说明打错了，道歉后结束，不谈任何费用，也不请对方转告。）",
        "（是本人：）之前没能联系上您，先核对一下您常用的电话和地址，方便以后送账单。",
        "{periods}的账单一共 {amount} 元，您看是不是没有收到？",
        _THANKS,
    ),
    _talk(
        "",
        reasons.OWNER_CHANGED,
        "您好，我是{office}的{person}，想和您核对{room}转让前的物业费。",
        "{periods}一共 {amount} 元，是您名下那段时间的账单。过户时有没有约定由谁结清？",
        "有约定的话请把那一页发给我，我按约定核对；没有约定的，和您商量怎么结。",
        _THANKS,
    ),
    _talk(
        "",
        reasons.DEVELOPER,
        "您好，我是{office}的{person}，就{room}的物业费与贵方核对。",
        "{periods}一共 {amount} 元，按交付日期应由建设单位承担，请核对交付清单。",
        "有出入的房号请列出来，我们逐套核对后再出账单。",
        _THANKS,
    ),
    _talk(
        "moderate",
        reasons.REFUSES,
        "您好，我是{office}的{person}，上次您说不打算缴，想再听听您的理由。",
        "请您先讲，我如实记录；属于服务或账单的问题，我们先核实再答复。",
        "{periods}共 {amount} 元，合同约定了缴费日期，我把账单和服务记录给您看。",
        "如果没有具体的问题，也请您给一个日期；之后我们会按流程送达书面通知。",
        _THANKS,
    ),
    _talk(
        "severe",
        reasons.REFUSES,
        "您好，我是{office}的{person}，就{room}的物业费再和您沟通一次。",
        "{periods}累计 {amount} 元，书面通知和账单您是否收到？有异议请现在提出，我如实记录并核实。",
        "如果没有异议，请在通知书写明的期限内缴纳；超过期限，我们会依法走后面的程序，通知书上都写着。",
        "调解、分期随时可以申请，我帮您办。",
        _THANKS,
    ),
    _talk(
        "",
        reasons.LEGAL,
        "您好，我是{office}的{person}。{room}的物业费已经转给专人处理。",
        "愿意协商的话我可以转达，分期和调解仍然可以申请；具体的程序问题请联系经办人。",
        _THANKS,
    ),
)
# Reminders are neutral bill notices. No link and no phone of the owner; 「如已缴费请忽略」 always (S34).
_REMINDERS = (
    Text(
        FIRST,
        BY_SMS,
        "",
        "",
        "尊敬的业主，您在{community}{room}的{periods}物业费账单{amount}元待缴，缴费日期为{due_on}。"
        "可到物业前台或转账缴纳，如已缴费请忽略。咨询电话{phone}。",
    ),
    Text(
        AGAIN,
        BY_SMS,
        "",
        "",
        "尊敬的业主，提醒您{community}{room}的{periods}物业费账单{amount}元尚待缴纳。"
        "如有疑问或困难欢迎联系我们，如已缴费请忽略。咨询电话{phone}。",
    ),
    Text(
        PROMISE,
        BY_SMS,
        "",
        "",
        "尊敬的业主，您好。您约定{promised_on}缴纳{community}{room}的物业费{promised}元，特此提示。"
        "如有变化欢迎联系我们，如已缴费请忽略。咨询电话{phone}。",
    ),
    Text(
        INSTALMENT,
        BY_SMS,
        "",
        "",
        "尊敬的业主，您好。您约定{promised_on}缴纳{community}{room}的物业费（{instalment}），尚需{promised}元，特此提示。"
        "如有困难欢迎提前联系我们，如已缴费请忽略。咨询电话{phone}。",
    ),
)
_BODY = """尊敬的业主：

您好！{community}{room}的{periods}物业费账单共 {amount} 元待缴，最早一期的缴费日期为 {due_on}。

缴费方式：
{ways}

如果您已经缴费，请忽略本提醒，到账核对需要一至三个工作日。
如果您对账单或服务有疑问，或者目前有困难，欢迎联系我们，我们会认真核实并尽快答复您。

物业联系人：{person}  电话：{phone}

{office}
"""
_PROMISED_BODY = """尊敬的业主：

您好！您约定 {promised_on} 缴纳{community}{room}的物业费 {promised} 元，特此提示。

缴费方式：
{ways}

如果您已经缴费，请忽略本提醒。如果情况有变化，欢迎联系我们另行商量。

物业联系人：{person}  电话：{phone}

{office}
"""
_INSTALMENT_BODY = """尊敬的业主：

您好！按照分期协议，{community}{room}的物业费分期{instalment}约定 {promised_on} 缴纳，尚需 {promised} 元，特此提示。

缴费方式：
{ways}

如果您已经缴费，请忽略本提醒。如果按期缴纳有困难，欢迎提前联系我们商量。

物业联系人：{person}  电话：{phone}

{office}
"""
_MAILS = tuple(
    Text(use, BY_EMAIL, "", "", body, "{community}{room}" + subject)
    for use, body, subject in (
        (FIRST, _BODY, "物业费账单提醒"),
        (AGAIN, _BODY, "物业费账单提醒"),
        (PROMISE, _PROMISED_BODY, "物业费缴费提示"),
        (INSTALMENT, _INSTALMENT_BODY, "物业费分期提示"),
    )
)
SHIPPED: tuple[Text, ...] = (*_BY_TIER, *_AT_THE_DOOR, *_BY_REASON, *_REMINDERS, *_MAILS, *LETTERS)
