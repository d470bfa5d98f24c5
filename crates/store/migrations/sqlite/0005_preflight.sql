-- What preflight says of itself and measures, and what each hunt counted by signal: a signal's own history.

ALTER TABLE note ADD COLUMN sure TEXT;

CREATE TABLE figure (
  plan TEXT NOT NULL REFERENCES plan (id),
  place INTEGER NOT NULL,
  policy_key TEXT NOT NULL,
  subject TEXT NOT NULL,
  measured TEXT NOT NULL,
  severity TEXT NOT NULL,
  PRIMARY KEY (plan, place)
) STRICT;

CREATE TABLE hunt_signal (
  hunt TEXT NOT NULL REFERENCES hunt (digest),
  signal TEXT NOT NULL,
  accounts INTEGER NOT NULL,
  PRIMARY KEY (hunt, signal)
) STRICT;
