"""The letters' words that every office starts with; `templates/letters/` prints the same, and a test compares them. Data."""

from __future__ import annotations

from collection.rules.places import BY_PAPER, FINAL_LETTER, FORMAL_LETTER
from collection.rules.scripts import Text

_FORMAL = """感谢您一直以来对物业服务工作的理解与支持。经核对，截至{as_of}，您名下上述房屋{area}有以下{count}笔费用逾期未缴，现书面通知如下：
{bills}
请您于{deadline}前（含当日）缴清上述款项{contested}。如您在收到本通知前已经缴费，请忽略本通知，或致电我们核对。
# 一、缴费方式
{ways}
# 二、如有疑问或困难
对金额或物业服务有异议的，请在上述期限内致电或到服务中心提出，我们将登记核实并书面答复；异议处理期间，无异议的部分仍请按期缴纳。确有经济困难的，可以申请分期缴纳，经核实后与我们签订书面协议。
# 三、逾期未缴的后续措施
逾期仍未缴清、也未与我们联系的，我们将依照{laws}等规定，视情况依法采取以下一项或多项措施：{measures}
特此通知，感谢您的理解和配合。"""
_FINAL = """我单位已于{earlier_served}向您送达《{earlier_title}》（{earlier_number}），请您于{earlier_deadline}前缴清欠费。该期限现已届满。截至{as_of}，您名下上述房屋{area}仍有以下{count}笔费用未缴：
{bills}
现最后一次书面通知您：请于{deadline}前（含当日）缴清上述款项{contested}。收到本通知前已经缴费的，请忽略本通知，或致电我们核对。
# 一、法律依据
{law_texts}
# 二、逾期不缴的法律后果
期限届满仍未缴清的，我单位将依法采取包括但不限于以下措施：{measures}届时除应付的费用外，您还可能依法承担案件受理费等费用；判决、支付令生效后仍不履行的，我单位可以依法申请人民法院执行，并由您加倍支付迟延履行期间的债务利息。相关规定：{consequences}。
# 三、缴费方式
{ways}
# 四、协商渠道
对金额或物业服务有异议，或者确有经济困难需要分期缴纳的，请在上述期限内与我们联系，我们将登记核实并书面答复。我们仍愿意与您协商解决。
特此通知。"""
LETTERS: tuple[Text, ...] = (
    Text(FORMAL_LETTER, BY_PAPER, "", "", _FORMAL),
    Text(FINAL_LETTER, BY_PAPER, "", "", _FINAL),
)
