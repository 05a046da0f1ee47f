-- Version 2: what the office does after a Runde is open.

-- A later last day of uploading for one Träger; the last entry holds.
CREATE TABLE frist (
    runde TEXT NOT NULL REFERENCES runde (kennung),
    traeger TEXT NOT NULL,
    bis TEXT NOT NULL,
    grund TEXT NOT NULL,
    PRIMARY KEY (runde, traeger)
) STRICT, WITHOUT ROWID;

-- Filed by the office for a Träger that is offline, and why.
CREATE TABLE einreichung (
    meldung TEXT PRIMARY KEY REFERENCES meldung (nummer),
    grund TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Withdrawn. Nothing older becomes valid by itself.
CREATE TABLE ruecknahme (
    meldung TEXT PRIMARY KEY REFERENCES meldung (nummer),
    zeit TEXT NOT NULL,
    grund TEXT NOT NULL,
    journal_nr INTEGER NOT NULL UNIQUE REFERENCES journal (nr)
) STRICT, WITHOUT ROWID;

-- The signed paper: the day on which it came. It belongs to one version; a later one needs its own.
CREATE TABLE unterschrift (
    meldung TEXT PRIMARY KEY REFERENCES meldung (nummer),
    eingang TEXT NOT NULL,
    journal_nr INTEGER NOT NULL UNIQUE REFERENCES journal (nr)
) STRICT, WITHOUT ROWID;

-- Uploads that did not become a Meldung at once: codes and cells of what was found, never values.
CREATE TABLE versuch (
    id INTEGER PRIMARY KEY,
    zeit TEXT NOT NULL,
    runde TEXT NOT NULL REFERENCES runde (kennung),
    traeger TEXT NOT NULL,
    -- `fehler`, `bestaetigen` or the word for what kind of file it was.
    ergebnis TEXT NOT NULL,
    -- JSON: [{"code", "blatt", "zellen"}]
    befunde TEXT NOT NULL
) STRICT;
CREATE INDEX versuch_traeger ON versuch (traeger, id);

DROP VIEW meldung_gueltig;
CREATE VIEW meldung_gueltig AS
SELECT * FROM meldung AS m
WHERE journal_nr = (SELECT max(journal_nr) FROM meldung WHERE runde = m.runde AND traeger = m.traeger)
    AND NOT EXISTS (SELECT 1 FROM ruecknahme WHERE meldung = m.nummer);
