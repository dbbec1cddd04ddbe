-- Bad messages are kept for a while, and found by age, however many there are.
CREATE INDEX age ON fault (at);
