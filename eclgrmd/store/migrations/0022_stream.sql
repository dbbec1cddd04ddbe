-- The stream that the main results of a burst come from: the quick look (vhf), until the full data
-- (xband) have been analysed.

ALTER TABLE burst
    ADD COLUMN stream VARCHAR(10) NULL,
    ADD COLUMN significance DOUBLE NULL;
UPDATE burst SET stream = 'xband' WHERE t0_utc IS NOT NULL;
