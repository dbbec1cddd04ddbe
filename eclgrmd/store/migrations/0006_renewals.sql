-- A claim is renewed by a counter, not by a time, because clocks may be set; an announcement can be
-- refused.

ALTER TABLE task ADD COLUMN renewals INT UNSIGNED NOT NULL DEFAULT 0 AFTER owner;
ALTER TABLE task DROP COLUMN lease_until;
ALTER TABLE outbox ADD COLUMN reason TEXT NULL;
