"""Priority of work follows from patent, unit and key industries however they are written: the database fills it."""

from django.db import migrations

# 重点产业 by class symbol (a prefix, see KeyIndustry.patterns) or by code of 战略性新兴产业: what a person chose in the
# dossier, or what a concordance or a person said of the patent; candidates do not count.
FUNCTIONS = """
CREATE FUNCTION inventory_in_key_industry(p_patent bigint, p_chosen varchar[]) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1
        FROM inventory_keyindustry k JOIN inventory_patent p ON p.id = p_patent
        WHERE k.is_active AND (
            k.strategic_codes && p_chosen
            OR EXISTS (SELECT 1 FROM unnest(p.classes) c, unnest(k.patterns) t WHERE starts_with(c, t))
            OR EXISTS (
                SELECT 1 FROM inventory_patentindustry i
                WHERE i.patent_id = p.id AND i.scheme = 'strategic' AND i.state IN ('certain', 'confirmed')
                  AND concat_ws('.', split_part(i.code, '.', 1), nullif(split_part(i.code, '.', 2), ''))
                      = ANY(k.strategic_codes))))
$$;
CREATE FUNCTION inventory_in_strong_discipline(p_unit bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM portal_unit u JOIN portal_unit above
          ON above.organisation_id = u.organisation_id AND starts_with(u.path, above.path)
        WHERE u.id = p_unit AND above.is_strong_discipline)
$$;
CREATE FUNCTION inventory_rank_dossier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.in_key_industry := inventory_in_key_industry(NEW.patent_id, NEW.strategic_codes);
    NEW.in_strong_discipline := inventory_in_strong_discipline(NEW.unit_id);
    NEW.priority := CASE
        WHEN (SELECT kind FROM inventory_patent WHERE id = NEW.patent_id) <> 'invention' THEN 4
        WHEN NEW.in_key_industry AND NEW.in_strong_discipline THEN 1
        WHEN NEW.in_key_industry OR NEW.in_strong_discipline THEN 2
        ELSE 3 END;
    RETURN NEW;
END $$;
CREATE TRIGGER dossier_rank BEFORE INSERT OR UPDATE OF patent_id, unit_id, strategic_codes ON inventory_dossier
    FOR EACH ROW EXECUTE FUNCTION inventory_rank_dossier();

CREATE FUNCTION inventory_rank_of_patent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE inventory_dossier SET patent_id = patent_id WHERE patent_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER patent_rank AFTER UPDATE OF classes, kind ON inventory_patent
    FOR EACH ROW WHEN (OLD.classes IS DISTINCT FROM NEW.classes OR OLD.kind IS DISTINCT FROM NEW.kind)
    EXECUTE FUNCTION inventory_rank_of_patent();

CREATE FUNCTION inventory_rank_of_unit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE inventory_dossier SET unit_id = unit_id WHERE unit_id IN (
        SELECT u.id FROM portal_unit u
        WHERE u.organisation_id = NEW.organisation_id AND starts_with(u.path, NEW.path));
    RETURN NULL;
END $$;
CREATE TRIGGER unit_rank AFTER UPDATE OF is_strong_discipline, path ON portal_unit
    FOR EACH ROW WHEN (
        OLD.is_strong_discipline IS DISTINCT FROM NEW.is_strong_discipline OR OLD.path IS DISTINCT FROM NEW.path)
    EXECUTE FUNCTION inventory_rank_of_unit();
"""
BACK = """
DROP TRIGGER unit_rank ON portal_unit;
DROP TRIGGER patent_rank ON inventory_patent;
DROP TRIGGER dossier_rank ON inventory_dossier;
DROP FUNCTION inventory_rank_of_unit, inventory_rank_of_patent, inventory_rank_dossier,
    inventory_in_strong_discipline, inventory_in_key_industry;
"""
EXISTING = "UPDATE inventory_dossier SET patent_id = patent_id"


class Migration(migrations.Migration):
    dependencies = [("inventory", "0007_classification_tables"), ("portal", "0003_strong_disciplines")]

    operations = [
        migrations.RunSQL(FUNCTIONS, BACK),
        migrations.RunSQL(EXISTING, migrations.RunSQL.noop, elidable=True),
    ]
