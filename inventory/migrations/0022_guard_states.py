"""The small state machines once more in the database: exclusions, offers to hand over, objections."""

from django.db import migrations

# inventory.choices.EXCLUSION_TRANSITIONS, HANDOVER_TRANSITIONS, OBJECTION_TRANSITIONS
GUARD = """
CREATE TABLE inventory_state_transition (
    subject text,
    from_state varchar(20),
    to_state varchar(20),
    PRIMARY KEY (subject, from_state, to_state)
);
INSERT INTO inventory_state_transition VALUES
    ('inventory_exclusion', 'requested', 'approved'), ('inventory_exclusion', 'requested', 'refused'),
    ('inventory_exclusion', 'requested', 'withdrawn'), ('inventory_exclusion', 'refused', 'appealed'),
    ('inventory_exclusion', 'appealed', 'approved'), ('inventory_exclusion', 'appealed', 'dismissed'),
    ('inventory_exclusion', 'approved', 'revoked'),
    ('inventory_handoveroffer', 'offered', 'accepted'), ('inventory_handoveroffer', 'offered', 'declined'),
    ('inventory_handoveroffer', 'offered', 'withdrawn'),
    ('inventory_objection', 'open', 'answered'), ('inventory_objection', 'open', 'settled'),
    ('inventory_objection', 'open', 'withdrawn'), ('inventory_objection', 'answered', 'settled'),
    ('inventory_objection', 'answered', 'withdrawn');

CREATE FUNCTION inventory_guard_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM inventory_state_transition s
        WHERE s.subject = TG_TABLE_NAME AND s.from_state = OLD.state AND s.to_state = NEW.state
    ) THEN
        RAISE EXCEPTION '% %: no step from % to %', TG_TABLE_NAME, NEW.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'state_transition';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER state_transition BEFORE UPDATE OF state ON inventory_exclusion
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION inventory_guard_state();
CREATE TRIGGER state_transition BEFORE UPDATE OF state ON inventory_handoveroffer
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION inventory_guard_state();
CREATE TRIGGER state_transition BEFORE UPDATE OF state ON inventory_objection
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION inventory_guard_state();
"""

UNDO = """
DROP TRIGGER state_transition ON inventory_exclusion;
DROP TRIGGER state_transition ON inventory_handoveroffer;
DROP TRIGGER state_transition ON inventory_objection;
DROP FUNCTION inventory_guard_state();
DROP TABLE inventory_state_transition;
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0021_co_owned_and_exclusions")]

    operations = [migrations.RunSQL(GUARD, UNDO)]
