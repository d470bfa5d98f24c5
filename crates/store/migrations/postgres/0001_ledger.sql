-- The ledger, version 1. The two files of this version say the same but for the names of types; a test holds them
-- against each other. Digests are 64 hexadecimal digits, moments are milliseconds since 1970 UTC, booleans 0 or 1.

CREATE TABLE audit (
  seq BIGINT NOT NULL PRIMARY KEY,
  recorded_at BIGINT NOT NULL,
  subject TEXT COLLATE "C",
  entry TEXT COLLATE "C",
  nonce TEXT COLLATE "C",
  leaf TEXT COLLATE "C" NOT NULL
);
CREATE INDEX audit_by_subject ON audit (subject, seq);

CREATE TABLE checkpoint (
  size BIGINT NOT NULL PRIMARY KEY,
  root TEXT COLLATE "C" NOT NULL,
  signed_note TEXT COLLATE "C" NOT NULL,
  frontier TEXT COLLATE "C" NOT NULL,
  signed_at BIGINT NOT NULL
);

CREATE TABLE hunt (
  digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  place TEXT COLLATE "C" NOT NULL,
  believed BIGINT NOT NULL,
  summary TEXT COLLATE "C" NOT NULL,
  recorded_at BIGINT NOT NULL
);

CREATE TABLE plan (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  state TEXT COLLATE "C" NOT NULL,
  undo_of TEXT COLLATE "C",
  author TEXT COLLATE "C" NOT NULL,
  header TEXT COLLATE "C" NOT NULL,
  digest TEXT COLLATE "C" UNIQUE,
  policy_digest TEXT COLLATE "C" NOT NULL,
  policy TEXT COLLATE "C" NOT NULL,
  hunt TEXT COLLATE "C" NOT NULL,
  accounts BIGINT NOT NULL,
  reason TEXT COLLATE "C",
  drafted_at BIGINT NOT NULL,
  sealed_at BIGINT,
  expires_at BIGINT NOT NULL,
  moved_at BIGINT NOT NULL
);
CREATE INDEX plan_by_undo ON plan (undo_of);

CREATE TABLE plan_line (
  plan TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
  n BIGINT NOT NULL,
  commitment TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (plan, n)
);

CREATE TABLE plan_value (
  plan TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
  n BIGINT NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  wave BIGINT NOT NULL,
  tier TEXT COLLATE "C" NOT NULL,
  notice TEXT COLLATE "C" NOT NULL,
  nonce TEXT COLLATE "C",
  entry TEXT COLLATE "C",
  PRIMARY KEY (plan, n),
  UNIQUE (plan, account)
);
CREATE INDEX plan_value_by_account ON plan_value (account);
CREATE INDEX plan_value_by_wave ON plan_value (plan, wave, n);

CREATE TABLE contact (
  plan TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
  account TEXT COLLATE "C" NOT NULL,
  version TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  language TEXT COLLATE "C",
  time_zone TEXT COLLATE "C",
  PRIMARY KEY (plan, account)
);

CREATE TABLE left_out (
  plan TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
  account TEXT COLLATE "C" NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (plan, account)
);

CREATE TABLE note (
  plan TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
  place BIGINT NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  severity TEXT COLLATE "C" NOT NULL,
  saying TEXT COLLATE "C" NOT NULL,
  todo TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (plan, place)
);

CREATE TABLE timeline (
  plan TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
  account TEXT COLLATE "C" NOT NULL,
  moments TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (plan, account)
);
CREATE INDEX timeline_by_account ON timeline (account);

CREATE TABLE review (
  plan TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES plan (id),
  seed TEXT COLLATE "C" NOT NULL,
  drawn_at BIGINT NOT NULL
);

CREATE TABLE review_item (
  plan TEXT COLLATE "C" NOT NULL REFERENCES review (plan),
  place BIGINT NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  planted BIGINT NOT NULL,
  PRIMARY KEY (plan, place),
  UNIQUE (plan, account)
);

CREATE TABLE label (
  subject TEXT COLLATE "C" NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  operator TEXT COLLATE "C" NOT NULL,
  blind BIGINT NOT NULL,
  label TEXT COLLATE "C" NOT NULL,
  labelled_at BIGINT NOT NULL,
  PRIMARY KEY (subject, account, operator, blind)
);
CREATE INDEX label_by_account ON label (account);

CREATE TABLE operator (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  public_key TEXT COLLATE "C" NOT NULL UNIQUE,
  added_at BIGINT NOT NULL
);

CREATE TABLE approval (
  plan TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
  operator TEXT COLLATE "C" NOT NULL REFERENCES operator (name),
  digest TEXT COLLATE "C" NOT NULL,
  decision TEXT COLLATE "C" NOT NULL,
  expires_at BIGINT NOT NULL,
  signature TEXT COLLATE "C" NOT NULL,
  signed_at BIGINT NOT NULL,
  PRIMARY KEY (plan, operator)
);

CREATE TABLE run (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  plan TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES plan (id),
  digest TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C",
  armed_at BIGINT NOT NULL,
  started_at BIGINT,
  halted_at BIGINT,
  done_at BIGINT,
  UNIQUE (id, plan)
);

CREATE TABLE wave (
  run TEXT COLLATE "C" NOT NULL REFERENCES run (id),
  wave BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  PRIMARY KEY (run, wave)
);

CREATE TABLE gate (
  run TEXT COLLATE "C" NOT NULL,
  place BIGINT NOT NULL,
  wave BIGINT NOT NULL,
  decision TEXT COLLATE "C" NOT NULL,
  inputs TEXT COLLATE "C" NOT NULL,
  reasons TEXT COLLATE "C" NOT NULL,
  decided_at BIGINT NOT NULL,
  PRIMARY KEY (run, place),
  FOREIGN KEY (run, wave) REFERENCES wave (run, wave)
);

-- An account can only be here if the run's own plan names it.
CREATE TABLE account_run (
  run TEXT COLLATE "C" NOT NULL,
  plan TEXT COLLATE "C" NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  wave BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C",
  intended_at BIGINT NOT NULL,
  settled_at BIGINT,
  PRIMARY KEY (run, account),
  FOREIGN KEY (run, plan) REFERENCES run (id, plan),
  FOREIGN KEY (plan, account) REFERENCES plan_value (plan, account),
  FOREIGN KEY (run, wave) REFERENCES wave (run, wave)
);
CREATE INDEX account_run_by_account ON account_run (account);
CREATE INDEX account_run_by_state ON account_run (run, state);
CREATE INDEX account_run_by_plan ON account_run (plan, account);

CREATE TABLE step (
  run TEXT COLLATE "C" NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  place BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  act TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  attempts BIGINT NOT NULL,
  result TEXT COLLATE "C",
  intended_at BIGINT NOT NULL,
  outcome_at BIGINT,
  PRIMARY KEY (run, account, place),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
);

CREATE TABLE run_key (
  run TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES run (id),
  key_id TEXT COLLATE "C" NOT NULL,
  wrapped BYTEA,
  made_at BIGINT NOT NULL,
  destroyed_at BIGINT
);

CREATE TABLE sealed_credential (
  run TEXT COLLATE "C" NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  nonce BYTEA NOT NULL,
  ciphertext BYTEA NOT NULL,
  version_before TEXT COLLATE "C" NOT NULL,
  version_ours TEXT COLLATE "C",
  PRIMARY KEY (run, account),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
);

CREATE TABLE notice (
  code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  run TEXT COLLATE "C" NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  template TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  message_id TEXT COLLATE "C" NOT NULL UNIQUE,
  contact TEXT COLLATE "C",
  subject TEXT COLLATE "C" NOT NULL,
  body_text TEXT COLLATE "C" NOT NULL,
  body_html TEXT COLLATE "C" NOT NULL,
  attempts BIGINT NOT NULL,
  reply TEXT COLLATE "C",
  owed_at BIGINT NOT NULL,
  due_at BIGINT,
  try_at BIGINT,
  ended_at BIGINT,
  UNIQUE (run, account),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
);
CREATE INDEX notice_by_state ON notice (state, try_at);
CREATE INDEX notice_by_account ON notice (account);

CREATE TABLE dispute (
  run TEXT COLLATE "C" NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  disputed_at BIGINT NOT NULL,
  proved_at BIGINT,
  how TEXT COLLATE "C",
  PRIMARY KEY (run, account),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
);
CREATE INDEX dispute_by_account ON dispute (account);

CREATE TABLE recovery (
  run TEXT COLLATE "C" NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  recovered_at BIGINT NOT NULL,
  PRIMARY KEY (run, account),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
);

CREATE TABLE recovery_code (
  hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  account TEXT COLLATE "C" NOT NULL,
  credential TEXT COLLATE "C" NOT NULL,
  made_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  wrong BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE INDEX recovery_code_by_account ON recovery_code (account);

CREATE TABLE owner_session (
  hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  account TEXT COLLATE "C" NOT NULL,
  made_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX owner_session_by_account ON owner_session (account);

CREATE TABLE kept_object (
  run TEXT COLLATE "C" NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  object TEXT COLLATE "C" NOT NULL,
  kept_at BIGINT NOT NULL,
  PRIMARY KEY (run, account, object),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
);

CREATE TABLE incident (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  state TEXT COLLATE "C" NOT NULL,
  title TEXT COLLATE "C" NOT NULL,
  aware_at BIGINT NOT NULL,
  opened_at BIGINT NOT NULL,
  resolved_at BIGINT
);

CREATE TABLE incident_run (
  incident TEXT COLLATE "C" NOT NULL REFERENCES incident (id),
  run TEXT COLLATE "C" NOT NULL REFERENCES run (id),
  PRIMARY KEY (incident, run)
);

CREATE TABLE statement (
  incident TEXT COLLATE "C" NOT NULL REFERENCES incident (id),
  version BIGINT NOT NULL,
  statement TEXT COLLATE "C" NOT NULL,
  published_at BIGINT NOT NULL,
  PRIMARY KEY (incident, version)
);

CREATE TABLE limit_use (
  name TEXT COLLATE "C" NOT NULL,
  bucket BIGINT NOT NULL,
  used BIGINT NOT NULL,
  PRIMARY KEY (name, bucket)
);

CREATE TABLE lease (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  holder TEXT COLLATE "C" NOT NULL,
  fence BIGINT NOT NULL,
  until_ms BIGINT NOT NULL
);
