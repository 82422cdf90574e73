"""What the database itself refuses in the city pool: impossible steps; a declined patent is out like a removed one."""

from django.db import migrations

# The table inventory.choices.POOL_TRANSITIONS once more.
TRANSITIONS = """
CREATE TABLE inventory_pool_transition (
    from_state varchar(10),
    to_state varchar(10),
    PRIMARY KEY (from_state, to_state)
);
INSERT INTO inventory_pool_transition VALUES
    ('nominated', 'admitted'), ('nominated', 'declined'), ('nominated', 'removed'), ('admitted', 'removed');

CREATE FUNCTION inventory_guard_pool_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM inventory_pool_transition t
        WHERE t.from_state = OLD.state AND t.to_state = NEW.state
    ) THEN
        RAISE EXCEPTION 'pool entry %: no step from % to %', NEW.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pool_transition';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pool_transition BEFORE UPDATE OF state ON inventory_poolentry
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION inventory_guard_pool_step();
"""

# As in 0002, with 'declined' beside 'removed'.
OUT = """
CREATE OR REPLACE FUNCTION inventory_guard_pool() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state NOT IN ('removed', 'declined') AND EXISTS (
        SELECT 1 FROM inventory_dossier d WHERE d.id = NEW.dossier_id AND d.is_unsuitable
    ) THEN
        RAISE EXCEPTION 'patent % is unsuitable for transfer and cannot be in the pool', NEW.patent_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pool_entry_suitable';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION inventory_guard_unsuitable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM inventory_poolentry p
        WHERE p.dossier_id = NEW.id AND p.state NOT IN ('removed', 'declined')
    ) THEN
        RAISE EXCEPTION 'dossier % is in the pool: take it out before marking it unsuitable', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pool_entry_suitable';
    END IF;
    RETURN NEW;
END $$;
"""

# Who nominated what is known of the entries there are; later steps stand in the trail.
FIRST_STEPS = """
INSERT INTO inventory_poolstep (from_state, to_state, at, reason, actor_id, entry_id)
SELECT '', 'nominated', nominated_at, note, nominated_by_id, id FROM inventory_poolentry;
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0005_pool_review")]

    operations = [
        migrations.RunSQL(TRANSITIONS, migrations.RunSQL.noop),
        migrations.RunSQL(OUT, migrations.RunSQL.noop),
        migrations.RunSQL(FIRST_STEPS, migrations.RunSQL.noop),
    ]
