"""What the database itself refuses about uploads: impossible steps of a batch, rewritten facts."""

from django.db import migrations

# The table inventory.choices.UPLOAD_TRANSITIONS once more.
TRANSITIONS = """
CREATE TABLE inventory_upload_transition (
    from_state varchar(12),
    to_state varchar(12),
    PRIMARY KEY (from_state, to_state)
);
INSERT INTO inventory_upload_transition VALUES
    ('preparing', 'sign_off'), ('preparing', 'withdrawn'),
    ('sign_off', 'signed'), ('sign_off', 'preparing'), ('sign_off', 'withdrawn'),
    ('signed', 'handed_out'), ('signed', 'preparing'), ('signed', 'withdrawn'),
    ('handed_out', 'uploaded'), ('handed_out', 'withdrawn'),
    ('uploaded', 'answered');

CREATE FUNCTION inventory_guard_upload() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM inventory_upload_transition t
        WHERE t.from_state = OLD.state AND t.to_state = NEW.state
    ) THEN
        RAISE EXCEPTION 'upload batch %: no step from % to %', NEW.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'upload_transition';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER upload_transition BEFORE UPDATE OF state ON inventory_uploadbatch
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION inventory_guard_upload();
"""

FACTS = """
CREATE TRIGGER fact_kept BEFORE UPDATE OR DELETE ON inventory_uploadfact
    FOR EACH ROW EXECUTE FUNCTION inventory_guard_fact();
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0019_uploads")]

    operations = [
        migrations.RunSQL(TRANSITIONS, migrations.RunSQL.noop),
        migrations.RunSQL(FACTS, migrations.RunSQL.noop),
    ]
