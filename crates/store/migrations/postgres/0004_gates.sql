-- What a gate found in each of its inputs, and the owners who turned to support.

ALTER TABLE gate ADD COLUMN findings TEXT COLLATE "C" NOT NULL DEFAULT '[]';

CREATE TABLE support_contact (
  run TEXT COLLATE "C" NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  contacted_at BIGINT NOT NULL,
  told_by TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (run, account),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
);
