-- Probe accounts of ours: which there are, what is held of them (sealed), and what trying it came to. Where a run acts on
-- one, it is told apart from the accounts of owners, and is in no count of them.

ALTER TABLE account_run ADD COLUMN probe BIGINT NOT NULL DEFAULT 0;

CREATE TABLE probe (
  account TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  added_at BIGINT NOT NULL,
  added_by TEXT COLLATE "C" NOT NULL
);

CREATE TABLE probe_credential (
  account TEXT COLLATE "C" NOT NULL REFERENCES probe (account),
  kind TEXT COLLATE "C" NOT NULL,
  key_id TEXT COLLATE "C" NOT NULL,
  sealed BYTEA NOT NULL,
  armed_at BIGINT NOT NULL,
  spent_at BIGINT,
  PRIMARY KEY (account, kind)
);

CREATE TABLE probe_trial (
  run TEXT COLLATE "C" NOT NULL REFERENCES run (id),
  account TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  side TEXT COLLATE "C" NOT NULL,
  wave BIGINT NOT NULL,
  outcome TEXT COLLATE "C" NOT NULL,
  saying TEXT COLLATE "C",
  tried_at BIGINT NOT NULL,
  PRIMARY KEY (run, account, kind, side)
);
