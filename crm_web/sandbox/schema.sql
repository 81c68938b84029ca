-- The stand-in's whole world. Times are seconds since the epoch; every id is text, as on the wire.
CREATE TABLE IF NOT EXISTS numbers (
  phone_number_id TEXT PRIMARY KEY,
  waba_id TEXT NOT NULL,
  display_phone_number TEXT NOT NULL,
  verified_name TEXT NOT NULL,
  quality_rating TEXT NOT NULL DEFAULT 'GREEN',
  profile TEXT NOT NULL DEFAULT '{}',
  webhook_url TEXT
);
CREATE TABLE IF NOT EXISTS wabas (
  waba_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  subscribed INTEGER NOT NULL DEFAULT 1,
  webhook_url TEXT
);
-- A person is known by the folded telephone number, or by the user id when the number was never shown.
CREATE TABLE IF NOT EXISTS people (
  key TEXT PRIMARY KEY,
  wa_id TEXT,
  name TEXT NOT NULL,
  username TEXT,
  hide_phone INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS user_ids (
  waba_id TEXT NOT NULL,
  person TEXT NOT NULL,
  bsuid TEXT NOT NULL UNIQUE,
  PRIMARY KEY (waba_id, person)
) WITHOUT ROWID;
-- What the business and one person share: the 24-hour window, and the typing dots.
CREATE TABLE IF NOT EXISTS chats (
  phone_number_id TEXT NOT NULL,
  person TEXT NOT NULL,
  last_inbound_at REAL NOT NULL DEFAULT 0,
  typing_at REAL NOT NULL DEFAULT 0,
  PRIMARY KEY (phone_number_id, person)
) WITHOUT ROWID;
-- The oracle: one row for every send that was accepted, never changed, never removed.
CREATE TABLE IF NOT EXISTS log (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  wamid TEXT NOT NULL,
  phone_number_id TEXT NOT NULL,
  person TEXT NOT NULL,
  type TEXT NOT NULL,
  biz_opaque_callback_data TEXT,
  mishap TEXT,
  at REAL NOT NULL
);
CREATE TRIGGER IF NOT EXISTS log_keeps_its_words BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS log_keeps_its_rows BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
-- What stands on the telephones: `out` came from the business, `in` from the customer.
CREATE TABLE IF NOT EXISTS messages (
  id INTEGER PRIMARY KEY,
  wamid TEXT NOT NULL UNIQUE,
  phone_number_id TEXT NOT NULL,
  person TEXT NOT NULL,
  direction TEXT NOT NULL,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  shown TEXT,
  callback TEXT,
  status TEXT NOT NULL,
  at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_of_a_chat ON messages (person, phone_number_id, id);
-- How often a number whose ending asks for trouble has been refused since it was last accepted.
CREATE TABLE IF NOT EXISTS stumbles (
  phone_number_id TEXT NOT NULL,
  person TEXT NOT NULL,
  times INTEGER NOT NULL,
  PRIMARY KEY (phone_number_id, person)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS media (
  id TEXT PRIMARY KEY,
  phone_number_id TEXT NOT NULL,
  mime_type TEXT NOT NULL,
  filename TEXT,
  sha256 TEXT NOT NULL,
  bytes BLOB NOT NULL,
  expires_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS templates (
  id INTEGER PRIMARY KEY,
  waba_id TEXT NOT NULL,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  category TEXT NOT NULL,
  parameter_format TEXT NOT NULL,
  components TEXT NOT NULL,
  status TEXT NOT NULL,
  rejected_reason TEXT NOT NULL DEFAULT 'NONE',
  review_at REAL,
  verdict TEXT,
  UNIQUE (waba_id, name, language)
);
-- Webhooks to deliver, at least once each. A lane keeps the order of what belongs together.
CREATE TABLE IF NOT EXISTS deliveries (
  id INTEGER PRIMARY KEY,
  waba_id TEXT NOT NULL,
  phone_number_id TEXT,
  lane TEXT,
  inbound TEXT,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting',
  attempts INTEGER NOT NULL DEFAULT 0,
  created_at REAL NOT NULL,
  due_at REAL NOT NULL,
  held_until REAL,
  done_at REAL,
  last_status INTEGER,
  last_error TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS deliveries_lane ON deliveries (lane, id) WHERE state IN ('waiting', 'sending');
CREATE INDEX IF NOT EXISTS deliveries_held ON deliveries (held_until) WHERE state = 'sending';
CREATE INDEX IF NOT EXISTS deliveries_given_up ON deliveries (id) WHERE state = 'given_up';
CREATE TABLE IF NOT EXISTS settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
