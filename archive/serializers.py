"""What the API says of the ledger, the figures and a household's timeline."""

from __future__ import annotations

from rest_framework import serializers

from arrears.queries.wording import tier_words


class MoneyField(serializers.DecimalField):
    """Yuan with two places."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(max_digits=14, decimal_places=2, **kwargs)


class StandingSerializer(serializers.Serializer):
    """What the ledger says of the debt itself (S94); the whole position is at /accounts/{id}/position/."""

    billed = MoneyField()
    reduced = MoneyField()
    paid = MoneyField()
    open_amount = MoneyField()
    arrears = MoneyField()
    contested = MoneyField()
    under_plan = MoneyField()
    pursuable = MoneyField()
    oldest_due_on = serializers.DateField(allow_null=True)
    days_overdue = serializers.IntegerField()
    bucket = serializers.CharField()
    periods_owed = serializers.IntegerField()
    tier = serializers.CharField()
    tier_reason = serializers.SerializerMethodField()

    def get_tier_reason(self, standing: object) -> str:
        """Why this tier, in the language that is asked for."""
        return tier_words(standing.tier_reason)


class EntrySerializer(serializers.Serializer):
    """The n-th collection event."""

    number = serializers.IntegerField()
    at = serializers.DateTimeField()
    method = serializers.CharField()
    content = serializers.CharField()
    response = serializers.CharField()
    result = serializers.CharField()
    operator = serializers.CharField()


class LedgerRowSerializer(serializers.Serializer):
    """One household of the ledger; phone numbers are not handed out here."""

    account_id = serializers.IntegerField()
    community = serializers.CharField()
    room = serializers.CharField()
    owner = serializers.CharField()
    residence = serializers.CharField()
    position = StandingSerializer()
    stage = serializers.CharField()
    assignee = serializers.CharField()
    entries = serializers.IntegerField()
    last = EntrySerializer(allow_null=True)
    promised_on = serializers.DateField(allow_null=True)
    promised_amount = MoneyField(allow_null=True)
    next_on = serializers.DateField(allow_null=True)
    next_step = serializers.CharField()


class LedgerTotalsSerializer(serializers.Serializer):
    """Sums over all rows."""

    households = serializers.IntegerField()
    billed = MoneyField()
    reduced = MoneyField()
    paid = MoneyField()
    arrears = MoneyField()
    pursuable = MoneyField()


class LedgerSerializer(serializers.Serializer):
    """A page of the ledger."""

    on = serializers.DateField()
    count = serializers.IntegerField()
    totals = LedgerTotalsSerializer()
    results = LedgerRowSerializer(many=True)


class FigureSerializer(serializers.Serializer):
    """One figure with its definition; a rate without a denominator is null."""

    code = serializers.CharField()
    name = serializers.CharField()
    definition = serializers.CharField()
    value = serializers.CharField(allow_null=True)


class FiguresSerializer(serializers.Serializer):
    """The figures as of a day."""

    on = serializers.DateField()
    year = serializers.IntegerField(allow_null=True)
    figures = FigureSerializer(many=True)


class EventSerializer(serializers.Serializer):
    """One entry of a household's timeline."""

    at = serializers.DateTimeField()
    kind = serializers.CharField()
    title = serializers.CharField()
    by = serializers.CharField()
    lines = serializers.ListField(child=serializers.CharField())
