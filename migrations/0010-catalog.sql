-- The catalog: facts with a source, a date and a confidence. Rows are only ever added; a correction is a new revision.

CREATE TABLE meta (
  key   TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE catalog_row (
  id         INTEGER PRIMARY KEY,
  kind       TEXT    NOT NULL,
  key        TEXT    NOT NULL CHECK (key <> ''),
  revision   INTEGER NOT NULL CHECK (revision >= 1),
  origin     TEXT    NOT NULL CHECK (origin IN ('seed', 'user')),
  -- A withdrawn revision takes back what its origin said before: the row then shows what the other origin says, or disappears.
  withdrawn  INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)),
  name       TEXT    NOT NULL,
  fields     TEXT    NOT NULL CHECK (json_valid(fields)),
  source     TEXT    NOT NULL DEFAULT '',
  source_url TEXT    NOT NULL DEFAULT '',
  as_of      TEXT    NOT NULL DEFAULT '',
  confidence TEXT    NOT NULL DEFAULT '',
  licence    TEXT    NOT NULL DEFAULT '',
  created_at_ms INTEGER NOT NULL,
  -- Price quotes are looked up by these; virtual, so fields stays the one place that holds them.
  quote_chip       TEXT GENERATED ALWAYS AS (json_extract(fields, '$.chip_key')) VIRTUAL,
  quote_class      TEXT GENERATED ALWAYS AS (json_extract(fields, '$.provider_class')) VIRTUAL,
  quote_commitment TEXT GENERATED ALWAYS AS (json_extract(fields, '$.commitment')) VIRTUAL,
  UNIQUE (kind, key, revision)
) STRICT;

CREATE INDEX catalog_quote ON catalog_row (quote_chip, quote_class, quote_commitment, as_of)
  WHERE kind IN ('price', 'price_history');

CREATE TRIGGER catalog_row_is_append_only BEFORE UPDATE ON catalog_row BEGIN
  SELECT raise(ABORT, 'catalog rows are append-only: add a revision');
END;
CREATE TRIGGER catalog_row_is_kept BEFORE DELETE ON catalog_row BEGIN
  SELECT raise(ABORT, 'catalog rows are append-only: withdraw it with a revision');
END;

-- Which revision speaks now: the user's last word, else the seed's. Kept by the trigger, derived from catalog_row alone.
CREATE TABLE catalog_head (
  kind   TEXT    NOT NULL,
  key    TEXT    NOT NULL,
  row_id INTEGER NOT NULL REFERENCES catalog_row (id),
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER catalog_row_is_first AFTER INSERT ON catalog_row WHEN new.revision = 1 AND new.withdrawn = 0 BEGIN
  INSERT INTO catalog_head (kind, key, row_id) VALUES (new.kind, new.key, new.id);
END;
CREATE TRIGGER catalog_row_moves_head AFTER INSERT ON catalog_row WHEN new.revision > 1 BEGIN
  DELETE FROM catalog_head WHERE kind = new.kind AND key = new.key;
  INSERT INTO catalog_head (kind, key, row_id)
    SELECT r.kind, r.key, r.id FROM catalog_row r
    WHERE r.kind = new.kind AND r.key = new.key AND r.withdrawn = 0
      AND NOT EXISTS (SELECT 1 FROM catalog_row later WHERE later.kind = r.kind AND later.key = r.key AND later.origin = r.origin AND later.revision > r.revision)
    ORDER BY r.origin = 'user' DESC LIMIT 1;
END;

-- Names by which a row is known elsewhere. `folded` is the name in lower case without punctuation.
-- A null key marks a name that is known to mean no single row, with the reason in `note`.
CREATE TABLE catalog_alias (
  id     INTEGER PRIMARY KEY,
  kind   TEXT NOT NULL,
  folded TEXT NOT NULL CHECK (folded <> ''),
  name   TEXT NOT NULL,
  key    TEXT,
  origin TEXT NOT NULL CHECK (origin IN ('seed', 'user')),
  note   TEXT NOT NULL DEFAULT '',
  UNIQUE (kind, folded)
) STRICT;
