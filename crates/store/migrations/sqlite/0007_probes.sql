-- Probe accounts of ours: which there are, what is held of them (sealed), and what trying it came to. Where a run acts on
-- one, it is told apart from the accounts of owners, and is in no count of them.

ALTER TABLE account_run ADD COLUMN probe INTEGER NOT NULL DEFAULT 0;

CREATE TABLE probe (
  account TEXT NOT NULL PRIMARY KEY,
  added_at INTEGER NOT NULL,
  added_by TEXT NOT NULL
) STRICT;

CREATE TABLE probe_credential (
  account TEXT NOT NULL REFERENCES probe (account),
  kind TEXT NOT NULL,
  key_id TEXT NOT NULL,
  sealed BLOB NOT NULL,
  armed_at INTEGER NOT NULL,
  spent_at INTEGER,
  PRIMARY KEY (account, kind)
) STRICT;

CREATE TABLE probe_trial (
  run TEXT NOT NULL REFERENCES run (id),
  account TEXT NOT NULL,
  kind TEXT NOT NULL,
  side TEXT NOT NULL,
  wave INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  saying TEXT,
  tried_at INTEGER NOT NULL,
  PRIMARY KEY (run, account, kind, side)
) STRICT;
