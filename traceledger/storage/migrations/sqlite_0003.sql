-- An item can be linked to several declaration lines: `head.declaration` lists their ids, separated by
-- spaces, and the triggers keep one row for each of them, by which a search finds the item.
DROP INDEX head_declaration;
CREATE TABLE declared_item (
    declaration TEXT NOT NULL,
    item TEXT NOT NULL,
    PRIMARY KEY (declaration, item)
) STRICT, WITHOUT ROWID;
INSERT INTO declared_item SELECT declaration, item FROM head WHERE declaration <> '';
CREATE TRIGGER head_declared AFTER INSERT ON head WHEN NEW.declaration <> ''
BEGIN
    INSERT INTO declared_item SELECT value, NEW.item
    FROM json_each('["' || replace(NEW.declaration, ' ', '","') || '"]');
END;
CREATE TRIGGER head_redeclared AFTER UPDATE OF declaration ON head
WHEN NEW.declaration <> OLD.declaration
BEGIN
    DELETE FROM declared_item WHERE item = OLD.item AND declaration IN
    (SELECT value FROM json_each('["' || replace(OLD.declaration, ' ', '","') || '"]'));
    INSERT INTO declared_item SELECT value, NEW.item
    FROM json_each('["' || replace(NEW.declaration, ' ', '","') || '"]') WHERE value <> '';
END;
