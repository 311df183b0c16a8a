CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE entry (
  entry INTEGER PRIMARY KEY, event TEXT NOT NULL UNIQUE, item TEXT NOT NULL, kind TEXT NOT NULL,
  position INTEGER NOT NULL, occurred TEXT NOT NULL, signed_at TEXT NOT NULL, key TEXT NOT NULL,
  party TEXT NOT NULL);
CREATE TABLE field (
  entry INTEGER NOT NULL, name TEXT NOT NULL, value TEXT, PRIMARY KEY (entry, name)) WITHOUT ROWID;
CREATE TABLE link (entry INTEGER NOT NULL, name TEXT NOT NULL, item TEXT NOT NULL);
CREATE TABLE thing (
  item TEXT PRIMARY KEY, chain TEXT NOT NULL, state TEXT NOT NULL, part_no TEXT NOT NULL, kg TEXT,
  book TEXT NOT NULL, book_line TEXT, declaration TEXT NOT NULL, root TEXT NOT NULL,
  unit TEXT NOT NULL, departure TEXT NOT NULL, fate TEXT NOT NULL, first_entry INTEGER NOT NULL);
CREATE TABLE line (
  declaration TEXT PRIMARY KEY, direction TEXT NOT NULL, book TEXT NOT NULL, book_line TEXT,
  list_no TEXT, list_line TEXT, entry_no TEXT, entry_line TEXT, mode TEXT, hs10 TEXT,
  declared TEXT, counted TEXT, difference TEXT, declared_kg TEXT, kg TEXT, declared_value TEXT,
  currency TEXT, due TEXT);
CREATE TABLE term (
  balance TEXT NOT NULL, book TEXT NOT NULL, name TEXT, term TEXT NOT NULL, pieces TEXT, kg TEXT);
CREATE TABLE finding (
  finding INTEGER PRIMARY KEY, code TEXT NOT NULL, severity TEXT NOT NULL, subject TEXT NOT NULL,
  expected TEXT NOT NULL, actual TEXT NOT NULL, evidence INTEGER NOT NULL, meaning TEXT NOT NULL,
  hint TEXT NOT NULL, meaning_zh TEXT NOT NULL, hint_zh TEXT NOT NULL);
CREATE TABLE shown (finding INTEGER NOT NULL, entry INTEGER NOT NULL);
CREATE TABLE part (path TEXT NOT NULL, item TEXT NOT NULL, value TEXT, entry INTEGER);
CREATE INDEX entry_item ON entry (item, position);
CREATE INDEX entry_kind ON entry (kind);
CREATE INDEX link_item ON link (item);
CREATE INDEX thing_declaration ON thing (declaration);
CREATE INDEX part_path ON part (path);

CREATE VIEW events AS
  SELECT entry, event, item, kind, position, occurred, signed_at, key, party FROM entry;
CREATE VIEW event_fields AS
  SELECT entry, item, kind, name, value FROM field JOIN entry USING (entry);
CREATE VIEW links AS
  SELECT l.entry, e.item, e.kind, l.name, l.item AS other FROM link l JOIN entry e USING (entry);
CREATE VIEW items AS
  SELECT item, chain, state, part_no, CAST(kg AS REAL) AS kg, book, book_line, declaration, root,
    unit, departure, fate, first_entry
  FROM thing;
CREATE VIEW declarations AS
  SELECT declaration, direction, book, book_line, list_no, list_line, entry_no, entry_line, mode,
    hs10, CAST(declared AS REAL) AS declared, CAST(counted AS REAL) AS counted,
    CAST(difference AS REAL) AS difference, CAST(declared_kg AS REAL) AS declared_kg,
    CAST(kg AS REAL) AS kg, CAST(declared_value AS REAL) AS declared_value, currency, due
  FROM line;
CREATE VIEW balances AS
  SELECT balance, book, name, term, CAST(pieces AS REAL) AS pieces, CAST(kg AS REAL) AS kg
  FROM term;
CREATE VIEW book_lines AS
  SELECT book, name AS book_line,
    MAX(CAST(pieces AS INTEGER)) FILTER (WHERE term = 'opening') AS opening,
    MAX(CAST(pieces AS INTEGER)) FILTER (WHERE term = 'imported') AS imported,
    MAX(CAST(pieces AS INTEGER)) FILTER (WHERE term = 'consumed') AS consumed,
    MAX(CAST(pieces AS INTEGER)) FILTER (WHERE term = 'disassembled') AS disassembled,
    MAX(CAST(pieces AS INTEGER)) FILTER (WHERE term = 'returned') AS returned,
    MAX(CAST(pieces AS INTEGER)) FILTER (WHERE term = 'scrapped') AS scrapped,
    MAX(CAST(pieces AS INTEGER)) FILTER (WHERE term = 'diverted') AS diverted,
    MAX(CAST(pieces AS INTEGER)) FILTER (WHERE term = 'short_settled') AS short_settled,
    MAX(CAST(pieces AS INTEGER)) FILTER (WHERE term = 'close') AS close,
    MAX(CAST(pieces AS INTEGER)) FILTER (WHERE term = 'residual') AS residual
  FROM term WHERE balance = 'cores' GROUP BY book, name;
CREATE VIEW fates AS
  SELECT book, book_line, declaration, fate, COUNT(*) AS pieces,
    CASE WHEN COUNT(kg) = COUNT(*) THEN SUM(CAST(kg AS REAL)) END AS kg
  FROM thing WHERE chain = 'core' GROUP BY book, book_line, declaration, fate;
CREATE VIEW findings AS
  SELECT finding, code, severity, subject, expected, actual, evidence, meaning, hint, meaning_zh,
    hint_zh
  FROM finding;
CREATE VIEW finding_entries AS
  SELECT finding, code, subject, entry, event, item, kind, signed_at
  FROM shown JOIN finding USING (finding) JOIN entry USING (entry);
CREATE VIEW figure_entries AS
  SELECT path, p.item, CAST(value AS REAL) AS value, entry, event, kind, signed_at
  FROM part p LEFT JOIN entry USING (entry);
