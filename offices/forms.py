"""Forms of the offices app: signing in, settings, people, keys."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from offices.models import OfficeSettings
from offices.permissions import Role


class SignInForm(AuthenticationForm):
    """Name and password, with words that help."""

    error_messages = {
        "invalid_login": _("登录名或密码不正确，请检查后再试。"),
        "inactive": _("此账号已停用，请联系本办公室的管理员。"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("登录名")
        self.fields["password"].label = _("密码")


class SettingsForm(forms.ModelForm):
    """What an office decides for itself. Saved by the operation, never by the form."""

    class Meta:
        model = OfficeSettings
        exclude = ["office", "last_closed_on"]  # noqa: DJ006  every setting but these two is the office's to change
        help_texts = {
            "letterhead": _("印在通知书顶端的红色单位名称。"),
            "notice_prefix": _("字号的前半部分，例如“锦物催”会印成“锦物催〔2026〕1 号”。"),
            "contact_from": _("平台限定在 8:00 至 21:00 之间。"),
            "contact_until": _("到这个时间就不再发送、不再拨打。"),
            "tolerance": _("欠费不超过这个数时不发通知书。"),
            "severe_from_amount": _("不填则只看天数和期数。"),
            "company_severe_after_days": _("公司和建设单位的欠费；不填则与个人相同。"),
            "hardship_never_severe": _("有效期内最高列为中度，优先协商分期。"),
            "high_value_from": _("达到这个数的户标为高额；不填则不标。"),
            "fresh_days": _("小区的账单或银行流水超过这些天没有导入时，只发首次温馨提示；不填则不检查。"),
            "formal_deadline_days": _("从预计送达起算，至少 15 天；已批准的通知书仍以所载日期为准。"),
            "final_deadline_days": _("从预计送达起算，至少 7 天；已批准的通知书仍以所载日期为准。"),
            "late_after_days": _("待办超过这些工作日没有办，就列入主管的今日清单。"),
            "promise_grace_days": _("承诺日期之后再等几天才算失约。"),
            "plan_grace_days": _("到期之后再等几天才算未按期；写在协议上。"),
            "plan_broken_after": _("有这么多期未按期缴纳，协议终止，余款恢复催缴。"),
        }

    def clean(self) -> dict[str, Any]:
        """Only the fields themselves; what may be combined is the operation's to say."""
        return super().clean() or {}

    def values(self) -> dict[str, Any]:
        """What the operation stores."""
        return {name: self.cleaned_data[name] for name in self.fields}


class CommunityForm(forms.Form):
    """A community that the office manages."""

    name = forms.CharField(label=_("小区名称"), max_length=60)
    province = forms.CharField(label=_("省"), max_length=20, required=False)
    city = forms.CharField(label=_("市"), max_length=20, required=False)
    address = forms.CharField(label=_("地址"), max_length=120, required=False)


class WorkingDayForm(forms.Form):
    """One day of the office's own calendar."""

    day = forms.DateField(label=_("日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    is_working = forms.TypedChoiceField(
        label=_("这一天"), choices=[("0", _("放假")), ("1", _("上班"))], coerce=lambda value: value == "1"
    )
    name = forms.CharField(label=_("名称"), max_length=40, help_text=_("例如：春节调休、本公司年会。"))
    source = forms.CharField(label=_("依据"), max_length=60, help_text=_("文件名称或字号，例如：公司通知。"))


class SpanForm(forms.Form):
    """The first and last of the days meant."""

    first = forms.DateField()
    last = forms.DateField()


class HolidayNoticeForm(forms.Form):
    """The State Council's notice of a year, pasted."""

    year = forms.IntegerField(label=_("年份"), min_value=2025, max_value=2100)
    source = forms.CharField(label=_("字号"), max_length=60, help_text=_("例如：国办发明电〔2025〕7号。"))
    text = forms.CharField(
        label=_("通知正文"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("从「一、元旦」到「国庆节」整段粘贴；系统读出每一天，并核对星期和天数。"),
    )


class PersonForm(forms.Form):
    """A new person of the office."""

    display_name = forms.CharField(label=_("姓名"), max_length=40)
    username = forms.RegexField(
        label=_("登录名"),
        regex=r"^[\w.@+-]{3,60}$",
        max_length=60,
        help_text=_("字母、数字或拼音，至少 3 位。"),
        error_messages={"invalid": _("登录名只能用字母、数字、文字和 . @ + - _，至少 3 位。")},
    )
    role = forms.ChoiceField(label=_("角色"), choices=Role.choices)
    password = forms.CharField(
        label=_("初始密码"),
        min_length=8,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("至少 8 位，请本人登录后在「个人设置」中修改。"),
    )


class MemberForm(forms.Form):
    """Role and state of somebody already here."""

    role = forms.ChoiceField(label=_("角色"), choices=Role.choices)
    is_active = forms.BooleanField(label=_("在用"), required=False)
    password = forms.CharField(
        label=_("重设密码"),
        required=False,
        min_length=8,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("不修改就留空。"),
    )


class TokenForm(forms.Form):
    """A key for a program."""

    label = forms.CharField(label=_("用途"), max_length=60, help_text=_("例如：财务系统每晚上传账单。"))


class PreferencesForm(forms.Form):
    """How I am called, and whether single keys act."""

    display_name = forms.CharField(label=_("姓名"), max_length=40)
    single_keys = forms.BooleanField(label=_("使用单键快捷键（j、k、1–8 等）"), required=False)


class PasswordForm(forms.Form):
    """My own password."""

    old = forms.CharField(label=_("原密码"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))
    new = forms.CharField(
        label=_("新密码"),
        min_length=8,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("至少 8 位，不要用常见的密码。"),
    )
