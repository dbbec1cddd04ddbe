-- Downloads are tried in the order of their failures, so that none delays untried ones.
CREATE INDEX turn ON transfer (state, attempts, due_at);
DROP INDEX due ON transfer;
