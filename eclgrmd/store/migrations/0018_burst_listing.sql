-- Main results of each burst, by which lists are filtered and sorted. The time is in microseconds since
-- 1970; it is that of the last analysis, or else the trigger time.

ALTER TABLE burst
    ADD COLUMN t0_us BIGINT NULL,
    ADD COLUMN instrument VARCHAR(20) NULL,
    ADD COLUMN t90_s DOUBLE NULL,
    ADD COLUMN epeak_kev DOUBLE NULL,
    ADD COLUMN fluence_erg DOUBLE NULL,
    ADD COLUMN class VARCHAR(20) NULL,
    ADD INDEX by_t0 (t0_us, burst_id),
    ADD INDEX by_age (created_at, burst_id),
    ADD INDEX by_t90 (t90_s, burst_id),
    ADD INDEX by_epeak (epeak_kev, burst_id),
    ADD INDEX by_fluence (fluence_erg, burst_id);
CREATE INDEX of_instrument ON data_file (burst_id, instrument);
CREATE INDEX of_instrument ON packet (burst_id, instrument);
CREATE INDEX by_age ON product (created_at, task_id, name);

UPDATE burst SET t0_us = TIMESTAMPDIFF(
    MICROSECOND, '1970-01-01', CAST(REPLACE(LEFT(COALESCE(t0_utc, trigger_utc), 26), 'Z', '') AS DATETIME(6))
) WHERE COALESCE(t0_utc, trigger_utc) REGEXP
    '^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\\.[0-9]+)?Z$'
    AND SUBSTRING(COALESCE(t0_utc, trigger_utc), 9, 2)
        <= DAY(LAST_DAY(CONCAT(LEFT(COALESCE(t0_utc, trigger_utc), 8), '01')));
UPDATE burst b JOIN task t ON t.task_id = (
    SELECT last.task_id FROM task last
    WHERE last.burst_id = b.burst_id AND last.state = 'done' AND last.superseded_by IS NULL
    ORDER BY last.finished_at DESC, last.task_id DESC LIMIT 1
)
SET b.instrument = NULLIF(JSON_VALUE(t.summary, '$.instrument'), 'null'),
    b.t90_s = NULLIF(JSON_VALUE(t.summary, '$.t90_s'), 'null'),
    b.epeak_kev = NULLIF(JSON_VALUE(t.summary, '$.parameters.epeak_kev[0]'), 'null'),
    b.fluence_erg = NULLIF(JSON_VALUE(t.summary, '$.fluence_erg'), 'null');
