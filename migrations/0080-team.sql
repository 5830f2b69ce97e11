-- Places a team keeps its price book and plans in, and what was last taken from each: the base of every later comparison.

CREATE TABLE team_source (
  place           TEXT    PRIMARY KEY CHECK (place <> ''),
  -- An address is fetched only when the user has said so.
  may_fetch       INTEGER NOT NULL DEFAULT 0 CHECK (may_fetch IN (0, 1)),
  added_at_ms     INTEGER NOT NULL
) STRICT;

CREATE TABLE team_item (
  place           TEXT    NOT NULL,
  -- Key of a price, or name of a plan file.
  item            TEXT    NOT NULL,
  kind            TEXT    NOT NULL CHECK (kind IN ('price', 'plan')),
  -- Content as the team had it, and the row or plan it became, at which revision.
  hash            TEXT    NOT NULL,
  local_key       TEXT    NOT NULL,
  local_revision  INTEGER NOT NULL,
  taken_at_ms     INTEGER NOT NULL,
  PRIMARY KEY (place, kind, item)
) STRICT;
