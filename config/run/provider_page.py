"""The local provider's page: what an owner's phone and mailbox would show."""

from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

_STYLE = """
body{font:15px/1.6 "Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif;margin:0;background:#f3f4f2;color:#1d2327}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 4rem}h1{font-size:1.3rem;margin:0 0 .25rem}p.lead{color:#5a646b;margin:0 0 1.25rem}
article{background:#fff;border:1px solid #dfe3e0;border-radius:.6rem;padding:.75rem 1rem;margin:0 0 .75rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;color:#5a646b;font-size:.85rem}header b{color:#1d2327}
.text{white-space:pre-wrap;overflow-wrap:anywhere;margin:.35rem 0 0}
"""
_CHANNELS = {"sms": "短信", "email": "电子邮件", "wechat": "公众号", "push": "App 推送"}


def _message(item: dict[str, Any]) -> str:
    at = datetime.fromisoformat(item["at"]).astimezone(ZoneInfo("Asia/Shanghai"))
    signature = f"【{item['sign']}】" if item.get("sign") else ""
    subject = f"<b>{escape(item['subject'])}</b>" if item.get("subject") else ""
    attached = "、".join(escape(name) for name in item.get("attachments", []))
    return (
        f"<article><header><span>{_CHANNELS.get(item['channel'], escape(item['channel']))}</span><b>{escape(item['to'])}</b>"
        f"<span>{at:%Y-%m-%d %H:%M:%S}</span><span>{escape(item.get('from') or '')}</span></header>"
        f'{subject}<div class="text">{escape(signature + item["text"])}</div>'
        + (f"<header>附件：{attached}</header>" if attached else "")
        + "</article>"
    )


def page(items: list[dict[str, Any]]) -> str:
    """The whole page, newest message first."""
    messages = "".join(_message(item) for item in items) or "<p>还没有消息到达。</p>"
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>本地通道 · 已到达的消息</title><style>{_STYLE}</style><main><h1>本地通道 · 已到达的消息</h1>"
        f'<p class="lead">演示用：短信网关和邮件服务器都由这个本机程序代替，没有任何消息离开本机。最近 {len(items)} 条。</p>{messages}</main></html>'
    )
