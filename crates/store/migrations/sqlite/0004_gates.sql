-- What a gate found in each of its inputs, and the owners who turned to support.

ALTER TABLE gate ADD COLUMN findings TEXT NOT NULL DEFAULT '[]';

CREATE TABLE support_contact (
  run TEXT NOT NULL,
  account TEXT NOT NULL,
  contacted_at INTEGER NOT NULL,
  told_by TEXT NOT NULL,
  PRIMARY KEY (run, account),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
) STRICT;
