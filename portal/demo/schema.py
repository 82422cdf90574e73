"""Tables of the kernel that the demonstration city fills, with their columns in the order of the lines."""

from typing import Final

TABLES: Final = (
    (
        "portal_organisation",
        "id, code, name, name_key, kind, credit_code, affiliation, district, is_active, version",
    ),
    ("portal_organisationname", "id, name, folded, organisation_id"),
    ("portal_supervision", "id, is_active, bureau_id, institution_id"),
    (
        "portal_unit",
        "id, name, name_key, level, path, is_active, is_strong_discipline, version, organisation_id, parent_id",
    ),
    (
        "portal_user",
        "id, password, last_login, username, name, name_key, email, email_lookup, phone, phone_lookup, "
        "is_active, must_change_password, created_at, version",
    ),
    ("portal_membership", "id, role, is_active, version, user_id, organisation_id, unit_id"),
    (
        "portal_auditentry",
        "id, at, role, action, object_type, object_id, changes, reason, user_id, organisation_id, owner_id",
    ),
)
