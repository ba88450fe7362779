"""What the API says of cases, contacts, promises and the work list."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from billing.models import Account, Occupant
from collection.models import Case, Contact, Promise, Skip, Sweep
from collection.rules import outcomes
from collection.rules.decide import WORDS


class CaseSerializer(serializers.ModelSerializer[Case]):
    """A case with its household and, when the last sweep passed it over, the reason."""

    room = serializers.StringRelatedField(source="account.room", read_only=True)  # type: ignore[var-annotated]
    owner = serializers.CharField(source="account.owner.name", read_only=True)
    assignee = serializers.StringRelatedField(read_only=True)  # type: ignore[var-annotated]
    last_skip = serializers.SerializerMethodField()

    class Meta:
        model = Case
        fields = [
            "id",
            "account",
            "room",
            "owner",
            "cycle",
            "state",
            "opened_on",
            "closed_on",
            "tier",
            "tier_reason",
            "reached",
            "reached_on",
            "letter_deadline_on",
            "next_action_on",
            "assignee",
            "last_skip",
        ]

    def get_last_skip(self, case: Case) -> dict[str, Any] | None:
        """Code, words and day of the newest reason; `WORDS` lists the codes."""
        skip: Skip | None = next(iter(case.latest_skip), None)  # type: ignore[attr-defined]
        if skip is None:
            return None
        return {"code": skip.code, "words": skip.words, "on": skip.on, "look_again_on": skip.look_again_on}


class ContactSerializer(serializers.ModelSerializer[Contact]):
    """A contact as it stands; never edited."""

    by = serializers.StringRelatedField(read_only=True)  # type: ignore[var-annotated]

    class Meta:
        model = Contact
        fields = [
            "id",
            "account",
            "case",
            "action",
            "channel",
            "spoke_with",
            "outcome",
            "reached",
            "at",
            "by",
            "owner_words",
            "explanation",
            "note",
            "next_on",
            "corrects",
        ]


class RecordSerializer(serializers.Serializer[Any]):
    """A contact to be recorded. Which fields are needed depends on the outcome."""

    account = serializers.IntegerField()
    channel = serializers.ChoiceField(choices=Contact.Channel.choices)
    outcome = serializers.ChoiceField(choices=[(o.code, o.label) for o in outcomes.OUTCOMES])
    owner_words = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    explanation = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    reference = serializers.CharField(required=False, allow_blank=True, max_length=200)
    next_on = serializers.DateField(required=False, allow_null=True)
    promised_on = serializers.DateField(required=False, allow_null=True)
    promise_amount = serializers.DecimalField(required=False, allow_null=True, max_digits=14, decimal_places=2)
    phone_tail = serializers.CharField(required=False, allow_blank=True, max_length=4)
    spoke_with = serializers.PrimaryKeyRelatedField(queryset=Occupant.objects, required=False, allow_null=True)
    idempotency_key = serializers.CharField(required=False, allow_blank=True, max_length=64)

    def validate_account(self, value: int) -> Account:
        """Only this office's accounts exist."""
        account = Account.objects.filter(pk=value).first()
        if account is None:
            raise serializers.ValidationError("没有这一户。", code="does_not_exist")
        return account


class PromiseSerializer(serializers.ModelSerializer[Promise]):
    """A promise and what came of it."""

    class Meta:
        model = Promise
        fields = ["id", "account", "contact", "made_on", "promised_on", "amount", "state", "received", "settled_on"]


class SweepSerializer(serializers.ModelSerializer[Sweep]):
    """One run: planned + skipped = eligible."""

    class Meta:
        model = Sweep
        fields = [
            "id",
            "on",
            "state",
            "eligible",
            "planned",
            "skipped",
            "opened",
            "closed",
            "started_at",
            "finished_at",
        ]


class RunSerializer(serializers.Serializer[Any]):
    """Which day to run; today when empty."""

    on = serializers.DateField(required=False)


class FlagSerializer(serializers.Serializer[Any]):
    """A tag beside a household."""

    label = serializers.CharField()
    kind = serializers.CharField()


class WorkItemSerializer(serializers.Serializer[Any]):
    """One household on today's list."""

    account_id = serializers.IntegerField()
    action_id = serializers.IntegerField(allow_null=True)
    case_id = serializers.IntegerField(allow_null=True)
    notice_id = serializers.IntegerField(allow_null=True)
    room = serializers.CharField()
    community = serializers.CharField()
    owner = serializers.CharField()
    group = serializers.CharField()
    kind = serializers.CharField()
    why = serializers.CharField()
    pursuable = serializers.DecimalField(max_digits=14, decimal_places=2)
    periods_owed = serializers.IntegerField()
    tier = serializers.CharField()
    stage = serializers.CharField()
    assignee = serializers.CharField()
    done = serializers.BooleanField()
    flags = FlagSerializer(many=True)


class RemovedSerializer(serializers.Serializer[Any]):
    """A household left out today, and why."""

    account_id = serializers.IntegerField()
    room = serializers.CharField()
    owner = serializers.CharField()
    code = serializers.CharField(help_text=", ".join(WORDS))
    reason = serializers.CharField()


class WorkDaySerializer(serializers.Serializer[Any]):
    """The work list of a day."""

    on = serializers.DateField()
    items = WorkItemSerializer(many=True)
    removed = RemovedSerializer(many=True)
    unclaimed_count = serializers.IntegerField()
    unclaimed_amount = serializers.DecimalField(max_digits=14, decimal_places=2)
