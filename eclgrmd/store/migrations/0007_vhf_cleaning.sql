-- Quick-look products are cleaned too, and old announcements are removed from the outbox.

ALTER TABLE vhf_product ADD COLUMN cleaned_at DATETIME(6) NULL;
CREATE INDEX age ON vhf_product (cleaned_at, created_at);
