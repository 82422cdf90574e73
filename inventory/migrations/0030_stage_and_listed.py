"""How far open entries are, and how many entries count, stand where bureaus read them; the database writes both."""

from django.db import migrations, models

STAGE = """
CREATE FUNCTION inventory_stage(p_state text, p_responsible bigint) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_state WHEN 'institution_review' THEN 3 WHEN 'unit_review' THEN 2
           ELSE CASE WHEN p_responsible IS NULL THEN 0 ELSE 1 END END::smallint
$$;
"""
# the triggers of 0026 once more, with the stage, and for all dossiers of a statement at once
TRIGGERS = """
CREATE OR REPLACE FUNCTION inventory_entry_copies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT d.priority, d.state = 'completed', inventory_stage(d.state, d.responsible_id)
    INTO NEW.priority, NEW.is_complete, NEW.stage
    FROM inventory_dossier d WHERE d.id = NEW.dossier_id;
    RETURN NEW;
END $$;
DROP TRIGGER entry_copies ON inventory_baselistentry;
CREATE TRIGGER entry_copies BEFORE INSERT OR UPDATE OF dossier_id, priority, is_complete, stage
    ON inventory_baselistentry FOR EACH ROW EXECUTE FUNCTION inventory_entry_copies();

DROP TRIGGER dossier_copies ON inventory_dossier;
CREATE OR REPLACE FUNCTION inventory_copy_to_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
BEGIN
    -- a difference of sets: a join of the two would be planned once, for few rows, and used for thousands
    SELECT array_agg(id) INTO changed FROM (
        SELECT id, priority, state = 'completed', inventory_stage(state, responsible_id) FROM after_it
        EXCEPT SELECT id, priority, state = 'completed', inventory_stage(state, responsible_id) FROM before_it) told;
    IF changed IS NOT NULL THEN
        -- in one order for everybody: nobody waits for somebody who waits for him
        PERFORM 1 FROM inventory_baselistentry WHERE dossier_id = ANY(changed) ORDER BY id FOR NO KEY UPDATE;
        UPDATE inventory_baselistentry SET dossier_id = dossier_id WHERE dossier_id = ANY(changed);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER dossier_copies AFTER UPDATE ON inventory_dossier
    REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it
    FOR EACH STATEMENT EXECUTE FUNCTION inventory_copy_to_entries();

CREATE FUNCTION inventory_listed_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM inventory_campaigninstitution p
    WHERE (p.campaign_id, p.institution_id) IN (SELECT campaign_id, institution_id FROM changed WHERE is_included)
    ORDER BY p.id FOR NO KEY UPDATE;
    UPDATE inventory_campaigninstitution p SET listed = p.listed + f.number * TG_ARGV[0]::int
    FROM (SELECT campaign_id, institution_id, count(*) AS number FROM changed WHERE is_included GROUP BY 1, 2) f
    WHERE p.campaign_id = f.campaign_id AND p.institution_id = f.institution_id;
    RETURN NULL;
END $$;
CREATE TRIGGER listed_added AFTER INSERT ON inventory_baselistentry
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION inventory_listed_added('1');
CREATE TRIGGER listed_gone AFTER DELETE ON inventory_baselistentry
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION inventory_listed_added('-1');
CREATE FUNCTION inventory_listed_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE inventory_campaigninstitution SET listed = listed - 1
    WHERE OLD.is_included AND campaign_id = OLD.campaign_id AND institution_id = OLD.institution_id;
    UPDATE inventory_campaigninstitution SET listed = listed + 1
    WHERE NEW.is_included AND campaign_id = NEW.campaign_id AND institution_id = NEW.institution_id;
    RETURN NULL;
END $$;
-- a trigger of its own kind: most writes of an entry do not change whether it counts, and pay nothing
CREATE TRIGGER listed_changed AFTER UPDATE OF is_included, campaign_id, institution_id ON inventory_baselistentry
    FOR EACH ROW WHEN ((OLD.is_included, OLD.campaign_id, OLD.institution_id)
        IS DISTINCT FROM (NEW.is_included, NEW.campaign_id, NEW.institution_id))
    EXECUTE FUNCTION inventory_listed_changed();
CREATE FUNCTION inventory_participation_listed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT count(*) INTO NEW.listed FROM inventory_baselistentry e
    WHERE e.is_included AND e.campaign_id = NEW.campaign_id AND e.institution_id = NEW.institution_id;
    RETURN NEW;
END $$;
CREATE TRIGGER participation_listed BEFORE INSERT ON inventory_campaigninstitution
    FOR EACH ROW EXECUTE FUNCTION inventory_participation_listed();
"""
BACK = """
DROP TRIGGER participation_listed ON inventory_campaigninstitution;
DROP TRIGGER listed_changed ON inventory_baselistentry;
DROP TRIGGER listed_gone ON inventory_baselistentry;
DROP TRIGGER listed_added ON inventory_baselistentry;
DROP FUNCTION inventory_participation_listed, inventory_listed_changed, inventory_listed_added;
DROP TRIGGER dossier_copies ON inventory_dossier;
CREATE OR REPLACE FUNCTION inventory_copy_to_entries() RETURNS trigger LANGUAGE plpgsql AS $$
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
DROP TRIGGER entry_copies ON inventory_baselistentry;
CREATE OR REPLACE FUNCTION inventory_entry_copies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT d.priority, d.state = 'completed' INTO NEW.priority, NEW.is_complete
    FROM inventory_dossier d WHERE d.id = NEW.dossier_id;
    RETURN NEW;
END $$;
CREATE TRIGGER entry_copies BEFORE INSERT OR UPDATE OF dossier_id, priority, is_complete ON inventory_baselistentry
    FOR EACH ROW EXECUTE FUNCTION inventory_entry_copies();
"""
EXISTING = """
UPDATE inventory_baselistentry e SET stage = inventory_stage(d.state, d.responsible_id)
FROM inventory_dossier d WHERE d.id = e.dossier_id AND inventory_stage(d.state, d.responsible_id) <> 0;
UPDATE inventory_campaigninstitution p SET listed = f.number
FROM (SELECT campaign_id, institution_id, count(*) AS number FROM inventory_baselistentry
      WHERE is_included GROUP BY 1, 2) f
WHERE p.campaign_id = f.campaign_id AND p.institution_id = f.institution_id;
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0029_counted_from_indexes")]

    operations = [
        migrations.AddField(
            model_name="baselistentry",
            name="stage",
            field=models.PositiveSmallIntegerField(choices=[(0, "Nobody is responsible"), (1, "Somebody is responsible"), (2, "Waiting for unit review"), (3, "Waiting for institution review")], db_default=0, default=0, editable=False, verbose_name="stage of the dossier"),
        ),
        migrations.AddField(
            model_name="campaigninstitution",
            name="listed",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False, verbose_name="patents that count"),
        ),
        migrations.RunSQL(STAGE, "DROP FUNCTION inventory_stage"),
        # before the triggers stand: they would look every entry's dossier up once more
        migrations.RunSQL(EXISTING, migrations.RunSQL.noop, elidable=True),
        migrations.RunSQL(TRIGGERS, BACK),
    ]
