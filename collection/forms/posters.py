"""Forms of the notice board: a new 温馨提示, its posting with the photo, its take-down."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.queries.responsibilities import Building
from collection.rules.posters import DAYS_UP, LOCATION, WORDS, building_words


class PosterForm(forms.Form):
    """For which building, what it says, where and until when it hangs."""

    building = forms.ChoiceField(label=_("楼栋"))
    location = forms.CharField(label=_("张贴位置"), max_length=60)
    words = forms.CharField(
        label=_("内容"),
        max_length=400,
        widget=forms.Textarea,
        help_text=_("面向全楼的友好提醒，不写姓名、房号、手机号和金额。抬头、联系方式和落款按办公室设置印出。"),
    )
    take_down_on = forms.DateField(label=_("应取下日期"), help_text=_("可张贴至当日，次日起算逾期未取。"))

    def __init__(self, data: Any = None, *, buildings: list[Building], today: date) -> None:
        super().__init__(
            data,
            initial={"location": LOCATION, "words": WORDS, "take_down_on": today + timedelta(days=DAYS_UP)},
        )
        self.places = {f"{each.community_id}|{each.building}": each for each in buildings}
        self.fields["building"].choices = [  # type: ignore[attr-defined]
            (key, f"{each.community} {building_words(each.building)}") for key, each in self.places.items()
        ]

    def place(self) -> Building:
        """The chosen building."""
        return self.places[self.cleaned_data["building"]]


class PostingForm(forms.Form):
    """When it was put up, and the photo of it."""

    photo = forms.FileField(
        label=_("张贴照片"), widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"}),
        help_text=_("拍到张贴的位置和全文。"),
    )  # fmt: skip
    posted_on = forms.DateField(label=_("张贴日期"))


class TakeDownForm(forms.Form):
    """When it was taken down."""

    taken_down_on = forms.DateField(label=_("取下日期"))
