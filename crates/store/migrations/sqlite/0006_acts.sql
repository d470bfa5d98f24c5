-- Acts with an end or a value of their own: accounts taken off for a while, contacts that are put
-- back, factors that were removed; and how much a step really changed, which letters are written from.

ALTER TABLE step ADD COLUMN changed INTEGER;
ALTER TABLE account_run ADD COLUMN moved TEXT;

CREATE TABLE hold (
  run TEXT NOT NULL,
  account TEXT NOT NULL,
  state TEXT NOT NULL,
  ends_at INTEGER NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (run, account),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
) STRICT;
CREATE INDEX hold_by_account ON hold (account);
CREATE INDEX hold_by_end ON hold (state, ends_at);

-- Contacts by value that a plan puts back, and those that it takes out, beside its lines.
CREATE TABLE contact_value (
  plan TEXT NOT NULL REFERENCES plan (id),
  account TEXT NOT NULL,
  version TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (plan, account, version)
) STRICT;
CREATE INDEX contact_value_by_account ON contact_value (account);

CREATE TABLE sealed_factor (
  run TEXT NOT NULL,
  account TEXT NOT NULL,
  factor TEXT NOT NULL,
  nonce BLOB NOT NULL,
  ciphertext BLOB NOT NULL,
  PRIMARY KEY (run, account, factor),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
) STRICT;
CREATE INDEX sealed_factor_by_account ON sealed_factor (account);

-- Accounts that need a person, each with the plan by which they came to need one.
CREATE TABLE person_queue (
  plan TEXT NOT NULL REFERENCES plan (id),
  account TEXT NOT NULL,
  why TEXT NOT NULL,
  run TEXT REFERENCES run (id),
  saying TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  closed_at INTEGER,
  closed_by TEXT,
  note TEXT,
  PRIMARY KEY (plan, account, why)
) STRICT;
CREATE INDEX person_queue_by_account ON person_queue (account);
CREATE INDEX person_queue_by_closing ON person_queue (closed_at, opened_at);

-- Whose hand moved a credential after a plan was sealed, by a later hunt.
CREATE TABLE credential_move (
  plan TEXT NOT NULL REFERENCES plan (id),
  account TEXT NOT NULL,
  mover TEXT NOT NULL,
  hunt TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (plan, account)
) STRICT;
CREATE INDEX credential_move_by_account ON credential_move (account);
