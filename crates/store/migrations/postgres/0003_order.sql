-- Standing orders: what people signed, what stopped them, the batches made under them, and the daily sample.

CREATE TABLE standing_order (
  digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  body TEXT COLLATE "C" NOT NULL,
  kept_at BIGINT NOT NULL,
  released_at BIGINT
);

CREATE TABLE order_consent (
  subject TEXT COLLATE "C" NOT NULL,
  operator TEXT COLLATE "C" NOT NULL REFERENCES operator (name),
  decision TEXT COLLATE "C" NOT NULL,
  expires_at BIGINT NOT NULL,
  signature TEXT COLLATE "C" NOT NULL,
  signed_at BIGINT NOT NULL,
  PRIMARY KEY (subject, operator)
);

CREATE TABLE order_suspension (
  digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  standing_order TEXT COLLATE "C" NOT NULL REFERENCES standing_order (digest),
  body TEXT COLLATE "C" NOT NULL,
  plan TEXT COLLATE "C" REFERENCES plan (id),
  suspended_at BIGINT NOT NULL
);
CREATE INDEX order_suspension_by_order ON order_suspension (standing_order, suspended_at);

CREATE TABLE order_batch (
  plan TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES plan (id),
  standing_order TEXT COLLATE "C" NOT NULL REFERENCES standing_order (digest),
  dry BIGINT NOT NULL,
  accounts BIGINT NOT NULL,
  day BIGINT NOT NULL,
  made_at BIGINT NOT NULL
);
CREATE INDEX order_batch_by_day ON order_batch (day);

-- What a live batch took from each bound, beside the counter it was taken from.
CREATE TABLE order_use (
  plan TEXT COLLATE "C" NOT NULL REFERENCES order_batch (plan),
  counter TEXT COLLATE "C" NOT NULL,
  bucket BIGINT NOT NULL,
  used BIGINT NOT NULL,
  PRIMARY KEY (plan, counter)
);
CREATE INDEX order_use_by_counter ON order_use (counter, bucket);

CREATE TABLE order_sample (
  day BIGINT NOT NULL PRIMARY KEY,
  standing_order TEXT COLLATE "C" NOT NULL REFERENCES standing_order (digest),
  seed TEXT COLLATE "C" NOT NULL,
  members BIGINT NOT NULL,
  drawn_at BIGINT NOT NULL,
  passed BIGINT,
  saying TEXT COLLATE "C",
  ended_at BIGINT
);

CREATE TABLE order_sample_item (
  day BIGINT NOT NULL REFERENCES order_sample (day),
  place BIGINT NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  plan TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
  planted BIGINT NOT NULL,
  PRIMARY KEY (day, place),
  UNIQUE (day, account)
);
