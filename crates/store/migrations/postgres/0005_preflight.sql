-- What preflight says of itself and measures, and what each hunt counted by signal: a signal's own history.

ALTER TABLE note ADD COLUMN sure TEXT COLLATE "C";

CREATE TABLE figure (
  plan TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
  place BIGINT NOT NULL,
  policy_key TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  measured TEXT COLLATE "C" NOT NULL,
  severity TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (plan, place)
);

CREATE TABLE hunt_signal (
  hunt TEXT COLLATE "C" NOT NULL REFERENCES hunt (digest),
  signal TEXT COLLATE "C" NOT NULL,
  accounts BIGINT NOT NULL,
  PRIMARY KEY (hunt, signal)
);
