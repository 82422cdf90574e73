"""How states look: kind → value → (tone, icon). One dictionary for every badge of the portal."""

from __future__ import annotations

from collections.abc import Mapping

#: kind → value → (tone, icon). Shape and word carry the meaning, the colour only repeats it.
BADGE_LOOKS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "tone": {
        "neutral": ("neutral", "circle-dashed"),
        "info": ("info", "info-circle"),
        "progress": ("progress", "progress"),
        "waiting": ("waiting", "hourglass-low"),
        "success": ("success", "circle-check"),
        "warning": ("warning", "alert-triangle"),
        "danger": ("danger", "alert-octagon"),
    },
    "class": {
        "certain": ("info", "circle-check"),
        "candidate": ("waiting", "hourglass-low"),
        "confirmed": ("success", "circle-check"),
        "rejected": ("neutral", "circle-off"),
    },
    "confirmation": {
        "making": ("progress", "progress"),
        "waiting": ("waiting", "hourglass-low"),
        "stamped": ("success", "circle-check"),
        "failed": ("danger", "alert-octagon"),
        "void": ("danger", "circle-off"),
    },
    "dossier": {
        "unfiled": ("neutral", "circle-dashed"),
        "draft": ("info", "pencil"),
        "unit_review": ("waiting", "hourglass-low"),
        "institution_review": ("progress", "building-bank"),
        "completed": ("success", "circle-check"),
    },
    "invitation": {
        "new": ("neutral", "circle-dashed"),
        "sent": ("waiting", "hourglass-low"),
        "expired": ("warning", "alert-triangle"),
        "accepted": ("success", "circle-check"),
        "revoked": ("neutral", "circle-off"),
    },
    "transfer": {
        "at_unit": ("waiting", "hourglass-low"),
        "at_manager": ("progress", "building-bank"),
        "accepted": ("success", "circle-check"),
        "refused": ("warning", "arrow-back-up"),
        "withdrawn": ("neutral", "circle-off"),
    },
    "import": {
        "reading": ("progress", "progress"),
        "unreadable": ("danger", "alert-octagon"),
        "mapping": ("waiting", "columns"),
        "preview": ("waiting", "eye"),
        "applying": ("progress", "progress"),
        "applied": ("success", "circle-check"),
        "discarded": ("neutral", "ban"),
    },
    "job": {
        "queued": ("neutral", "clock"),
        "running": ("progress", "progress"),
        "done": ("success", "circle-check"),
        "failed": ("danger", "alert-octagon"),
        "cancelled": ("neutral", "ban"),
    },
    "batch": {
        "held": ("waiting", "hourglass-low"),
        "released": ("success", "circle-check"),
        "discarded": ("neutral", "ban"),
    },
    "outcome": {
        "added": ("success", "plus"),
        "changed": ("info", "pencil"),
        "unchanged": ("neutral", "equal"),
        "refused": ("danger", "circle-x"),
    },
    "pool": {
        "nominated": ("waiting", "hourglass-low"),
        "admitted": ("success", "circle-check"),
        "declined": ("danger", "circle-x"),
        "removed": ("neutral", "arrow-back-up"),
    },
    "upload": {
        "preparing": ("info", "progress"),
        "sign_off": ("waiting", "hourglass-low"),
        "signed": ("progress", "circle-check"),
        "handed_out": ("progress", "file-export"),
        "uploaded": ("success", "file-upload"),
        "answered": ("success", "circle-check"),
        "withdrawn": ("neutral", "circle-off"),
        "waiting": ("info", "circle-dashed"),
        "left_out": ("neutral", "circle-off"),
        "sent": ("success", "file-upload"),
        "accepted": ("success", "circle-check"),
        "returned": ("danger", "arrow-back-up"),
        "not_sent": ("neutral", "circle-dashed"),
        "changed": ("warning", "pencil"),
    },
    "legal": {
        "valid": ("success", "circle-check"),
        "ended": ("danger", "circle-x"),
        "pending": ("waiting", "hourglass-low"),
        "unknown": ("neutral", "help"),
    },
    "campaign": {
        "draft": ("neutral", "pencil"),
        "open": ("success", "player-play"),
        "closed": ("neutral", "lock"),
    },
    "exclusion": {
        "requested": ("waiting", "hourglass-low"),
        "approved": ("success", "circle-check"),
        "refused": ("danger", "circle-x"),
    },
    "act": {
        "start": ("info", "pencil"),
        "submit": ("progress", "send"),
        "approve": ("success", "circle-check"),
        "return": ("danger", "corner-up-left"),
        "revise": ("waiting", "refresh"),
    },
    "severity": {
        "error": ("danger", "alert-octagon"),
        "warning": ("warning", "alert-triangle"),
        "notice": ("info", "info-circle"),
    },
}
