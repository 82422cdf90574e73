"""A dossier is ranked anew where unit or industries change, and by what changes; not wherever a statement names them.

An import names these columns for thousands of dossiers: it gives each its unit, and industries to a few. What is to be
ranked without a change of its own (a unit or a patent changed) is touched by its patent.
"""

from django.db import migrations

PRIORITY = """
CREATE FUNCTION inventory_priority(is_invention boolean, in_key_industry boolean, in_strong_discipline boolean)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN NOT is_invention THEN 4
        WHEN in_key_industry AND in_strong_discipline THEN 1
        WHEN in_key_industry OR in_strong_discipline THEN 2
        ELSE 3 END
$$;
CREATE OR REPLACE FUNCTION inventory_rank_dossier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.in_key_industry := inventory_in_key_industry(NEW.patent_id, NEW.strategic_codes);
    NEW.in_strong_discipline := inventory_in_strong_discipline(NEW.unit_id);
    NEW.priority := inventory_priority(
        (SELECT kind FROM inventory_patent WHERE id = NEW.patent_id) = 'invention',
        NEW.in_key_industry, NEW.in_strong_discipline);
    RETURN NEW;
END $$;
-- the patent stays, so whether it is an invention stands in the rank
CREATE FUNCTION inventory_rank_changed_dossier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.strategic_codes IS DISTINCT FROM NEW.strategic_codes THEN
        NEW.in_key_industry := inventory_in_key_industry(NEW.patent_id, NEW.strategic_codes);
    END IF;
    IF OLD.unit_id IS DISTINCT FROM NEW.unit_id THEN
        NEW.in_strong_discipline := inventory_in_strong_discipline(NEW.unit_id);
    END IF;
    NEW.priority := inventory_priority(OLD.priority <> 4, NEW.in_key_industry, NEW.in_strong_discipline);
    RETURN NEW;
END $$;
DROP TRIGGER dossier_rank ON inventory_dossier;
CREATE TRIGGER dossier_rank BEFORE INSERT OR UPDATE OF patent_id ON inventory_dossier
    FOR EACH ROW EXECUTE FUNCTION inventory_rank_dossier();
CREATE TRIGGER dossier_rank_changed BEFORE UPDATE OF unit_id, strategic_codes ON inventory_dossier
    FOR EACH ROW WHEN (
        OLD.patent_id = NEW.patent_id AND (
            OLD.unit_id IS DISTINCT FROM NEW.unit_id OR OLD.strategic_codes IS DISTINCT FROM NEW.strategic_codes))
    EXECUTE FUNCTION inventory_rank_changed_dossier();
"""
BACK = """
DROP TRIGGER dossier_rank_changed ON inventory_dossier;
DROP TRIGGER dossier_rank ON inventory_dossier;
CREATE OR REPLACE FUNCTION inventory_rank_dossier() RETURNS trigger LANGUAGE plpgsql AS $$
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
DROP FUNCTION inventory_rank_changed_dossier, inventory_priority;
"""
OF_UNIT = """
CREATE OR REPLACE FUNCTION inventory_rank_of_unit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE inventory_dossier SET {column} = {column} WHERE unit_id IN (
        SELECT u.id FROM portal_unit u
        WHERE u.organisation_id = NEW.organisation_id AND starts_with(u.path, NEW.path));
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0035_publication_numbers")]

    operations = [
        migrations.RunSQL(PRIORITY + OF_UNIT.format(column="patent_id"), BACK + OF_UNIT.format(column="unit_id")),
    ]
