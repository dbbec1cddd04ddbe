-- Bad messages are removed by age; the index keeps that fast.
CREATE INDEX age ON fault (at);
