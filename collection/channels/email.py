"""E-mail by SMTP. At most once: nobody can be asked what became of a mail, so an unclear end stays unclear.

A mail server that takes a mail and cannot hand it on writes to the sender; whatever reads that mailbox (the relay's own
bounce hook, a sieve script) reports it here as a signed call with the mail's Message-ID. Mail is never reported delivered.
"""

from __future__ import annotations

import re
import smtplib

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from collection.channels.base import Call, Delivery, Fate, Heard, Outcome, Outgoing, Receipt, Sent
from collection.channels.http import objects, prove

_NO_MAILBOX = re.compile(r"\b5\.1\.(?:1|2|3|6|10)\b")
"""RFC 3463 and 7505: no such mailbox, no such domain, not an address, moved away, a domain without mail."""


class EmailChannel:
    """One connection per message; the Message-ID is the same at every attempt, so a mail box can drop a double."""

    can_be_asked = can_report = False

    def is_set_up(self) -> bool:
        """There is always a mail server, by default that of this machine."""
        return True

    def send(self, message: Outgoing) -> Receipt:
        """Not connected or refused by the server: LATER or REFUSED; broken off in between: UNKNOWN."""
        domain = message.sender.rpartition("@")[2] or "shoujiaotai.example"
        message_id = f"<{message.key}@{domain}>"
        mail = EmailMessage(
            subject=message.subject,
            body=message.body,
            from_email=message.sender,
            to=[message.recipient],
            headers={
                "Message-ID": message_id,
                "X-Office-Id": str(message.office_id),
                "Auto-Submitted": "auto-generated",
            },
        )
        connection = get_connection()
        try:
            connection.open()
        except (OSError, smtplib.SMTPException) as error:
            return Receipt(Outcome.LATER, error=_short(error))
        try:
            mail.connection = connection
            mail.send()
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused) as error:
            is_gone = isinstance(error, smtplib.SMTPRecipientsRefused) and bool(_NO_MAILBOX.search(str(error)))
            return Receipt(Outcome.REFUSED, error=_short(error), is_gone=is_gone)
        except smtplib.SMTPResponseException as error:
            permanent = 500 <= error.smtp_code < 600
            return Receipt(Outcome.REFUSED if permanent else Outcome.LATER, error=_short(error))
        except (OSError, smtplib.SMTPException) as error:
            return Receipt(Outcome.UNKNOWN, error=_short(error))
        finally:
            _close(connection)
        return Receipt(Outcome.ACCEPTED, ref=message_id)

    def ask(self, key: str) -> Receipt | None:
        """Nobody can be asked."""
        return Receipt(Outcome.UNKNOWN, error="邮件无法查询结果")

    def fate(self, sent: Sent) -> Delivery | None:
        """Nobody can be asked."""
        return None

    def hear(self, call: Call) -> Heard:
        """[{"message_id": "<our key@our domain>", "status": "5.1.1", "message": …}], signed; 4.x.x is only a delay."""
        prove(call, settings.EMAIL_BOUNCE_KEY)
        found = []
        for each in objects(call.body):
            name = re.fullmatch(r"<(\d+-\d+)@[^>]+>", str(each.get("message_id", "")))
            status = str(each.get("status", ""))
            if name and status.startswith("5"):
                words = f"邮件被退回（{status}）{each.get('message', '')}"
                found.append(Delivery(Fate.BOUNCED, key=name[1], error=words, is_gone=bool(_NO_MAILBOX.search(status))))
        return Heard(tuple(found), '{"code": "OK"}')


def _close(connection: object) -> None:
    try:
        connection.close()  # type: ignore[attr-defined]
    except (OSError, smtplib.SMTPException):
        return


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
