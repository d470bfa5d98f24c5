-- Taking back, keys and privacy: what of an object's hiding is ours, who is exonerated and why, withdrawn signals, the
-- ties of a hunt's campaigns, why an undo is stuck, how a dispute was proved, master keys by id, legal holds.

CREATE TABLE hidden_object (
  run TEXT NOT NULL,
  account TEXT NOT NULL,
  object TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (run, account, object),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
) STRICT;

CREATE TABLE exoneration (
  run TEXT NOT NULL,
  account TEXT NOT NULL,
  way TEXT NOT NULL,
  why TEXT NOT NULL,
  exonerated_at INTEGER NOT NULL,
  PRIMARY KEY (run, account),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
) STRICT;
CREATE INDEX exoneration_by_account ON exoneration (account);

CREATE TABLE retraction (
  place INTEGER NOT NULL PRIMARY KEY,
  signal TEXT NOT NULL,
  run TEXT REFERENCES run (id),
  reason TEXT NOT NULL,
  operator TEXT NOT NULL,
  retracted_at INTEGER NOT NULL
) STRICT;

-- What each verdict of a hunt rests on, where it names a campaign; the account can be erased, the ties stay.
CREATE TABLE campaign_member (
  hunt TEXT NOT NULL REFERENCES hunt (digest),
  place INTEGER NOT NULL,
  account TEXT,
  ties TEXT NOT NULL,
  PRIMARY KEY (hunt, place)
) STRICT;
CREATE INDEX campaign_member_by_account ON campaign_member (account);

ALTER TABLE account_run ADD COLUMN stuck TEXT;
ALTER TABLE dispute ADD COLUMN proof TEXT;
ALTER TABLE dispute ADD COLUMN proved_by TEXT;

CREATE TABLE master_key (
  id TEXT NOT NULL PRIMARY KEY,
  made_at INTEGER NOT NULL,
  retired_at INTEGER
) STRICT;

CREATE TABLE legal_hold (
  place INTEGER NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  operator TEXT NOT NULL,
  reason TEXT NOT NULL,
  held_at INTEGER NOT NULL,
  lifted_by TEXT,
  lifted_reason TEXT,
  lifted_at INTEGER
) STRICT;
CREATE INDEX legal_hold_by_subject ON legal_hold (kind, subject);
