"""What lists sort and narrow by stands where they read it: the database copies it, however it is written."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION inventory_entry_copies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT d.priority, d.state = 'completed' INTO NEW.priority, NEW.is_complete
    FROM inventory_dossier d WHERE d.id = NEW.dossier_id;
    RETURN NEW;
END $$;
CREATE TRIGGER entry_copies BEFORE INSERT OR UPDATE OF dossier_id, priority, is_complete ON inventory_baselistentry
    FOR EACH ROW EXECUTE FUNCTION inventory_entry_copies();

CREATE FUNCTION inventory_copy_to_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE inventory_baselistentry SET priority = NEW.priority, is_complete = NEW.state = 'completed'
    WHERE dossier_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER dossier_copies AFTER UPDATE ON inventory_dossier
    FOR EACH ROW WHEN (
        OLD.priority IS DISTINCT FROM NEW.priority
        OR (OLD.state = 'completed') IS DISTINCT FROM (NEW.state = 'completed'))
    EXECUTE FUNCTION inventory_copy_to_entries();

CREATE FUNCTION inventory_pool_institutions(p_patent bigint, p_own bigint) RETURNS bigint[]
LANGUAGE sql STABLE AS $$
    SELECT array_agg(DISTINCT one) FROM (
        SELECT p_own AS one UNION ALL
        SELECT organisation_id FROM inventory_patentholder
        WHERE patent_id = p_patent AND organisation_id IS NOT NULL) found
$$;
CREATE FUNCTION inventory_fill_pool_institutions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.institutions := inventory_pool_institutions(NEW.patent_id, NEW.institution_id);
    RETURN NEW;
END $$;
CREATE TRIGGER pool_institutions BEFORE INSERT OR UPDATE OF patent_id, institution_id, institutions
    ON inventory_poolentry FOR EACH ROW EXECUTE FUNCTION inventory_fill_pool_institutions();

CREATE FUNCTION inventory_pool_follows_holders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE inventory_poolentry SET institution_id = institution_id
    WHERE patent_id IN (SELECT patent_id FROM changed);
    RETURN NULL;
END $$;
CREATE TRIGGER pool_holders_added AFTER INSERT ON inventory_patentholder
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION inventory_pool_follows_holders();
CREATE TRIGGER pool_holders_changed AFTER UPDATE ON inventory_patentholder
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION inventory_pool_follows_holders();
CREATE TRIGGER pool_holders_gone AFTER DELETE ON inventory_patentholder
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION inventory_pool_follows_holders();
"""
BACK = """
DROP TRIGGER pool_holders_gone ON inventory_patentholder;
DROP TRIGGER pool_holders_changed ON inventory_patentholder;
DROP TRIGGER pool_holders_added ON inventory_patentholder;
DROP TRIGGER pool_institutions ON inventory_poolentry;
DROP TRIGGER dossier_copies ON inventory_dossier;
DROP TRIGGER entry_copies ON inventory_baselistentry;
DROP FUNCTION inventory_pool_follows_holders, inventory_fill_pool_institutions, inventory_pool_institutions,
    inventory_copy_to_entries, inventory_entry_copies;
"""
EXISTING = """
UPDATE inventory_baselistentry SET dossier_id = dossier_id;
UPDATE inventory_poolentry SET institution_id = institution_id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ('inventory', '0025_covering_indexes'),
        ('portal', '0012_people_who_left'),
    ]

    operations = [
        migrations.AddField(
            model_name='baselistentry',
            name='is_complete',
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name='dossier complete'),
        ),
        migrations.AddField(
            model_name='baselistentry',
            name='priority',
            field=models.PositiveSmallIntegerField(choices=[(1, 'Invention of a key industry and a strong discipline'), (2, 'Invention of a key industry or a strong discipline'), (3, 'Other invention'), (4, 'Utility model or design')], db_default=4, default=4, editable=False, verbose_name='priority'),
        ),
        migrations.AddField(
            model_name='poolentry',
            name='institutions',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), db_default=[], default=list, editable=False, size=None, verbose_name='institutions concerned'),
        ),
        migrations.RunSQL(FUNCTIONS, BACK),
        migrations.RunSQL(EXISTING, migrations.RunSQL.noop, elidable=True),
    ]
