-- How a person has laid out the tables of a plan: widths, order, sort, filter. No part of the plan, its journal or its hash.

CREATE TABLE sheet_view (
  plan_id       TEXT    NOT NULL REFERENCES plan (id),
  table_id      TEXT    NOT NULL,
  layout        TEXT    NOT NULL CHECK (json_valid(layout)),
  changed_at_ms INTEGER NOT NULL,
  PRIMARY KEY (plan_id, table_id)
) STRICT;
