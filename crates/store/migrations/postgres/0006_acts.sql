-- Acts with an end or a value of their own: accounts taken off for a while, contacts that are put
-- back, factors that were removed; and how much a step really changed, which letters are written from.

ALTER TABLE step ADD COLUMN changed BIGINT;
ALTER TABLE account_run ADD COLUMN moved TEXT COLLATE "C";

CREATE TABLE hold (
  run TEXT COLLATE "C" NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  ends_at BIGINT NOT NULL,
  ended_at BIGINT,
  PRIMARY KEY (run, account),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
);
CREATE INDEX hold_by_account ON hold (account);
CREATE INDEX hold_by_end ON hold (state, ends_at);

-- Contacts by value that a plan puts back, and those that it takes out, beside its lines.
CREATE TABLE contact_value (
  plan TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
  account TEXT COLLATE "C" NOT NULL,
  version TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (plan, account, version)
);
CREATE INDEX contact_value_by_account ON contact_value (account);

CREATE TABLE sealed_factor (
  run TEXT COLLATE "C" NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  factor TEXT COLLATE "C" NOT NULL,
  nonce BYTEA NOT NULL,
  ciphertext BYTEA NOT NULL,
  PRIMARY KEY (run, account, factor),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
);
CREATE INDEX sealed_factor_by_account ON sealed_factor (account);

-- Accounts that need a person, each with the plan by which they came to need one.
CREATE TABLE person_queue (
  plan TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
  account TEXT COLLATE "C" NOT NULL,
  why TEXT COLLATE "C" NOT NULL,
  run TEXT COLLATE "C" REFERENCES run (id),
  saying TEXT COLLATE "C" NOT NULL,
  opened_at BIGINT NOT NULL,
  closed_at BIGINT,
  closed_by TEXT COLLATE "C",
  note TEXT COLLATE "C",
  PRIMARY KEY (plan, account, why)
);
CREATE INDEX person_queue_by_account ON person_queue (account);
CREATE INDEX person_queue_by_closing ON person_queue (closed_at, opened_at);

-- Whose hand moved a credential after a plan was sealed, by a later hunt.
CREATE TABLE credential_move (
  plan TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
  account TEXT COLLATE "C" NOT NULL,
  mover TEXT COLLATE "C" NOT NULL,
  hunt TEXT COLLATE "C" NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (plan, account)
);
CREATE INDEX credential_move_by_account ON credential_move (account);
