"""TCP ports: the wished one, or the next that is free; remembered so that links keep working."""

import json
import socket
from contextlib import closing

from config.run.places import VAR

_NOTE = VAR / "provider.json"


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of the loopback interface."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(wished: int, *, tries: int = 100) -> int:
    """The wished port or the next free one above it."""
    for port in range(wished, wished + tries):
        if is_free(port):
            return port
    raise OSError(f"No free port between {wished} and {wished + tries - 1}")


def provider_environment(sms: int, smtp: int) -> dict[str, str]:
    """How the house finds the local provider; written down for `bin/manage`."""
    urls = {
        "SMS_URL": f"http://127.0.0.1:{sms}",
        "SMTP_URL": f"smtp://127.0.0.1:{smtp}",
        "WECHAT_URL": f"http://127.0.0.1:{sms}",
        "WECHAT_APP_ID": "wx-local",
        "WECHAT_SECRET": "local-provider",
        "WECHAT_TEMPLATE": "fee-reminder",
        "PUSH_URL": f"http://127.0.0.1:{sms}/push",
        "PUSH_KEY": "local-provider",
        "EMAIL_BOUNCE_KEY": "local-provider",
        "RECEIPTS_TOKEN": "local-provider",
        "PROVIDER_URL": f"http://127.0.0.1:{sms}/",
    }
    _NOTE.write_text(json.dumps(urls))
    return urls


def remembered_provider() -> dict[str, str]:
    """Where the local provider listens, or listened last."""
    return dict(json.loads(_NOTE.read_text())) if _NOTE.exists() else {}
