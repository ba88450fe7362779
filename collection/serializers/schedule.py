"""What the API says of the timetable and of who has how much to do."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class AskedSerializer(serializers.Serializer[Any]):
    """The days asked for, at most a hundred; whose work, and where."""

    first = serializers.DateField()
    last = serializers.DateField()
    who = serializers.IntegerField(required=False)
    community = serializers.IntegerField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A span that ends before it begins, or is longer than a hundred days, is refused."""
        if not 0 <= (attrs["last"] - attrs["first"]).days <= 100:
            raise serializers.ValidationError({"last": "结束日期须在开始日期之后，最多一百天。"})
        return attrs


class EntrySerializer(serializers.Serializer[Any]):
    """One open task, planned next step or promised date. `late_days`: working days overdue."""

    day = serializers.DateField()
    kind = serializers.CharField(help_text="task, plan, promise")
    step_kind = serializers.CharField()
    title = serializers.CharField()
    account_id = serializers.IntegerField()
    room = serializers.CharField()
    community = serializers.CharField()
    owner = serializers.CharField()
    person_id = serializers.IntegerField(allow_null=True)
    person = serializers.CharField()
    late_days = serializers.IntegerField()


class ComingSerializer(serializers.Serializer[Any]):
    """One coming step of a case; `on` null: it cannot be dated yet."""

    position = serializers.IntegerField(source="step.position")
    kind = serializers.CharField(source="step.kind")
    title = serializers.CharField(source="step.title")
    on = serializers.DateField(allow_null=True)
    is_open = serializers.BooleanField()
    deadline_on = serializers.DateField(allow_null=True)
    rests_on = serializers.ListField(child=serializers.CharField())


class TimetableSerializer(serializers.Serializer[Any]):
    """The coming steps of a case and what their dates rest on."""

    responsible = serializers.CharField()
    assumptions = serializers.ListField(child=serializers.CharField())
    holds = serializers.ListField(child=serializers.CharField())
    coming = serializers.SerializerMethodField()

    def get_coming(self, found: Any) -> list[dict[str, Any]]:
        """Each step with who does it."""
        return [{**ComingSerializer(each).data, "person": who} for each, who in found.coming]


class LoadSerializer(serializers.Serializer[Any]):
    """Open tasks of one person: overdue, reported to the supervisor, today, until Sunday."""

    person_id = serializers.IntegerField(allow_null=True)
    person = serializers.CharField()
    role = serializers.CharField()
    cases = serializers.IntegerField()
    late = serializers.IntegerField()
    raised = serializers.IntegerField()
    today = serializers.IntegerField()
    week = serializers.IntegerField()
    away_until = serializers.DateField(allow_null=True)
    stand_in = serializers.CharField()
