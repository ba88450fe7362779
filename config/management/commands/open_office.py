"""`bin/manage open_office huating 华庭物业服务有限公司 --short 华庭物业 --admin wang`: a new office and its first 管理员."""

from __future__ import annotations

import getpass
import re
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from offices.models import Office
from offices.operations import Refusal
from offices.operations.offices import open_office
from offices.operations.people import add_person
from offices.permissions.table import Role
from offices.scoping import office_scope

SLUG = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")


class Command(BaseCommand):
    """The one thing that no page can do: every page already belongs to an office."""

    help = "Open an office and add its first administrator; everything else is entered on the pages."

    def add_arguments(self, parser: Any) -> None:
        """The password is asked for at the terminal, or read as one line from standard input."""
        parser.add_argument("slug", help="short name for addresses: small letters, digits, hyphens")
        parser.add_argument("name", help="the company's full name, as on its letterhead")
        parser.add_argument("--short", default="", help="how the company signs short messages; default the full name")
        parser.add_argument("--admin", required=True, help="login of the first 管理员")
        parser.add_argument("--admin-name", default="", help="their name; default the login")

    def handle(self, *args: Any, **options: Any) -> None:
        """All or nothing: a refused administrator leaves no office behind."""
        slug, name, login = options["slug"], options["name"].strip(), options["admin"].strip()
        if not SLUG.fullmatch(slug):
            raise CommandError(
                f"简称「{slug}」只能用小写字母、数字和连字符，3 到 40 个字符，以字母开头，例如 huating。"
            )
        if Office.objects.filter(slug=slug).exists():
            raise CommandError(f"简称「{slug}」已有办公室在用，请换一个。")
        password = self._password(login)
        now = timezone.now()
        try:
            with transaction.atomic():
                office = open_office(slug=slug, name=name, short_name=options["short"] or name, by=None, at=now)
                with office_scope(office):
                    add_person(
                        username=login,
                        display_name=options["admin_name"] or login,
                        password=password,
                        role=Role.ADMIN,
                        by=None,
                        at=now,
                    )
        except (Refusal, ValidationError) as error:
            words = error.messages if isinstance(error, ValidationError) else [str(error)]
            raise CommandError(" ".join(words)) from error
        self.stdout.write(f"已开通「{name}」。请用登录名 {login} 登录，在「设置」中填写抬头、收款账户、小区和人员。")

    def _password(self, login: str) -> str:
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\n")
        first = getpass.getpass(f"{login} 的密码：")
        if getpass.getpass("再输入一次：") != first:
            raise CommandError("两次输入的密码不同，请重新运行。")
        return first
