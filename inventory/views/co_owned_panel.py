"""What the page of a dossier shows of its other holders: roles, offers, objections and what one may do about them."""

from __future__ import annotations

from typing import Any

from inventory import permissions
from inventory.choices import DossierState
from inventory.dossier_fields import label_of
from inventory.forms.co_owned import ObjectionAnswerForm
from inventory.holder_choices import HandoverState, ObjectionState
from inventory.models import Dossier, Objection
from inventory.queries import co_owned as queries
from inventory.services.objections import why_no_objection
from portal.models import Membership


def panel(dossier: Dossier, membership: Membership) -> dict[str, Any] | None:
    """None for a patent of one holder; patent.holders is prefetched."""
    holders = list(dossier.patent.holders.all())
    if len(holders) < 2:
        return None
    may_object = permissions.can_object(membership, dossier)
    entry = queries.own_entry(dossier, membership) if may_object else None
    receivers = queries.receivers_of([dossier.pk])[dossier.pk]
    offers = queries.offers_of(dossier, membership)
    return {
        "holders": [_holder(holder, dossier, receivers) for holder in holders],
        "offers": [
            {
                "it": offer,
                "can_answer": offer.state == HandoverState.OFFERED
                and permissions.can_answer_handover(membership, offer),
                "can_withdraw": offer.state == HandoverState.OFFERED
                and permissions.can_withdraw_handover(membership, offer),
            }
            for offer in offers
        ],
        "can_offer": bool(receivers)
        and permissions.can_offer_handover(membership, dossier)
        and all(offer.state != HandoverState.OFFERED for offer in offers),
        "objections": [
            _objection(one, dossier, membership)
            for one in queries.objections_of(dossier, membership)
        ],
        "entry": entry,
        "why_no_objection": why_no_objection(entry) if entry else "",
        "period": queries.objection_period(entry) if entry else None,
    }


def _holder(holder: Any, dossier: Dossier, receivers: list[Any]) -> dict[str, Any]:
    return {
        "it": holder,
        "is_filing": holder.organisation_id == dossier.participation.institution_id,
        "takes_part": any(part.institution_id == holder.organisation_id for part in receivers),
    }


def _objection(objection: Objection, dossier: Dossier, membership: Membership) -> dict[str, Any]:
    is_live = objection.is_live
    can_answer = objection.state == ObjectionState.OPEN and permissions.can_answer_objection(
        membership, objection
    )
    form = ObjectionAnswerForm(auto_id=f"id_{objection.pk}_%s") if can_answer else None
    if form is not None and dossier.state != DossierState.COMPLETED:
        del form.fields["opens_revision"]
    return {
        "it": objection,
        "fields": [label_of(name) for name in objection.fields],
        "answer_form": form,
        "can_withdraw": is_live and permissions.can_withdraw_objection(membership, objection),
        "can_settle": is_live and permissions.can_settle_objection(membership, objection),
    }
