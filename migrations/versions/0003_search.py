"""Search over the whole history: indexes that know the tenant and the week, and the two doors that read them.

A common word has too many hits to sort, a rare one is too far apart to walk to. So messages are kept in drawers, one per
tenant and week, inside the index of their words: a search walks the newest messages first, then opens drawers from the
newest on, twice as many each time. Words that are in every hundredth message are left to the check of each message.
"""

from __future__ import annotations

from alembic import op
from flask import current_app

from crm_web.core.fence import CURRENT, door

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FUNCTIONS = {
    "parted(words text)": """text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT translate(words, '-._@/:+', '       ') $$""",
    "week_of(at timestamptz)": """bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT floor(extract(epoch FROM at AT TIME ZONE 'UTC') / 604800)::bigint $$""",
    "drawer_of(tenant uuid, at timestamptz)": """bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT ARRAY[uuid_hash_extended(tenant,
            floor(extract(epoch FROM at AT TIME ZONE 'UTC') / 604800)::bigint)] $$""",
    "drawers(tenant uuid, newest bigint, oldest bigint)": """bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT array_agg(uuid_hash_extended(tenant, week)) FROM generate_series(oldest, newest) week $$""",
    # A text's words, and those inside an address or the name of a file, which PostgreSQL takes for one.
    "words_of(words text)": """tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE WHEN words ~ '[[:alnum:]][-._@/:+][[:alnum:]]'
            THEN to_tsvector('pg_catalog.simple', words) || to_tsvector('pg_catalog.simple', public.parted(words))
            ELSE to_tsvector('pg_catalog.simple', words) END $$""",
    # A chunk of what was typed, in words: from three letters on a beginning is enough, unless `whole`.
    "query_of(chunk text, whole boolean)": r"""tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT coalesce(string_agg('''' || replace(replace(word, '\', '\\'), '''', '''''') || ''''
            || CASE WHEN NOT whole AND length(word) > 2 THEN ':*' ELSE '' END, ' & '), '')::tsquery
        FROM (SELECT word, max(length(word)) OVER () AS longest
            FROM unnest(tsvector_to_array(to_tsvector('pg_catalog.simple', public.parted(public.fold(chunk))))) word) w
        WHERE length(word) > 2 OR longest < 3 $$""",
    # The same for a person: a run of four digits or more may also be a part of their telephone.
    "person_query_of(chunk text)": r"""tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE WHEN chunk ~ '^[0-9]{4,15}$' THEN ('p' || chunk || ':* | ' || chunk || ':*')::tsquery
            ELSE public.query_of(chunk, false) END $$""",
    "text_of_message(body text, payload jsonb)": """text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT public.fold(left(
            concat_ws(' ', body, payload->>'filename', payload->>'name', payload->>'address'), 50000)) $$""",
}

# What the two stored vectors are made by, and were by the migration before.
MESSAGE = "words_of_message(body text, payload jsonb)"
LEAD = "words_of_lead(first_name text, last_name text, profile_name text, username text, email text, company text, phone text)"
TEXT = "left(concat_ws(' ', body, payload->>'filename', payload->>'name', payload->>'address'), 50000)"
NAMES = """left(coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || coalesce(profile_name, '') || ' '
    || coalesce(username, '') || ' ' || coalesce(email, '') || ' ' || coalesce(company, ''), 5000)"""
VECTOR = """tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT strip({words}public.fold({text}))) {more} $$"""
TAILS = "|| array_to_tsvector(public.tails_of(phone))"
COLUMNS = {
    "messages": "words_of_message(body, payload)",
    "leads": "words_of_lead(first_name, last_name, profile_name, username, email, company, phone)",
}

# What every search runs with. Its shapes have one good plan each; the planner, which cannot know how many messages hold
# two words, is kept from the others.
SETTINGS = """SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
    SET max_parallel_workers_per_gather = 0"""

MESSAGE_FITS = """m.deleted_at IS NULL AND m.revoked_at IS NULL AND m.kind <> 'system'
    AND ($3 IS NULL OR m.kind = ANY($3)) AND ($4 IS NULL OR m.channel_id = $4)
    AND ($5 IS NULL OR NOT EXISTS (SELECT FROM unnest($5) phrase
        WHERE position(phrase IN text_of_message(m.body, m.payload)) = 0))
    AND (m.occurred_at, m.id) < ($6, $7) AND m.occurred_at >= $8"""
CONVERSATION_FITS = """c.tenant_id = $1 AND c.id = m.conversation_id AND m.tenant_id = $1 AND c.deleted_at IS NULL
    AND ($9 IS NULL OR m.author_id = $9 OR c.assigned_to = $9)
    AND ($11 OR c.assigned_to = $10 OR $12 AND c.assigned_to IS NULL)"""
NEWEST = "ORDER BY m.occurred_at DESC, m.id DESC"
HITS = f"""SELECT array_agg(h.id), array_agg(h.occurred_at) FROM (SELECT m.id, m.occurred_at
    FROM (SELECT m.* FROM %s WHERE %s AND {MESSAGE_FITS} {NEWEST} OFFSET 0) m
    JOIN conversations c ON {CONVERSATION_FITS} {NEWEST} LIMIT $13) h"""
WALKED = f"""SELECT m.* FROM messages m WHERE m.tenant_id = $1 AND (m.occurred_at, m.id) < ($6, $7)
    AND m.occurred_at >= $8 {NEWEST} LIMIT"""
USING = """USING tenant, whole, kinds, channel, phrases, place_at, place_id, since, person, viewer, sees_all, sees_free,
    most - got"""

SEARCH_MESSAGES = f"""TABLE (message_id uuid, occurred_at timestamptz)
LANGUAGE plpgsql VOLATILE {SETTINGS} AS $$
DECLARE
    tenant uuid := {CURRENT};
    place_at timestamptz := least(coalesce(before_at, 'infinity'), coalesce(until, 'infinity'));
    place_id uuid := CASE WHEN before_at IS NULL OR until < before_at
        THEN 'ffffffff-ffff-ffff-ffff-ffffffffffff' ELSE before_id END;
    queries tsquery[] := ARRAY(SELECT q FROM (SELECT query_of(w, false) FROM unnest(words) w
        UNION ALL SELECT query_of(p, true) FROM unnest(phrases) p) s(q) WHERE numnode(q) > 0);
    whole tsquery; rare tsquery; counts bigint[];
    few uuid[]; ids uuid[]; ats timestamptz[];
    got int := 0; stride int := 1500; ends_at timestamptz; last_id uuid; top bigint; bottom bigint; span bigint := 1; first bigint;
    until_clock timestamptz := clock_timestamp() + interval '15 ms';
BEGIN
    IF tenant IS NULL OR cardinality(queries) = 0 THEN RETURN; END IF;
    phrases := nullif(ARRAY(SELECT fold(p) FROM unnest(phrases) p), '{{}}');
    since := coalesce(since, '-infinity');
    FOR n IN 1..cardinality(queries) LOOP
        whole := CASE WHEN n = 1 THEN queries[n] ELSE whole && queries[n] END;
    END LOOP;

    -- Few conversations are read through: the one that is searched in, or a person's own.
    few := CASE WHEN inside IS NOT NULL THEN ARRAY[inside] ELSE few_of(tenant, viewer, sees_all, sees_free, 300) END;
    IF few IS NOT NULL THEN
        EXECUTE format($q${HITS}$q$, 'unnest($14) s(id) JOIN messages m ON m.tenant_id = $1 AND m.conversation_id = s.id',
            'm.search @@ $2') INTO ids, ats {USING}, few;
        RETURN QUERY SELECT * FROM unnest(ids, ats);
        RETURN;
    END IF;

    -- The newest are walked through; what is said every day is found at once.
    LOOP
        SELECT m.occurred_at, m.id INTO ends_at, last_id FROM messages m
        WHERE m.tenant_id = tenant AND (m.occurred_at, m.id) < (place_at, place_id) AND m.occurred_at >= since
        {NEWEST} OFFSET stride - 1 LIMIT 1;
        EXECUTE format($q${HITS}$q$, '({WALKED} $14) m', 'm.search @@ $2') INTO ids, ats {USING}, stride;
        RETURN QUERY SELECT * FROM unnest(ids, ats);
        got := got + coalesce(cardinality(ids), 0);
        IF got >= most OR ends_at IS NULL THEN RETURN; END IF;
        IF counts IS NULL THEN
            -- Which words are too common for the index, from the stretch just walked.
            EXECUTE 'SELECT array_agg(n ORDER BY i) FROM (SELECT i, count(*) FILTER (WHERE m.search @@ $3[i]) AS n
                FROM (SELECT m.search FROM messages m WHERE m.tenant_id = $1 AND (m.occurred_at, m.id) < ($4, $5)
                    AND m.occurred_at >= $2 {NEWEST} LIMIT 1500) m, generate_subscripts($3, 1) i GROUP BY i) s'
                INTO counts USING tenant, since, queries, place_at, place_id;
            FOR n IN 1..cardinality(queries) LOOP
                IF counts[n] < 15 THEN
                    rare := CASE WHEN rare IS NULL THEN queries[n] ELSE rare && queries[n] END;
                END IF;
            END LOOP;
        END IF;
        stride := least(stride * 2, 6000);
        place_at := ends_at;
        place_id := last_id;
        EXIT WHEN rare IS NOT NULL;
        IF clock_timestamp() > until_clock THEN
            RETURN QUERY SELECT NULL::uuid, place_at;
            RETURN;
        END IF;
    END LOOP;

    -- Drawers from the newest on, twice as many each time: few hits so far mean few in as many again.
    SELECT week_of(m.occurred_at) INTO first FROM messages m
        WHERE m.tenant_id = tenant AND m.occurred_at >= since ORDER BY m.occurred_at, m.id LIMIT 1;
    top := week_of(place_at);
    WHILE top >= first LOOP
        bottom := greatest(top - span + 1, first);
        EXECUTE format($q${HITS}$q$, 'messages m', 'drawer_of(m.tenant_id, m.occurred_at) && $14 AND m.search @@ $15
            AND ts_match_vq(m.search, $2)') INTO ids, ats {USING}, drawers(tenant, top, bottom), rare;
        RETURN QUERY SELECT * FROM unnest(ids, ats);
        got := got + coalesce(cardinality(ids), 0);
        EXIT WHEN got >= most OR bottom <= first;
        IF clock_timestamp() > until_clock THEN
            RETURN QUERY SELECT NULL::uuid, to_timestamp(bottom * 604800.0);
            RETURN;
        END IF;
        top := bottom - 1;
        span := least(span * 2, 1024);
    END LOOP;
END $$"""

PERSON_FITS = """c.deleted_at IS NULL AND (c.is_open, c.last_message_at, c.id) < ($3, $4, $5)
    AND ($7 OR c.assigned_to = $6 OR $8 AND c.assigned_to IS NULL)"""
PEOPLE = f"""SELECT array_agg(h.id) FROM (SELECT c.id FROM %s WHERE %s AND {PERSON_FITS}
    ORDER BY c.is_open DESC, c.last_message_at DESC, c.id DESC LIMIT $9) h"""
PEOPLE_USING = "USING tenant, whole, place_open, place_at, place_id, viewer, sees_all, sees_free, most"
OWN_LEAD = "leads l ON l.tenant_id = $1 AND l.id = c.lead_id AND l.deleted_at IS NULL AND l.search @@ $2"

SEARCH_PEOPLE = f"""TABLE (conversation_id uuid)
LANGUAGE plpgsql VOLATILE {SETTINGS} AS $$
DECLARE
    tenant uuid := {CURRENT};
    place_open boolean := coalesce(before_open, true);
    place_at timestamptz := coalesce(before_at, 'infinity');
    place_id uuid := coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
    whole tsquery; part tsquery; few uuid[]; ids uuid[];
BEGIN
    FOR part IN SELECT q FROM (SELECT person_query_of(w) FROM unnest(words) w) s(q) WHERE numnode(q) > 0 LOOP
        whole := CASE WHEN whole IS NULL THEN part ELSE whole && part END;
    END LOOP;
    IF tenant IS NULL OR whole IS NULL THEN RETURN; END IF;

    few := few_of(tenant, viewer, sees_all, sees_free, 1000);
    IF few IS NOT NULL THEN
        EXECUTE format($q${PEOPLE}$q$, 'unnest($10) s(id) JOIN conversations c ON c.tenant_id = $1 AND c.id = s.id
            JOIN {OWN_LEAD}', 'true') INTO ids {PEOPLE_USING}, few;
        RETURN QUERY SELECT * FROM unnest(ids);
        RETURN;
    END IF;

    few := leads_with(tenant, whole, 3001);
    IF cardinality(few) > 3000 THEN
        -- A common name: whoever wrote last is near the top of the open ones.
        IF place_open THEN
            EXECUTE format($q${PEOPLE}$q$, '(SELECT c.* FROM conversations c WHERE c.tenant_id = $1 AND c.is_open
                AND c.deleted_at IS NULL AND (c.last_message_at, c.id) < ($4, $5)
                ORDER BY c.last_message_at DESC, c.id DESC LIMIT 4000) c JOIN {OWN_LEAD}', 'true') INTO ids {PEOPLE_USING};
            IF cardinality(ids) >= most THEN
                RETURN QUERY SELECT * FROM unnest(ids);
                RETURN;
            END IF;
        END IF;
        few := leads_with(tenant, whole, NULL);
    END IF;
    EXECUTE format($q${PEOPLE}$q$, 'unnest($10) s(id) JOIN conversations c ON c.tenant_id = $1 AND c.lead_id = s.id',
        'true') INTO ids {PEOPLE_USING}, few;
    RETURN QUERY SELECT * FROM unnest(ids);
END $$"""

# Helpers of the doors: they run as the doors do, and nobody else may call them.
INNER = {
    # The conversations of somebody who may not see all, when they are few; else NULL.
    "few_of(tenant uuid, viewer uuid, sees_all boolean, sees_free boolean, most integer)": """uuid[]
        LANGUAGE sql STABLE AS $$
        SELECT CASE WHEN NOT sees_all AND count(*) <= most THEN coalesce(array_agg(s.id), '{}') END FROM (
            (SELECT c.id FROM conversations c WHERE NOT sees_all AND c.tenant_id = tenant AND c.assigned_to = viewer
                AND c.deleted_at IS NULL LIMIT most + 1)
            UNION ALL
            (SELECT c.id FROM conversations c WHERE NOT sees_all AND sees_free AND c.tenant_id = tenant
                AND c.assigned_to IS NULL AND c.deleted_at IS NULL LIMIT most + 1)) s $$""",
    "leads_with(tenant uuid, words tsquery, most integer)": """uuid[] LANGUAGE plpgsql STABLE AS $$
        DECLARE found uuid[];
        BEGIN
            EXECUTE 'SELECT array_agg(s.id) FROM (SELECT l.id FROM leads l WHERE ARRAY[l.tenant_id] @> ARRAY[$1]
                AND l.search @@ $2 AND l.deleted_at IS NULL LIMIT $3) s' INTO found USING tenant, words, most;
            RETURN coalesce(found, '{}');
        END $$""",
}

DOORS = {
    (
        "search_messages(words text[], phrases text[], inside uuid, person uuid, since timestamptz, until timestamptz,"
        " kinds text[], channel uuid, viewer uuid, sees_all boolean, sees_free boolean, before_at timestamptz,"
        " before_id uuid, most integer)"
    ): SEARCH_MESSAGES,
    (
        "search_people(words text[], viewer uuid, sees_all boolean, sees_free boolean, before_open boolean,"
        " before_at timestamptz, before_id uuid, most integer)"
    ): SEARCH_PEOPLE,
}

# Short pending lists: every search reads them from end to end.
PENDING = "WITH (gin_pending_list_limit = 512)"
INDEXES = (
    "CREATE INDEX ix_messages_recent ON messages (tenant_id, occurred_at DESC, id DESC)",
    f"CREATE INDEX ix_messages_search ON messages USING gin (drawer_of(tenant_id, occurred_at), search) {PENDING}",
    f"CREATE INDEX ix_leads_search ON leads USING gin ((ARRAY[tenant_id]), search) {PENDING}",
    "CREATE INDEX ix_conversations_owner ON conversations (tenant_id, assigned_to) WHERE deleted_at IS NULL",
)


def store_words(words: str) -> None:
    """Make the stored vectors by a function, given up to the text it takes; the indexes on them go with the columns."""
    for signature, text, more in ((MESSAGE, TEXT, ""), (LEAD, NAMES, TAILS)):
        op.execute(
            f"CREATE OR REPLACE FUNCTION {signature} RETURNS {VECTOR.format(words=words, text=text, more=more)}"
        )
    for table, expression in COLUMNS.items():
        op.execute(f"ALTER TABLE {table} DROP COLUMN search")
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS ({expression}) STORED"
        )


def upgrade() -> None:
    role = current_app.config["APP_ROLE"]
    for signature, body in FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {signature} RETURNS {body}")
    store_words("public.words_of(")
    for statement in INDEXES:
        op.execute(statement)
    for signature, body in INNER.items():
        op.execute(f"CREATE FUNCTION {signature} RETURNS {body}")
        op.execute(f"REVOKE ALL ON FUNCTION {signature.split('(', 1)[0]} FROM PUBLIC")
    for signature, body in DOORS.items():
        door(op, signature, role, body)


def downgrade() -> None:
    for signature in (*DOORS, *INNER):
        op.execute(f"DROP FUNCTION {signature.split('(', 1)[0]}")
    op.drop_index("ix_conversations_owner", "conversations")
    op.drop_index("ix_messages_recent", "messages")
    store_words("to_tsvector('pg_catalog.simple', ")
    for signature in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {signature.split('(', 1)[0]}")
    for table in ("messages", "leads"):
        op.execute(f"CREATE INDEX ix_{table}_search ON {table} USING gin (search)")
