-- The log: append-only, guarded below.
CREATE TABLE entry (
    "index" INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    item TEXT NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX entry_place ON entry (item, seq);

CREATE TABLE disclosure (
    "index" INTEGER PRIMARY KEY REFERENCES entry,
    text BLOB NOT NULL
) STRICT;

CREATE TABLE tile (
    level INTEGER NOT NULL,
    "index" INTEGER NOT NULL,
    root BLOB NOT NULL CHECK (length(root) = 32),
    hashes BLOB NOT NULL CHECK (length(hashes) = 8192),
    PRIMARY KEY (level, "index")
) STRICT;

CREATE TABLE checkpoint (
    size INTEGER PRIMARY KEY,
    root BLOB NOT NULL CHECK (length(root) = 32),
    note TEXT NOT NULL
) STRICT;

CREATE TABLE cosignature (
    size INTEGER NOT NULL REFERENCES checkpoint,
    witness TEXT NOT NULL,
    time INTEGER NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (size, witness, time, line)
) STRICT, WITHOUT ROWID;

-- What is known of each item now; can be rebuilt from the log.
CREATE TABLE head (
    item TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    head BLOB NOT NULL,
    latest INTEGER NOT NULL,
    chain TEXT NOT NULL,
    life TEXT NOT NULL,
    part_no TEXT NOT NULL,
    declaration TEXT NOT NULL,
    state BLOB NOT NULL
) STRICT;
CREATE INDEX head_life ON head (chain, life);
CREATE INDEX head_part_no ON head (part_no) WHERE part_no <> '';
CREATE INDEX head_declaration ON head (declaration) WHERE declaration <> '';

CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER entry_dense BEFORE INSERT ON entry
WHEN NEW."index" <> (SELECT coalesce(max("index") + 1, 0) FROM entry)
BEGIN SELECT RAISE(ABORT, 'the log has no holes'); END;
CREATE TRIGGER disclosure_only_erased BEFORE UPDATE ON disclosure
WHEN NEW."index" <> OLD."index" OR length(NEW.text) >= length(OLD.text)
BEGIN SELECT RAISE(ABORT, 'disclosures are only erased'); END;
CREATE TRIGGER disclosure_no_delete BEFORE DELETE ON disclosure
BEGIN SELECT RAISE(ABORT, 'disclosures do not change'); END;
CREATE TRIGGER tile_no_update BEFORE UPDATE ON tile
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER tile_no_delete BEFORE DELETE ON tile
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER checkpoint_signed_once BEFORE UPDATE ON checkpoint
WHEN OLD.note <> '' OR NEW.size <> OLD.size OR NEW.root <> OLD.root
BEGIN SELECT RAISE(ABORT, 'a checkpoint is signed once'); END;
CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'checkpoints are kept'); END;
CREATE TRIGGER cosignature_no_update BEFORE UPDATE ON cosignature
BEGIN SELECT RAISE(ABORT, 'cosignatures are kept'); END;
CREATE TRIGGER cosignature_no_delete BEFORE DELETE ON cosignature
BEGIN SELECT RAISE(ABORT, 'cosignatures are kept'); END;
