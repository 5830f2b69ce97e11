-- Measurements: what this machine's chips did, and what logs and profilers of real runs said.

-- Everything that makes two measurements comparable. A software adapter is no device and can never be one.
CREATE TABLE calibration_device (
  id            INTEGER PRIMARY KEY,
  fingerprint   TEXT    NOT NULL UNIQUE,
  name          TEXT    NOT NULL,
  host          TEXT    NOT NULL,
  is_fallback   INTEGER NOT NULL CHECK (is_fallback = 0),
  identity      TEXT    NOT NULL CHECK (json_valid(identity)),
  first_seen_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE calibration_session (
  seq           INTEGER PRIMARY KEY,
  id            TEXT    NOT NULL UNIQUE,
  device_id     INTEGER NOT NULL REFERENCES calibration_device (id),
  label         TEXT    NOT NULL DEFAULT '',
  preset        TEXT    NOT NULL CHECK (preset IN ('quick', 'standard')),
  started_at_ms INTEGER NOT NULL,
  elapsed_ms    INTEGER NOT NULL,
  -- 0: stopped half-way; what was measured is kept and marked.
  complete      INTEGER NOT NULL CHECK (complete IN (0, 1)),
  excluded      INTEGER NOT NULL DEFAULT 0 CHECK (excluded IN (0, 1)),
  report        TEXT    NOT NULL CHECK (json_valid(report))
) STRICT;

CREATE INDEX calibration_session_of_device ON calibration_session (device_id, started_at_ms);

-- One line a kernel and session; only kernels that agreed with their reference have a number.
CREATE TABLE kernel_measurement (
  seq        INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES calibration_session (id),
  kernel     TEXT NOT NULL,
  dtype      TEXT NOT NULL,
  p50_s      REAL NOT NULL CHECK (p50_s > 0),
  p99_s      REAL NOT NULL CHECK (p99_s >= p50_s),
  samples_s  TEXT NOT NULL CHECK (json_valid(samples_s)),
  UNIQUE (session_id, kernel, dtype)
) STRICT;

-- Logs and profiles of real runs, with the numbers read from them. A run's measured MFU names its file and date.
CREATE TABLE imported_profile (
  seq         INTEGER PRIMARY KEY,
  id          TEXT    NOT NULL UNIQUE,
  plan_id     TEXT    REFERENCES plan (id),
  row_key     TEXT    NOT NULL DEFAULT '',
  file_name   TEXT    NOT NULL CHECK (file_name <> ''),
  file_date   TEXT    NOT NULL,
  format      TEXT    NOT NULL,
  summary     TEXT    NOT NULL CHECK (json_valid(summary)),
  imported_at_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX imported_profile_of_run ON imported_profile (plan_id, row_key, imported_at_ms);
