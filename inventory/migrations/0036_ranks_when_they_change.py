"""A dossier is ranked anew where unit or industries change, not wherever a statement names these columns.

An import names them for thousands of dossiers and changes them in a few. What is to be ranked without a change of its
own (a unit or a patent changed) is touched by its patent.
"""

from django.db import migrations

NARROW = """
DROP TRIGGER dossier_rank ON inventory_dossier;
CREATE TRIGGER dossier_rank BEFORE INSERT OR UPDATE OF patent_id ON inventory_dossier
    FOR EACH ROW EXECUTE FUNCTION inventory_rank_dossier();
CREATE TRIGGER dossier_rank_changed BEFORE UPDATE OF unit_id, strategic_codes ON inventory_dossier
    FOR EACH ROW WHEN (
        OLD.unit_id IS DISTINCT FROM NEW.unit_id OR OLD.strategic_codes IS DISTINCT FROM NEW.strategic_codes)
    EXECUTE FUNCTION inventory_rank_dossier();
"""
WIDE = """
DROP TRIGGER dossier_rank_changed ON inventory_dossier;
DROP TRIGGER dossier_rank ON inventory_dossier;
CREATE TRIGGER dossier_rank BEFORE INSERT OR UPDATE OF patent_id, unit_id, strategic_codes ON inventory_dossier
    FOR EACH ROW EXECUTE FUNCTION inventory_rank_dossier();
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
        migrations.RunSQL(NARROW + OF_UNIT.format(column="patent_id"), OF_UNIT.format(column="unit_id") + WIDE),
    ]
