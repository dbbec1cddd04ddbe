-- When a task's turn comes, so that none waits for ever; and which files were cleaned.

ALTER TABLE task
    ADD COLUMN turn_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) AFTER priority;
UPDATE task SET turn_at = created_at;
CREATE INDEX turn ON task (state, turn_at);
DROP INDEX claim ON task;

ALTER TABLE data_file ADD COLUMN cleaned_at DATETIME(6) NULL;
ALTER TABLE product ADD COLUMN cleaned_at DATETIME(6) NULL;
CREATE INDEX age ON data_file (cleaned_at, received_at);
CREATE INDEX age ON product (cleaned_at, created_at);
