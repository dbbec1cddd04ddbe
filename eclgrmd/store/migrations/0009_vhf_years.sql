-- Indexes to find due bursts and removable files without reading the packets of many years.

ALTER TABLE vhf ADD COLUMN packet_bytes BIGINT UNSIGNED NOT NULL DEFAULT 0;
ALTER TABLE vhf ADD COLUMN packet_at DATETIME(6) NULL;
UPDATE vhf SET
    packet_bytes = (
        SELECT COALESCE(SUM(LENGTH(body)), 0) FROM packet WHERE packet.burst_id = vhf.burst_id
    ),
    packet_at = (SELECT MAX(received_at) FROM packet WHERE packet.burst_id = vhf.burst_id);
CREATE INDEX news ON vhf (
    state, last_packet, analysed_packet, told, analysed_told, silent_at, changed_at, version,
    t0_met_s, announced, produced, produce_at
);
CREATE INDEX kept ON vhf (packet_bytes, packet_at, state);
CREATE INDEX kept ON vhf_product (cleaned_at, size);
CREATE INDEX kept ON product (cleaned_at, size);
CREATE INDEX kept ON data_file (cleaned_at, size);
