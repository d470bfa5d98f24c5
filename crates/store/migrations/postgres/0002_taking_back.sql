-- Taking back, keys and privacy: what of an object's hiding is ours, who is exonerated and why, withdrawn signals, the
-- ties of a hunt's campaigns, why an undo is stuck, how a dispute was proved, master keys by id, legal holds.

CREATE TABLE hidden_object (
  run TEXT COLLATE "C" NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  object TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (run, account, object),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
);

CREATE TABLE exoneration (
  run TEXT COLLATE "C" NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  way TEXT COLLATE "C" NOT NULL,
  why TEXT COLLATE "C" NOT NULL,
  exonerated_at BIGINT NOT NULL,
  PRIMARY KEY (run, account),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
);
CREATE INDEX exoneration_by_account ON exoneration (account);

CREATE TABLE retraction (
  place BIGINT NOT NULL PRIMARY KEY,
  signal TEXT COLLATE "C" NOT NULL,
  run TEXT COLLATE "C" REFERENCES run (id),
  reason TEXT COLLATE "C" NOT NULL,
  operator TEXT COLLATE "C" NOT NULL,
  retracted_at BIGINT NOT NULL
);

-- What each verdict of a hunt rests on, where it names a campaign; the account can be erased, the ties stay.
CREATE TABLE campaign_member (
  hunt TEXT COLLATE "C" NOT NULL REFERENCES hunt (digest),
  place BIGINT NOT NULL,
  account TEXT COLLATE "C",
  ties TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (hunt, place)
);
CREATE INDEX campaign_member_by_account ON campaign_member (account);

ALTER TABLE account_run ADD COLUMN stuck TEXT COLLATE "C";
ALTER TABLE dispute ADD COLUMN proof TEXT COLLATE "C";
ALTER TABLE dispute ADD COLUMN proved_by TEXT COLLATE "C";

CREATE TABLE master_key (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  made_at BIGINT NOT NULL,
  retired_at BIGINT
);

CREATE TABLE legal_hold (
  place BIGINT NOT NULL PRIMARY KEY,
  kind TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  operator TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  held_at BIGINT NOT NULL,
  lifted_by TEXT COLLATE "C",
  lifted_reason TEXT COLLATE "C",
  lifted_at BIGINT
);
CREATE INDEX legal_hold_by_subject ON legal_hold (kind, subject);
