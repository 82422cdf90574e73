"""What the database itself refuses or does: append-only audit by month, NOTIFY for jobs, pieces for the search."""

from django.db import migrations

AUDIT = """
-- The trail is partitioned by month before the first row, so that history can be kept and purged by month.
ALTER TABLE portal_auditentry RENAME TO portal_auditentry_plain;
CREATE TABLE portal_auditentry (
    LIKE portal_auditentry_plain INCLUDING DEFAULTS INCLUDING IDENTITY,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
DROP TABLE portal_auditentry_plain;
ALTER TABLE portal_auditentry
    ADD CONSTRAINT audit_user FOREIGN KEY (user_id) REFERENCES portal_user (id),
    ADD CONSTRAINT audit_organisation FOREIGN KEY (organisation_id) REFERENCES portal_organisation (id),
    ADD CONSTRAINT audit_owner_fk FOREIGN KEY (owner_id) REFERENCES portal_organisation (id);
CREATE INDEX audit_object ON portal_auditentry (object_type, object_id, at DESC);
CREATE INDEX audit_owner ON portal_auditentry (owner_id, at DESC);
CREATE INDEX audit_time ON portal_auditentry (at DESC);
-- never used while the schedule makes the months ahead; here so that no entry can fail for want of a partition
CREATE TABLE portal_auditentry_rest PARTITION OF portal_auditentry DEFAULT;

CREATE FUNCTION portal_audit_month(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first date := date_trunc('month', month);
    name text := 'portal_auditentry_' || to_char(first, 'YYYYMM');
BEGIN
    IF to_regclass(name) IS NULL THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF portal_auditentry FOR VALUES FROM (%L) TO (%L)',
                       name, first, first + interval '1 month');
    END IF;
END $$;
SELECT portal_audit_month((date_trunc('month', now()) + n * interval '1 month')::date)
FROM generate_series(0, 3) n;

CREATE FUNCTION portal_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: this table is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON portal_auditentry
    FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON portal_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse_change();
"""

JOBS = """
CREATE FUNCTION portal_ring() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('portal_jobs', NEW.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER job_ring AFTER INSERT ON portal_job FOR EACH ROW EXECUTE FUNCTION portal_ring();
"""

# Same pieces as portal.text.pieces of an already folded text: two characters, never across a blank.
PIECES = """
CREATE FUNCTION portal_pieces(folded text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(folded, n, 2)), '{}')
    FROM generate_series(1, length(folded) - 1) n
    WHERE position(' ' in substr(folded, n, 2)) = 0
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial")]

    operations = [
        migrations.RunSQL(AUDIT, migrations.RunSQL.noop),
        migrations.RunSQL(JOBS, migrations.RunSQL.noop),
        migrations.RunSQL(PIECES, migrations.RunSQL.noop),
    ]
