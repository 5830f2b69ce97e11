-- Scaling laws fitted to one's own runs. A law never changes once saved: a new fit is a new law; only its name is free.

CREATE TABLE fitted_law (
  seq           INTEGER PRIMARY KEY,
  key           TEXT    NOT NULL UNIQUE,
  name          TEXT    NOT NULL CHECK (name <> ''),
  law           TEXT    NOT NULL CHECK (json_valid(law)),
  note          TEXT    NOT NULL DEFAULT '',
  points        TEXT    NOT NULL DEFAULT '',
  author        TEXT    NOT NULL,
  created_at_ms INTEGER NOT NULL,
  deleted_at_ms INTEGER
) STRICT;

CREATE TRIGGER fitted_law_is_fixed BEFORE UPDATE OF seq, key, law, note, points, author, created_at_ms ON fitted_law BEGIN
  SELECT raise(ABORT, 'a fitted law is never changed: save a new one');
END;
CREATE TRIGGER fitted_law_is_kept BEFORE DELETE ON fitted_law BEGIN
  SELECT raise(ABORT, 'a fitted law is kept: mark it deleted');
END;
