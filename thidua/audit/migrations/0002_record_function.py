"""The one way into the record: locks the chain's head, gives the next place, hashes, inserts. One round trip.

The hash is sha256 over the previous hash, a line feed and the canonical JSON text of all fields, so that a row that
is changed, moved, added or taken away later no longer fits (``thidua.audit.queries.verify_chain``).
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION audit_record(
    p_chain text, p_actor_id bigint, p_actor_name text, p_actor_office text, p_acting_for text, p_verb text,
    p_subject_label text, p_subject_id text, p_subject_text text, p_before jsonb, p_after jsonb,
    p_reason text, p_request_id text, p_key uuid
) RETURNS bigint LANGUAGE plpgsql AS $body$
DECLARE
    v_at timestamptz;
    v_sequence bigint;
    v_previous text;
    v_hash text;
    v_id bigint;
BEGIN
    SELECT sequence, hash INTO v_sequence, v_previous FROM audit_chainhead WHERE chain = p_chain FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO audit_chainhead (chain, sequence, hash) VALUES (p_chain, 0, '') ON CONFLICT (chain) DO NOTHING;
        SELECT sequence, hash INTO v_sequence, v_previous FROM audit_chainhead WHERE chain = p_chain FOR UPDATE;
    END IF;
    v_sequence := v_sequence + 1;
    v_at := clock_timestamp();  -- after the lock, so that time and place in the chain agree
    v_hash := encode(sha256(convert_to(v_previous || E'\\n' || jsonb_build_array(
        p_chain, v_sequence, to_char(v_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        p_actor_id, p_actor_name, p_actor_office, p_acting_for, p_verb, p_subject_label, p_subject_id, p_subject_text,
        p_before, p_after, p_reason, p_request_id, p_key)::text, 'UTF8')), 'hex');
    INSERT INTO audit_event (at, actor_id, actor_name, actor_office, acting_for, verb, subject_label, subject_id,
        subject_text, before, after, reason, request_id, key, chain, sequence, previous_hash, hash)
    VALUES (v_at, p_actor_id, p_actor_name, p_actor_office, p_acting_for, p_verb, p_subject_label, p_subject_id,
        p_subject_text, p_before, p_after, p_reason, p_request_id, p_key, p_chain, v_sequence, v_previous, v_hash)
    RETURNING id INTO v_id;
    UPDATE audit_chainhead SET sequence = v_sequence, hash = v_hash WHERE chain = p_chain;
    RETURN v_id;
END
$body$;
"""
DROP = (
    "DROP FUNCTION audit_record(text, bigint, text, text, text, text, text, text, text, jsonb, jsonb, text, text, uuid)"
)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
