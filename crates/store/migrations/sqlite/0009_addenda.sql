-- Addenda: which run a plan adds to, and, once it is sealed, each account that it adds to: one that this run acted on.

ALTER TABLE plan ADD COLUMN addendum_to TEXT REFERENCES run (id);
CREATE INDEX plan_by_addendum ON plan (addendum_to);

CREATE TABLE addendum_account (
  plan TEXT NOT NULL,
  account TEXT NOT NULL,
  run TEXT NOT NULL,
  PRIMARY KEY (plan, account),
  FOREIGN KEY (plan, account) REFERENCES plan_value (plan, account),
  FOREIGN KEY (run, account) REFERENCES account_run (run, account)
) STRICT;
CREATE INDEX addendum_account_by_run ON addendum_account (run, account);
