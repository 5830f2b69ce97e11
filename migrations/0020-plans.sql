-- Plans: a numbered, hash-chained journal of changes, snapshots to start replay from, and what people decide and say about a plan.

CREATE TABLE plan (
  seq           INTEGER PRIMARY KEY,
  id            TEXT    NOT NULL UNIQUE,
  name          TEXT    NOT NULL,
  revision      INTEGER NOT NULL CHECK (revision >= 0),
  head_hash     TEXT    NOT NULL,
  runs          INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  deleted_at_ms INTEGER
) STRICT;

CREATE TABLE journal (
  seq         INTEGER PRIMARY KEY,
  plan_id     TEXT    NOT NULL REFERENCES plan (id),
  revision    INTEGER NOT NULL CHECK (revision >= 1),
  kind        TEXT    NOT NULL CHECK (kind IN ('edit', 'undo', 'redo')),
  of_revision INTEGER,
  author      TEXT    NOT NULL,
  note        TEXT    NOT NULL,
  at_ms       INTEGER NOT NULL,
  commands    TEXT    NOT NULL CHECK (json_valid(commands)),
  hash        TEXT    NOT NULL,
  UNIQUE (plan_id, revision),
  CHECK ((kind = 'edit') = (of_revision IS NULL))
) STRICT;

CREATE TRIGGER journal_is_append_only BEFORE UPDATE ON journal BEGIN
  SELECT raise(ABORT, 'the journal is append-only');
END;
CREATE TRIGGER journal_is_kept BEFORE DELETE ON journal BEGIN
  SELECT raise(ABORT, 'the journal is append-only');
END;

-- The document at a revision. Revision 0 is the plan as created: the journal's chain starts from its hash.
CREATE TABLE plan_snapshot (
  seq      INTEGER PRIMARY KEY,
  plan_id  TEXT    NOT NULL REFERENCES plan (id),
  revision INTEGER NOT NULL CHECK (revision >= 0),
  document TEXT    NOT NULL CHECK (json_valid(document)),
  hash     TEXT    NOT NULL,
  UNIQUE (plan_id, revision)
) STRICT;

CREATE TABLE approval (
  seq           INTEGER PRIMARY KEY,
  id            TEXT    NOT NULL UNIQUE,
  plan_id       TEXT    NOT NULL REFERENCES plan (id),
  plan_revision INTEGER NOT NULL CHECK (plan_revision >= 0),
  scenario      TEXT    NOT NULL,
  name          TEXT    NOT NULL,
  note          TEXT    NOT NULL,
  at_ms         INTEGER NOT NULL,
  content_hash  TEXT    NOT NULL,
  catalog_pins  TEXT    NOT NULL CHECK (json_valid(catalog_pins)),
  versions      TEXT    NOT NULL CHECK (json_valid(versions)),
  results       TEXT    NOT NULL CHECK (json_valid(results))
) STRICT;

CREATE INDEX approval_of_plan ON approval (plan_id, at_ms);

CREATE TRIGGER approval_is_fixed BEFORE UPDATE ON approval BEGIN
  SELECT raise(ABORT, 'an approval is never changed: record a new one');
END;
CREATE TRIGGER approval_is_kept BEFORE DELETE ON approval BEGIN
  SELECT raise(ABORT, 'an approval is never deleted');
END;

CREATE TABLE cell_comment (
  seq            INTEGER PRIMARY KEY,
  id             TEXT    NOT NULL UNIQUE,
  plan_id        TEXT    NOT NULL REFERENCES plan (id),
  reply_to       TEXT    REFERENCES cell_comment (id),
  table_id       TEXT    NOT NULL,
  row_key        TEXT    NOT NULL,
  column_id      TEXT    NOT NULL,
  author         TEXT    NOT NULL,
  body           TEXT    NOT NULL CHECK (body <> ''),
  assigned_to    TEXT    NOT NULL DEFAULT '',
  created_at_ms  INTEGER NOT NULL,
  resolved_at_ms INTEGER,
  resolved_by    TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX cell_comment_of_cell ON cell_comment (plan_id, table_id, row_key, column_id);
