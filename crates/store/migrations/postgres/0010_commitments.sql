-- What the log commits to of each entry, kept when the entry and its nonce are erased: the log is laid out from it.

ALTER TABLE audit ADD COLUMN commitment TEXT COLLATE "C";
