"""Tables of stock-taking that the demonstration city fills, with their columns in the order of the lines."""

from typing import Final

TABLES: Final = (
    # before the dossiers: the database ranks them as they come
    ("inventory_keyindustry", "id, name, patterns, strategic_codes, is_active, version"),
    (
        "inventory_campaign",
        "id, name, kind, follows_id, granted_after, days_to_file, cutoff_on, scope, base_day, opens_on, due_on, "
        "state, version",
    ),
    (
        "inventory_campaigninstitution",
        "id, review_steps, filing_mode, contact_name, contact_phone, responsible_name, first_contact_name, "
        "first_contact_phone, second_contact_name, second_contact_phone, version, campaign_id, institution_id",
    ),
    (
        "inventory_milestone",
        "id, name, due_on, goal, share, version, campaign_id, participation_id, replaces_id",
    ),
    (
        "inventory_patent",
        "id, application_number, kind, is_pct, title, abstract, first_claim, claims, full_text_url, drawings_url, "
        "classes, filed_on, granted_on, published_on, publication_number, simple_status, status_confirmed_on, "
        "expires_on, next_fee_on, next_fee_yuan, search_key, created_at, updated_at, version",
    ),
    ("inventory_patentholder", "id, position, name, organisation_id, patent_id"),
    ("inventory_patentinventor", "id, position, name, patent_id, user_id"),
    ("inventory_legalevent", "id, kind, occurred_on, detail, confirmed_on, patent_id"),
    ("inventory_dualfiling", "id, invention_id, utility_id"),
    (
        "inventory_dossier",
        "id, state, combination_name, combination_numbers, combination_note, is_publicly_funded, funding_kind, "
        "funding_name, funding_number, partner_cities, partner_firms, price_band, uses_default_contact, "
        "contact_name, contact_phone, maturity, maturity_raw, stars, advantages, industry, industry_division, "
        "prospects, strategic_codes, is_unsuitable, is_transformed, updated_at, version, participation_id, "
        "responsible_id, unit_id, patent_id",
    ),
    (
        "inventory_baselistentry",
        "id, listed_on, due_on, is_included, confirmed_on, confirmed_version, institution_id, campaign_id, "
        "dossier_id, patent_id",
    ),
    (
        "inventory_statusmark",
        "id, position, level1, level2, wording, amount, product_name, report_result, remark, dossier_id",
    ),
    ("inventory_intentmark", "id, position, level1, level2, wording, fee, dossier_id"),
    (
        "inventory_dossierstep",
        "id, act, from_state, to_state, at, reason, version, actor_id, dossier_id",
    ),
    ("inventory_fieldcomment", "id, field, text, created_at, settled_at, author_id, dossier_id"),
    ("inventory_dossierrevision", "id, version, content, approved_at, approved_by_id, dossier_id"),
    (
        "inventory_exclusion",
        "id, reason, explanation, effective_on, state, requested_at, decided_at, decision_note, version, "
        "decided_by_id, entry_id, requested_by_id",
    ),
    (
        "inventory_poolrule",
        "id, number, min_stars, kinds, needs_key_industry, min_months_left, created_at, created_by_id",
    ),
    (
        "inventory_poolentry",
        "id, state, stars, is_key_industry, months_left, note, nominated_at, removed_reason, version, dossier_id, "
        "institution_id, nominated_by_id, patent_id, rule_id, decided_by_id, decided_at, decision_note",
    ),
    ("inventory_poolstep", "id, from_state, to_state, at, reason, actor_id, entry_id"),
    (
        "inventory_entryfact",
        "id, valid_from, valid_to, recorded_at, superseded_at, is_included, campaign_id, entry_id, "
        "institution_id, patent_id",
    ),
    (
        "inventory_dossierfact",
        "id, valid_from, valid_to, recorded_at, superseded_at, state, is_covered, is_transformed, is_unsuitable, "
        "stars, dossier_id, patent_id",
    ),
    (
        "inventory_confirmationfact",
        "id, valid_from, valid_to, recorded_at, superseded_at, is_confirmed, is_transformed, stars, campaign_id, "
        "patent_id, entry_id",
    ),
    (
        "inventory_poolfact",
        "id, valid_from, valid_to, recorded_at, superseded_at, state, institution_id, patent_id, pool_entry_id",
    ),
)
