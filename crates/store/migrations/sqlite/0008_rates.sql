-- When the answer to a call of a step was last lost: the call may still take effect for a while after it.

ALTER TABLE step ADD COLUMN lost_at INTEGER;
