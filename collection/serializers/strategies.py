"""What the API says of strategies: versions with their steps, what is wrong with a draft, trials and moves of cases."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from arrears.rules.tier import TIERS
from collection.models import Step, Strategy
from collection.operations.strategies import faults_of, words_of
from collection.queries.trials import Line, Trial
from collection.rules import steps as rules
from collection.rules import trial as t
from offices.permissions import Role

_TIERS = [code for code, _label in TIERS]


class StepSerializer(serializers.Serializer[Any]):
    """One step, as it is read and as it is sent. Waits in days, minimum in yuan."""

    position = serializers.IntegerField(read_only=True)
    kind = serializers.ChoiceField(choices=Step.Kind.choices)
    title = serializers.CharField(max_length=40)
    after_days = serializers.IntegerField(min_value=0, max_value=999)
    after_days_urgent = serializers.IntegerField(min_value=0, max_value=999, required=False, allow_null=True)
    counts_from_deadline = serializers.BooleanField(required=False)
    channels = serializers.ListField(child=serializers.CharField(max_length=24), required=False)
    minimum = serializers.DecimalField(max_digits=14, decimal_places=2, required=False)
    role = serializers.ChoiceField(choices=Role.choices, required=False, allow_blank=True)
    approver = serializers.ChoiceField(choices=Role.choices, required=False, allow_blank=True)
    task = serializers.CharField(max_length=200, required=False, allow_blank=True)
    tiers = serializers.ListField(child=serializers.ChoiceField(choices=_TIERS), required=False)
    entry_tiers = serializers.ListField(child=serializers.ChoiceField(choices=_TIERS), required=False)
    template = serializers.CharField(max_length=24, required=False, allow_blank=True)
    script = serializers.CharField(max_length=24, required=False, allow_blank=True)
    weekly_cap = serializers.IntegerField(min_value=1, max_value=99, required=False, allow_null=True)
    deadline_days = serializers.IntegerField(min_value=1, max_value=180, required=False, allow_null=True)


class StepsSerializer(serializers.Serializer[Any]):
    """All steps of a draft in their order; `revision`: the one they were made from, so that nobody is overwritten."""

    steps = StepSerializer(many=True)
    revision = serializers.IntegerField(required=False)

    def rules(self) -> tuple[rules.Step, ...]:
        """The steps as the rules take them."""
        return tuple(
            rules.Step(
                position=number,
                **{name: tuple(value) if isinstance(value, list) else value for name, value in step.items()},
            )
            for number, step in enumerate(self.validated_data["steps"], start=1)
        )


class FaultSerializer(serializers.Serializer[Any]):
    """What keeps a draft from being published: position 0 is the whole strategy."""

    code = serializers.CharField()
    position = serializers.IntegerField()
    words = serializers.CharField()


class StrategySerializer(serializers.ModelSerializer[Strategy]):
    """A version without its steps."""

    published_by = serializers.StringRelatedField(read_only=True)  # type: ignore[var-annotated]
    open_cases = serializers.IntegerField(read_only=True)

    class Meta:
        model = Strategy
        fields = [
            "id",
            "name",
            "version",
            "community",
            "segment",
            "effective_on",
            "ended_on",
            "note",
            "revision",
            "published_at",
            "published_by",
            "open_cases",
        ]


class StrategyDetailSerializer(StrategySerializer):
    """A version with its steps, and while it is a draft with what is wrong with them."""

    steps = StepSerializer(many=True, read_only=True)
    faults = serializers.SerializerMethodField()

    class Meta(StrategySerializer.Meta):
        fields = [*StrategySerializer.Meta.fields, "steps", "faults"]

    def get_faults(self, row: Strategy) -> list[dict[str, Any]]:
        """Code, position and words; empty once it is published."""
        found = faults_of(row) if row.is_draft else ()
        return [{"code": each.code, "position": each.position, "words": words_of(each, row)} for each in found]


class NewDraftSerializer(serializers.Serializer[Any]):
    """A draft: the next version of a name, or a new name; its steps are those of `source`, else of the one in force."""

    name = serializers.CharField(max_length=60)
    source = serializers.IntegerField(required=False, allow_null=True)


class DescribeSerializer(serializers.Serializer[Any]):
    """Whom a draft is for, from when, and what is new."""

    community = serializers.IntegerField(required=False, allow_null=True, default=None)
    segment = serializers.CharField(max_length=24, required=False, allow_blank=True, default="")
    effective_on = serializers.DateField()
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class EndSerializer(serializers.Serializer[Any]):
    """The first day on which no new case begins with the version; today when empty."""

    on = serializers.DateField(required=False)


class MoveSerializer(serializers.Serializer[Any]):
    """Which version's cases come over, and the fingerprint of the preview that was looked at."""

    of = serializers.IntegerField()
    seen = serializers.CharField(max_length=16)


class MovedSerializer(serializers.Serializer[Any]):
    """What a migration came to."""

    moved = serializers.IntegerField()
    taken_back = serializers.IntegerField()
    stayed = serializers.IntegerField()


class OutlookSerializer(serializers.Serializer[Any]):
    """The next step of a case, from which day, and why."""

    title = serializers.CharField()
    kind = serializers.CharField()
    on = serializers.DateField()
    words = serializers.CharField()


class LineSerializer(serializers.Serializer[Any]):
    """One case of a trial."""

    case = serializers.IntegerField(source="case.pk")
    account = serializers.IntegerField(source="case.account_id")
    effect = serializers.ChoiceField(source="move.effect", choices=list(t.EFFECTS.items()))
    fate = serializers.ChoiceField(source="move.fate", choices=list(t.FATES.items()))
    position = serializers.IntegerField(source="move.position")
    before = OutlookSerializer(source="move.before")
    after = OutlookSerializer(source="move.after")


class TrialSerializer(serializers.Serializer[Any]):
    """A trial: how many by effect, its fingerprint, and one page of the cases."""

    looked_at = serializers.IntegerField()
    effects = serializers.DictField(child=serializers.IntegerField())
    moving = serializers.IntegerField()
    staying = serializers.IntegerField()
    fingerprint = serializers.CharField()
    count = serializers.IntegerField()
    results = LineSerializer(many=True)


def trial_answer(found: Trial, lines: list[Line], count: int) -> dict[str, Any]:
    """The trial as `TrialSerializer` takes it."""
    return {
        "looked_at": found.looked_at,
        "effects": found.effects,
        "moving": len(found.moving),
        "staying": len(found.staying),
        "fingerprint": found.fingerprint,
        "count": count,
        "results": lines,
    }
