CREATE SCHEMA traceledger;
SET LOCAL search_path = traceledger;

-- Every migration adds its row; the largest is the version.
CREATE TABLE schema_version (
    version integer PRIMARY KEY,
    migrated timestamptz NOT NULL DEFAULT now()
);

-- The log: append-only, guarded below. Text compares by its bytes.
CREATE TABLE entry (
    "index" bigint PRIMARY KEY,
    leaf bytea NOT NULL CHECK (length(leaf) = 32),
    item text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    body bytea NOT NULL
);
CREATE UNIQUE INDEX entry_place ON entry (item, seq);

CREATE TABLE disclosure (
    "index" bigint PRIMARY KEY REFERENCES entry,
    text bytea NOT NULL
);

CREATE TABLE tile (
    level bigint NOT NULL,
    "index" bigint NOT NULL,
    root bytea NOT NULL CHECK (length(root) = 32),
    hashes bytea NOT NULL CHECK (length(hashes) = 8192),
    PRIMARY KEY (level, "index")
);

CREATE TABLE checkpoint (
    size bigint PRIMARY KEY,
    root bytea NOT NULL CHECK (length(root) = 32),
    note text COLLATE "C" NOT NULL
);

CREATE TABLE cosignature (
    size bigint NOT NULL REFERENCES checkpoint,
    witness text COLLATE "C" NOT NULL,
    "time" bigint NOT NULL,
    line text COLLATE "C" NOT NULL,
    PRIMARY KEY (size, witness, "time", line)
);

-- The end of the log, which every batch moves by compare-and-swap. `barriers` only counts commits.
CREATE TABLE log_end (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    size bigint NOT NULL,
    root bytea NOT NULL CHECK (length(root) = 32),
    barriers bigint NOT NULL DEFAULT 0
);
INSERT INTO log_end (size, root) VALUES (0, sha256(''::bytea));

-- What is known of each item now; can be rebuilt from the log.
CREATE TABLE head (
    item text COLLATE "C" PRIMARY KEY,
    seq bigint NOT NULL,
    head bytea NOT NULL,
    latest bigint NOT NULL,
    chain text COLLATE "C" NOT NULL,
    life text COLLATE "C" NOT NULL,
    part_no text COLLATE "C" NOT NULL,
    declaration text COLLATE "C" NOT NULL,
    state bytea NOT NULL
);
-- Every index that a search uses ends with the id, so that pages come in order without sorting.
CREATE INDEX head_chain ON head (chain, item);
CREATE INDEX head_life ON head (life, item);
CREATE INDEX head_part_no ON head (part_no, item) WHERE part_no <> '';

-- `head.declaration` lists the ids of declaration lines, separated by spaces; the triggers keep one
-- row for each of them, by which a search finds the item.
CREATE TABLE declared_item (
    declaration text COLLATE "C" NOT NULL,
    item text COLLATE "C" NOT NULL,
    PRIMARY KEY (declaration, item)
);

-- SQLite's name of this function, so that the statements are the same on both engines.
CREATE FUNCTION instr(whole text, part text) RETURNS integer
LANGUAGE sql IMMUTABLE AS 'SELECT strpos(whole, part)';

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE FUNCTION keep_dense() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    first bigint;
    last bigint;
    added bigint;
    before bigint;
BEGIN
    SELECT min("index"), max("index"), count(*) INTO first, last, added FROM new_entry;
    SELECT coalesce(max("index") + 1, 0) INTO before FROM traceledger.entry WHERE "index" < first;
    IF added > 0 AND (before <> first OR last - first + 1 <> added) THEN
        RAISE EXCEPTION 'the log has no holes' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION keep_declared() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM traceledger.declared_item WHERE item = OLD.item
        AND declaration = ANY (string_to_array(OLD.declaration, ' '));
    END IF;
    INSERT INTO traceledger.declared_item
    SELECT line, NEW.item FROM unnest(string_to_array(NEW.declaration, ' ')) AS line WHERE line <> '';
    RETURN NULL;
END
$$;

CREATE TRIGGER entry_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
EXECUTE FUNCTION traceledger.refuse('the log is append-only');
CREATE TRIGGER entry_dense AFTER INSERT ON entry REFERENCING NEW TABLE AS new_entry
EXECUTE FUNCTION traceledger.keep_dense();
CREATE TRIGGER disclosure_only_erased BEFORE UPDATE ON disclosure FOR EACH ROW
WHEN (NEW."index" <> OLD."index" OR length(NEW.text) >= length(OLD.text))
EXECUTE FUNCTION traceledger.refuse('disclosures are only erased');
CREATE TRIGGER disclosure_no_delete BEFORE DELETE OR TRUNCATE ON disclosure
EXECUTE FUNCTION traceledger.refuse('disclosures do not change');
CREATE TRIGGER tile_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON tile
EXECUTE FUNCTION traceledger.refuse('the log is append-only');
CREATE TRIGGER checkpoint_signed_once BEFORE UPDATE ON checkpoint FOR EACH ROW
WHEN (OLD.note <> '' OR NEW.size <> OLD.size OR NEW.root <> OLD.root)
EXECUTE FUNCTION traceledger.refuse('a checkpoint is signed once');
CREATE TRIGGER checkpoint_no_delete BEFORE DELETE OR TRUNCATE ON checkpoint
EXECUTE FUNCTION traceledger.refuse('checkpoints are kept');
CREATE TRIGGER cosignature_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON cosignature
EXECUTE FUNCTION traceledger.refuse('cosignatures are kept');
CREATE TRIGGER log_end_no_return BEFORE UPDATE ON log_end FOR EACH ROW
WHEN (NEW.size < OLD.size OR (NEW.size = OLD.size AND NEW.root <> OLD.root))
EXECUTE FUNCTION traceledger.refuse('the log is append-only');
CREATE TRIGGER log_end_no_delete BEFORE DELETE OR TRUNCATE ON log_end
EXECUTE FUNCTION traceledger.refuse('the log is append-only');
CREATE TRIGGER head_declared AFTER INSERT ON head FOR EACH ROW
WHEN (NEW.declaration <> '') EXECUTE FUNCTION traceledger.keep_declared();
CREATE TRIGGER head_redeclared AFTER UPDATE OF declaration ON head FOR EACH ROW
WHEN (NEW.declaration <> OLD.declaration) EXECUTE FUNCTION traceledger.keep_declared();
