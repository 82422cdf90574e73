"""What the database itself refuses: impossible transitions, unsuitable patents in the pool, rewritten facts."""

from django.db import migrations

# The table inventory.choices.TRANSITIONS once more, with the review steps of the filing institution.
TRANSITIONS = """
CREATE TABLE inventory_transition (
    review_steps smallint NOT NULL,
    from_state varchar(20) NOT NULL,
    to_state varchar(20) NOT NULL,
    PRIMARY KEY (review_steps, from_state, to_state)
);
INSERT INTO inventory_transition VALUES
    (2, 'unfiled', 'draft'), (2, 'draft', 'unit_review'),
    (2, 'unit_review', 'institution_review'), (2, 'unit_review', 'draft'),
    (2, 'institution_review', 'completed'), (2, 'institution_review', 'unit_review'),
    (2, 'institution_review', 'draft'),
    (2, 'completed', 'institution_review'), (2, 'completed', 'unit_review'), (2, 'completed', 'draft'),
    (1, 'unfiled', 'draft'), (1, 'draft', 'institution_review'),
    (1, 'unit_review', 'institution_review'), (1, 'unit_review', 'draft'),
    (1, 'institution_review', 'completed'), (1, 'institution_review', 'draft'),
    (1, 'completed', 'institution_review'), (1, 'completed', 'draft');

CREATE FUNCTION inventory_guard_dossier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM inventory_transition t
        JOIN inventory_campaigninstitution p ON p.review_steps = t.review_steps
        WHERE p.id = NEW.participation_id AND t.from_state = OLD.state AND t.to_state = NEW.state
    ) THEN
        RAISE EXCEPTION 'dossier %: no step from % to %', NEW.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dossier_transition';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dossier_transition BEFORE UPDATE OF state ON inventory_dossier
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION inventory_guard_dossier();
"""

# docs/rules.md R1: such a patent never enters 专利转化资源库, and one that becomes such leaves it first.
POOL = """
CREATE FUNCTION inventory_guard_pool() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'removed' AND EXISTS (
        SELECT 1 FROM inventory_dossier d WHERE d.id = NEW.dossier_id AND d.is_unsuitable
    ) THEN
        RAISE EXCEPTION 'patent % is unsuitable for transfer and cannot be in the pool', NEW.patent_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pool_entry_suitable';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pool_entry_suitable BEFORE INSERT OR UPDATE ON inventory_poolentry
    FOR EACH ROW EXECUTE FUNCTION inventory_guard_pool();

CREATE FUNCTION inventory_guard_unsuitable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM inventory_poolentry p WHERE p.dossier_id = NEW.id AND p.state <> 'removed'
    ) THEN
        RAISE EXCEPTION 'dossier % is in the pool: take it out before marking it unsuitable', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pool_entry_suitable';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dossier_unsuitable_not_in_pool BEFORE UPDATE OF is_unsuitable ON inventory_dossier
    FOR EACH ROW WHEN (NEW.is_unsuitable AND NOT OLD.is_unsuitable)
    EXECUTE FUNCTION inventory_guard_unsuitable();
"""

# A fact is closed once and never otherwise changed, so that a past figure stays what it was.
FACTS = """
CREATE FUNCTION inventory_guard_fact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL
           AND to_jsonb(OLD) - 'superseded_at' = to_jsonb(NEW) - 'superseded_at' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% on % is refused: facts are only superseded', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER fact_kept BEFORE UPDATE OR DELETE ON inventory_entryfact
    FOR EACH ROW EXECUTE FUNCTION inventory_guard_fact();
CREATE TRIGGER fact_kept BEFORE UPDATE OR DELETE ON inventory_dossierfact
    FOR EACH ROW EXECUTE FUNCTION inventory_guard_fact();
CREATE TRIGGER fact_kept BEFORE UPDATE OR DELETE ON inventory_poolfact
    FOR EACH ROW EXECUTE FUNCTION inventory_guard_fact();
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]

    operations = [
        migrations.RunSQL(TRANSITIONS, migrations.RunSQL.noop),
        migrations.RunSQL(POOL, migrations.RunSQL.noop),
        migrations.RunSQL(FACTS, migrations.RunSQL.noop),
    ]
