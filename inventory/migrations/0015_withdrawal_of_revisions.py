"""A withdrawn revision goes straight back to complete: only where an approved version counts."""

from django.db import migrations

TABLE = """
ALTER TABLE inventory_transition ADD COLUMN needs_approved_version boolean DEFAULT false NOT NULL;
INSERT INTO inventory_transition VALUES (2, 'draft', 'completed', true), (1, 'draft', 'completed', true);
"""
GUARD = """
CREATE OR REPLACE FUNCTION inventory_guard_dossier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM inventory_transition t
        JOIN inventory_campaigninstitution p ON p.review_steps = t.review_steps
        WHERE p.id = NEW.participation_id AND t.from_state = OLD.state AND t.to_state = NEW.state
          AND (NOT t.needs_approved_version OR EXISTS (
              SELECT 1 FROM inventory_dossierfact f
              WHERE f.dossier_id = NEW.id AND f.superseded_at IS NULL AND f.valid_to IS NULL AND f.is_covered
          ))
    ) THEN
        RAISE EXCEPTION 'dossier %: no step from % to %', NEW.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dossier_transition';
    END IF;
    RETURN NEW;
END $$;
"""
# A campaign confirms what stands approved: the day may be set only on a dossier that is complete.
CONFIRMED = """
CREATE FUNCTION inventory_guard_confirmation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM inventory_dossier d WHERE d.id = NEW.dossier_id AND d.state = 'completed'
    ) THEN
        RAISE EXCEPTION 'entry %: its dossier is not complete', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_confirmed_when_complete';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entry_confirmed_when_complete BEFORE UPDATE OF confirmed_on ON inventory_baselistentry
    FOR EACH ROW WHEN (NEW.confirmed_on IS NOT NULL AND NEW.confirmed_on IS DISTINCT FROM OLD.confirmed_on)
    EXECUTE FUNCTION inventory_guard_confirmation();
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0014_confirmation_facts")]

    operations = [
        migrations.RunSQL(TABLE, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
        migrations.RunSQL(CONFIRMED, migrations.RunSQL.noop),
    ]
