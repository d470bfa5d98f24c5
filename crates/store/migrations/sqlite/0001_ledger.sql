-- The ledger, version 1. The two files of this version say the same but for the names of types; a test holds them
-- against each other. Digests are 64 hexadecimal digits, moments are milliseconds since 1970 UTC, booleans 0 or 1.

CREATE TABLE audit (
  seq INTEGER NOT NULL PRIMARY KEY,
  recorded_at INTEGER NOT NULL,
  subject TEXT,
  entry TEXT,
  nonce TEXT,
  leaf TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_subject ON audit (subject, seq);

CREATE TABLE checkpoint (
  size INTEGER NOT NULL PRIMARY KEY,
  root TEXT NOT NULL,
  signed_note TEXT NOT NULL,
  frontier TEXT NOT NULL,
  signed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE hunt (
  digest TEXT NOT NULL PRIMARY KEY,
  place TEXT NOT NULL,
  believed INTEGER NOT NULL,
  summary TEXT NOT NULL,
  recorded_at INTEGER NOT NULL
) STRICT;

CREATE TABLE plan (
  id TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  undo_of TEXT,
  author TEXT NOT NULL,
  header TEXT NOT NULL,
  digest TEXT UNIQUE,
  policy_digest TEXT NOT NULL,
  policy TEXT NOT NULL,
  hunt TEXT NOT NULL,
  accounts INTEGER NOT NULL,
  reason TEXT,
  drafted_at INTEGER NOT NULL,
  sealed_at INTEGER,
  expires_at INTEGER NOT NULL,
  moved_at INTEGER NOT NULL
) STRICT;
CREATE INDEX plan_by_undo ON plan (undo_of);

CREATE TABLE plan_line (
  plan TEXT NOT NULL REFERENCES plan (id),
  n INTEGER NOT NULL,
  commitment TEXT NOT NULL,
  PRIMARY KEY (plan, n)
) STRICT;

CREATE TABLE plan_value (
  plan TEXT NOT NULL REFERENCES plan (id),
  n INTEGER NOT NULL,
  account TEXT NOT NULL,
  wave INTEGER NOT NULL,
  tier TEXT NOT NULL,
  notice TEXT NOT NULL,
  nonce TEXT,
  entry TEXT,
  PRIMARY KEY (plan, n),
  UNIQUE (plan, account)
) STRICT;
CREATE INDEX plan_value_by_account ON plan_value (account);
CREATE INDEX plan_value_by_wave ON plan_value (plan, wave, n);

CREATE TABLE contact (
  plan TEXT NOT NULL REFERENCES plan (id),
  account TEXT NOT NULL,
  version TEXT NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  language TEXT,
  time_zone TEXT,
  PRIMARY KEY (plan, account)
) STRICT;

CREATE TABLE left_out (
  plan TEXT NOT NULL REFERENCES plan (id),
  account TEXT NOT NULL,
  code TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (plan, account)
) STRICT;

CREATE TABLE note (
  plan TEXT NOT NULL REFERENCES plan (id),
  place INTEGER NOT NULL,
  code TEXT NOT NULL,
  severity TEXT NOT NULL,
  saying TEXT NOT NULL,
  todo TEXT NOT NULL,
  PRIMARY KEY (plan, place)
) STRICT;

CREATE TABLE timeline (
  plan TEXT NOT NULL REFERENCES plan (id),
  account TEXT NOT NULL,
  moments TEXT NOT NULL,
  PRIMARY KEY (plan, account)
) STRICT;
CREATE INDEX timeline_by_account ON timeline (account);

CREATE TABLE review (
  plan TEXT NOT NULL PRIMARY KEY REFERENCES plan (id),
  seed TEXT NOT NULL,
  drawn_at INTEGER NOT NULL
) STRICT;

CREATE TABLE review_item (
  plan TEXT NOT NULL REFERENCES review (plan),
  place INTEGER NOT NULL,
  account TEXT NOT NULL,
  planted INTEGER NOT NULL,
  PRIMARY KEY (plan, place),
  UNIQUE (plan, account)
) STRICT;

CREATE TABLE label (
  subject TEXT NOT NULL,
  account TEXT NOT NULL,
  operator TEXT NOT NULL,
  blind INTEGER NOT NULL,
  label TEXT NOT NULL,
  labelled_at INTEGER NOT NULL,
  PRIMARY KEY (subject, account, operator, blind)
) STRICT;
CREATE INDEX label_by_account ON label (account);

CREATE TABLE operator (
  name TEXT NOT NULL PRIMARY KEY,
  public_key TEXT NOT NULL UNIQUE,
  added_at INTEGER NOT NULL
) STRICT;

CREATE TABLE approval (
  plan TEXT NOT NULL REFERENCES plan (id),
  operator TEXT NOT NULL REFERENCES operator (name),
  digest TEXT NOT NULL,
  decision TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  signature TEXT NOT NULL,
  signed_at INTEGER NOT NULL,
  PRIMARY KEY (plan, operator)
) STRICT;

CREATE TABLE run (
  id TEXT NOT NULL PRIMARY KEY,
  plan TEXT NOT NULL UNIQUE REFERENCES plan (id),
  digest TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  armed_at INTEGER NOT NULL,
  started_at INTEGER,
  halted_at INTEGER,
  done_at INTEGER,
  UNIQUE (id, plan)
) STRICT;

CREATE TABLE wave (
  run TEXT NOT NULL REFERENCES run (id),
  wave INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (run, wave)
) STRICT;

CREATE TABLE gate (
  run TEXT NOT NULL,
  place INTEGER NOT NULL,
  wave INTEGER NOT NULL,
  decision TEXT NOT NULL,
  inputs TEXT NOT NULL,
  reasons TEXT NOT NULL,
  decided_at INTEGER NOT NULL,
  PRIMARY KEY (run, place),
  FOREIGN KEY (run, wave) REFERENCES wave (run, wave)
) STRICT;

-- An account can only be here if the run's own plan names it.
CREATE TABLE account_run (
  run TEXT NOT NULL,
  plan TEXT NOT NULL,
  account TEXT NOT NULL,
  wave INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  intended_at INTEGER NOT NULL,
  settled_at INTEGER,
  PRIMARY KEY (run, account),
  FOREIGN KEY (run, plan) REFERENCES run (id, plan),
  FOREIGN KEY (plan, account) REFERENCES plan_value (plan, account),
  FOREIGN KEY (run, wave) REFERENCES wave (run, wave)
) STRICT;
CREATE INDEX account_run_by_account ON account_run (account);
CREATE INDEX account_run_by_state ON account_run (run, state);
CREATE INDEX account_run_by_plan ON account_run (plan, account);

CREATE TABLE step (
  run TEXT NOT NULL,
  account TEXT NOT NULL,
  place INTEGER NOT NULL,
  kind TEXT NOT NULL,
  act TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  result TEXT,
  intended_at INTEGER NOT NULL,
  outcome_at INTEGER,
  PRIMARY KEY (run, account, place),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
) STRICT;

CREATE TABLE run_key (
  run TEXT NOT NULL PRIMARY KEY REFERENCES run (id),
  key_id TEXT NOT NULL,
  wrapped BLOB,
  made_at INTEGER NOT NULL,
  destroyed_at INTEGER
) STRICT;

CREATE TABLE sealed_credential (
  run TEXT NOT NULL,
  account TEXT NOT NULL,
  nonce BLOB NOT NULL,
  ciphertext BLOB NOT NULL,
  version_before TEXT NOT NULL,
  version_ours TEXT,
  PRIMARY KEY (run, account),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
) STRICT;

CREATE TABLE notice (
  code TEXT NOT NULL PRIMARY KEY,
  run TEXT NOT NULL,
  account TEXT NOT NULL,
  template TEXT NOT NULL,
  state TEXT NOT NULL,
  message_id TEXT NOT NULL UNIQUE,
  contact TEXT,
  subject TEXT NOT NULL,
  body_text TEXT NOT NULL,
  body_html TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  reply TEXT,
  owed_at INTEGER NOT NULL,
  due_at INTEGER,
  try_at INTEGER,
  ended_at INTEGER,
  UNIQUE (run, account),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
) STRICT;
CREATE INDEX notice_by_state ON notice (state, try_at);
CREATE INDEX notice_by_account ON notice (account);

CREATE TABLE dispute (
  run TEXT NOT NULL,
  account TEXT NOT NULL,
  disputed_at INTEGER NOT NULL,
  proved_at INTEGER,
  how TEXT,
  PRIMARY KEY (run, account),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
) STRICT;
CREATE INDEX dispute_by_account ON dispute (account);

CREATE TABLE recovery (
  run TEXT NOT NULL,
  account TEXT NOT NULL,
  recovered_at INTEGER NOT NULL,
  PRIMARY KEY (run, account),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
) STRICT;

CREATE TABLE recovery_code (
  hash TEXT NOT NULL PRIMARY KEY,
  account TEXT NOT NULL,
  credential TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  wrong INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE INDEX recovery_code_by_account ON recovery_code (account);

CREATE TABLE owner_session (
  hash TEXT NOT NULL PRIMARY KEY,
  account TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX owner_session_by_account ON owner_session (account);

CREATE TABLE kept_object (
  run TEXT NOT NULL,
  account TEXT NOT NULL,
  object TEXT NOT NULL,
  kept_at INTEGER NOT NULL,
  PRIMARY KEY (run, account, object),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
) STRICT;

CREATE TABLE incident (
  id TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  title TEXT NOT NULL,
  aware_at INTEGER NOT NULL,
  opened_at INTEGER NOT NULL,
  resolved_at INTEGER
) STRICT;

CREATE TABLE incident_run (
  incident TEXT NOT NULL REFERENCES incident (id),
  run TEXT NOT NULL REFERENCES run (id),
  PRIMARY KEY (incident, run)
) STRICT;

CREATE TABLE statement (
  incident TEXT NOT NULL REFERENCES incident (id),
  version INTEGER NOT NULL,
  statement TEXT NOT NULL,
  published_at INTEGER NOT NULL,
  PRIMARY KEY (incident, version)
) STRICT;

CREATE TABLE limit_use (
  name TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  used INTEGER NOT NULL,
  PRIMARY KEY (name, bucket)
) STRICT;

CREATE TABLE lease (
  name TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  fence INTEGER NOT NULL,
  until_ms INTEGER NOT NULL
) STRICT;
