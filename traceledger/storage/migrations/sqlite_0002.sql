-- Every index that a search uses ends with the id, so that pages come in order without sorting.
DROP INDEX head_life;
DROP INDEX head_part_no;
DROP INDEX head_declaration;
CREATE INDEX head_chain ON head (chain, item);
CREATE INDEX head_life ON head (life, item);
CREATE INDEX head_part_no ON head (part_no, item) WHERE part_no <> '';
CREATE INDEX head_declaration ON head (declaration, item) WHERE declaration <> '';

-- A state begins with the version of its encoding (traceledger/rules/state.py).
UPDATE head SET state = CAST(x'01' || state AS BLOB);
