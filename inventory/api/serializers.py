"""JSON of patents and dossiers. Secrets are left out for readers without the right to them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from inventory import permissions
from inventory.dossier_fields import CONTACT, CONTENT_FIELDS
from inventory.models import Dossier, IntentMark, Patent, PatentHolder, PatentInventor, StatusMark
from inventory.numbers import NumberProblem, parse_application_number
from portal.access import membership_of

STATUS_FIELDS = (
    "level1",
    "level2",
    "wording",
    "amount",
    "product_name",
    "report_result",
    "remark",
)


class HolderSerializer(serializers.ModelSerializer[PatentHolder]):
    class Meta:
        model = PatentHolder
        fields = ("position", "name", "organisation")


class InventorSerializer(serializers.ModelSerializer[PatentInventor]):
    class Meta:
        model = PatentInventor
        fields = ("position", "name")


class PatentSerializer(serializers.ModelSerializer[Patent]):
    """A patent as the register knows it."""

    number = serializers.CharField(read_only=True)
    holders = HolderSerializer(many=True, read_only=True)
    inventors = InventorSerializer(many=True, read_only=True)

    class Meta:
        model = Patent
        fields = (
            "id",
            "number",
            "kind",
            "is_pct",
            "title",
            "abstract",
            "classes",
            "filed_on",
            "granted_on",
            "published_on",
            "publication_number",
            "simple_status",
            "status_confirmed_on",
            "expires_on",
            "next_fee_on",
            "next_fee_yuan",
            "holders",
            "inventors",
        )


class StatusSerializer(serializers.ModelSerializer[StatusMark]):
    class Meta:
        model = StatusMark
        fields = STATUS_FIELDS


class IntentSerializer(serializers.ModelSerializer[IntentMark]):
    class Meta:
        model = IntentMark
        fields = ("level1", "level2", "wording", "fee")


class DossierSerializer(serializers.ModelSerializer[Dossier]):
    """A dossier with its marks; written by PATCH with If-Match."""

    number = serializers.CharField(source="patent.number", read_only=True)
    title = serializers.CharField(source="patent.title", read_only=True)
    institution = serializers.IntegerField(source="participation.institution_id", read_only=True)
    statuses = StatusSerializer(source="status_marks", many=True, required=False)
    intents = IntentSerializer(source="intent_marks", many=True, required=False)

    class Meta:
        model = Dossier
        fields = (
            "id",
            "patent",
            "number",
            "title",
            "institution",
            "unit",
            "responsible",
            "state",
            "statuses",
            "intents",
            *CONTENT_FIELDS,
            "is_unsuitable",
            "is_transformed",
            "updated_at",
            "version",
        )
        read_only_fields = (
            "patent",
            "unit",
            "responsible",
            "state",
            "is_unsuitable",
            "is_transformed",
            "updated_at",
            "version",
        )

    def validate_combination_numbers(self, value: list[str]) -> list[str]:
        """Any spelling is taken and kept in the canonical form."""
        found = []
        for text in value:
            try:
                found.append(parse_application_number(text).canonical)
            except NumberProblem as problem:
                raise serializers.ValidationError(f"{text}: {problem.expected}") from problem
        return found

    def validate_contact_phone(self, value: str) -> str:
        """What was read is masked; written back it would destroy the number."""
        if "*" in value:
            raise serializers.ValidationError(
                _("This is masked. Write the whole number or leave it out.")
            )
        return value

    def validate_contact_name(self, value: str) -> str:
        return self.validate_contact_phone(value)

    def to_representation(self, instance: Dossier) -> dict[str, Any]:
        """Contact masked; without price, fees, contact and funding for readers who may not know them."""
        data: dict[str, Any] = super().to_representation(instance)
        data |= {name: mask(data[name]) for name, mask in CONTACT.items()}
        hidden = permissions.hidden_fields(membership_of(self.context["request"]), instance)
        for name in hidden:
            data.pop(name, None)
        for status in data["statuses"] if "amounts" in hidden else ():
            status.pop("amount")
        for intent in data["intents"] if "fees" in hidden else ():
            intent.pop("fee")
        return data
