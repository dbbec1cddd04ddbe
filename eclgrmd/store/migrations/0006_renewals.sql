-- A claim is kept by counting, not by a clock that may be set.

ALTER TABLE task ADD COLUMN renewals INT UNSIGNED NOT NULL DEFAULT 0 AFTER owner;
ALTER TABLE task DROP COLUMN lease_until;
