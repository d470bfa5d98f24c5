-- Standing orders: what people signed, what stopped them, the batches made under them, and the daily sample.

CREATE TABLE standing_order (
  digest TEXT NOT NULL PRIMARY KEY,
  body TEXT NOT NULL,
  kept_at INTEGER NOT NULL,
  released_at INTEGER
) STRICT;

CREATE TABLE order_consent (
  subject TEXT NOT NULL,
  operator TEXT NOT NULL REFERENCES operator (name),
  decision TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  signature TEXT NOT NULL,
  signed_at INTEGER NOT NULL,
  PRIMARY KEY (subject, operator)
) STRICT;

CREATE TABLE order_suspension (
  digest TEXT NOT NULL PRIMARY KEY,
  standing_order TEXT NOT NULL REFERENCES standing_order (digest),
  body TEXT NOT NULL,
  plan TEXT REFERENCES plan (id),
  suspended_at INTEGER NOT NULL
) STRICT;
CREATE INDEX order_suspension_by_order ON order_suspension (standing_order, suspended_at);

CREATE TABLE order_batch (
  plan TEXT NOT NULL PRIMARY KEY REFERENCES plan (id),
  standing_order TEXT NOT NULL REFERENCES standing_order (digest),
  dry INTEGER NOT NULL,
  accounts INTEGER NOT NULL,
  day INTEGER NOT NULL,
  made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX order_batch_by_day ON order_batch (day);

-- What a live batch took from each bound, beside the counter it was taken from.
CREATE TABLE order_use (
  plan TEXT NOT NULL REFERENCES order_batch (plan),
  counter TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  used INTEGER NOT NULL,
  PRIMARY KEY (plan, counter)
) STRICT;
CREATE INDEX order_use_by_counter ON order_use (counter, bucket);

CREATE TABLE order_sample (
  day INTEGER NOT NULL PRIMARY KEY,
  standing_order TEXT NOT NULL REFERENCES standing_order (digest),
  seed TEXT NOT NULL,
  members INTEGER NOT NULL,
  drawn_at INTEGER NOT NULL,
  passed INTEGER,
  saying TEXT,
  ended_at INTEGER
) STRICT;

CREATE TABLE order_sample_item (
  day INTEGER NOT NULL REFERENCES order_sample (day),
  place INTEGER NOT NULL,
  account TEXT NOT NULL,
  plan TEXT NOT NULL REFERENCES plan (id),
  planted INTEGER NOT NULL,
  PRIMARY KEY (day, place),
  UNIQUE (day, account)
) STRICT;
