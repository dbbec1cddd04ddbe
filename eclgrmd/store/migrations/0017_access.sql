-- Tokens of clients, of which only a digest of the secret is kept; a token with a parent is the session
-- of a web page. And the audit: who changed what.

CREATE TABLE IF NOT EXISTS token (
    number BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    token_id CHAR(32) NOT NULL UNIQUE,
    secret_sha256 CHAR(64) NOT NULL,
    name VARCHAR(100) NOT NULL,
    role VARCHAR(20) NOT NULL,
    parent CHAR(32) NULL,
    created_at DATETIME(6) NOT NULL,
    created_by VARCHAR(200) NOT NULL,
    expires_at DATETIME(6) NULL,
    revoked_at DATETIME(6) NULL,
    used_at DATETIME(6) NULL,
    KEY family (parent)
);

CREATE TABLE IF NOT EXISTS audit (
    audit_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at DATETIME(6) NOT NULL,
    who VARCHAR(200) NOT NULL,
    token_id VARCHAR(32) NOT NULL,
    address VARCHAR(100) NOT NULL,
    action VARCHAR(50) NOT NULL,
    subject VARCHAR(200) NOT NULL,
    before_change TEXT NULL,
    after_change TEXT NULL,
    KEY age (at)
);
