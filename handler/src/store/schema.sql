-- Version 1. Times are text with the zone's offset, or seconds since 1970 where only a distance counts.

-- The register, as it is now.
CREATE TABLE traeger (
    nummer TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    bezirksregierung TEXT NOT NULL,
    rechtsform TEXT NOT NULL,
    gueltig_ab TEXT,
    gueltig_bis TEXT,
    nachfolger TEXT,
    ausgeschieden INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE adresse (
    traeger TEXT NOT NULL REFERENCES traeger (nummer),
    email TEXT NOT NULL,
    -- A blocked address lets nobody in and gets no mail; a new list does not unblock it.
    gesperrt INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (traeger, email)
) STRICT, WITHOUT ROWID;
CREATE TABLE schule (
    nummer TEXT PRIMARY KEY,
    traeger TEXT NOT NULL REFERENCES traeger (nummer),
    kurzbezeichnung TEXT NOT NULL,
    schulform TEXT NOT NULL,
    aufnahmejahr TEXT NOT NULL
) STRICT;

-- A Runde is frozen: nothing below refers to the register.
CREATE TABLE runde (
    kennung TEXT PRIMARY KEY,
    formular TEXT NOT NULL,
    definition TEXT NOT NULL,
    von TEXT NOT NULL,
    bis TEXT NOT NULL,
    ab TEXT NOT NULL,
    frist TEXT NOT NULL,
    nach_frist_ablehnen INTEGER NOT NULL,
    beispiel INTEGER NOT NULL,
    eroeffnet TEXT NOT NULL,
    geschlossen TEXT
) STRICT;
CREATE TABLE runde_traeger (
    runde TEXT NOT NULL REFERENCES runde (kennung),
    nummer TEXT NOT NULL,
    name TEXT NOT NULL,
    bezirksregierung TEXT NOT NULL,
    rechtsform TEXT NOT NULL,
    PRIMARY KEY (runde, nummer)
) STRICT, WITHOUT ROWID;
CREATE TABLE runde_schule (
    runde TEXT NOT NULL REFERENCES runde (kennung),
    nummer TEXT NOT NULL,
    traeger TEXT NOT NULL,
    meldet TEXT NOT NULL,
    kurzbezeichnung TEXT NOT NULL,
    schulform TEXT NOT NULL,
    aufnahmejahr TEXT NOT NULL,
    zugewiesen_cent INTEGER NOT NULL,
    uebertrag_cent INTEGER NOT NULL,
    letztes_mal TEXT NOT NULL,
    PRIMARY KEY (runde, nummer)
) STRICT, WITHOUT ROWID;
CREATE INDEX runde_schule_meldet ON runde_schule (runde, meldet);

-- Sessions. Of the token only its hash is kept.
CREATE TABLE sitzung (
    token_hash BLOB PRIMARY KEY,
    traeger TEXT NOT NULL REFERENCES traeger (nummer),
    begonnen INTEGER NOT NULL,
    zuletzt INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- The last faulty or waiting upload of a session, gone with it.
CREATE TABLE wartend (
    sitzung BLOB PRIMARY KEY REFERENCES sitzung (token_hash) ON DELETE CASCADE,
    id TEXT NOT NULL UNIQUE,
    runde TEXT NOT NULL REFERENCES runde (kennung),
    befunde TEXT NOT NULL,
    zeilen TEXT,
    mappe BLOB NOT NULL,
    upload_sha256 TEXT NOT NULL,
    upload_bytes INTEGER NOT NULL,
    -- Which version counted when this was uploaded.
    stand INTEGER
) STRICT, WITHOUT ROWID;
-- Whoever logged in with an address that is gone or blocked must not go on; which one it was is not kept.
CREATE TRIGGER adresse_geht AFTER DELETE ON adresse BEGIN
    DELETE FROM sitzung WHERE traeger = OLD.traeger;
    DELETE FROM anmeldecode WHERE traeger = OLD.traeger AND email = OLD.email;
    DELETE FROM ausgang WHERE traeger = OLD.traeger AND empfaenger = OLD.email;
END;
CREATE TRIGGER adresse_gesperrt AFTER UPDATE OF gesperrt ON adresse WHEN NEW.gesperrt BEGIN
    DELETE FROM sitzung WHERE traeger = OLD.traeger;
    DELETE FROM anmeldecode WHERE traeger = OLD.traeger AND email = OLD.email;
    DELETE FROM ausgang WHERE traeger = OLD.traeger AND empfaenger = OLD.email;
END;

-- A login that waits for its code. Whoever typed something unknown gets a row too, without Träger and address.
CREATE TABLE anmeldecode (
    token_hash BLOB PRIMARY KEY,
    traeger TEXT,
    email TEXT,
    -- Of the code that the last mail carried; none before it has left.
    code_hash BLOB,
    begonnen INTEGER NOT NULL,
    angefordert INTEGER NOT NULL,
    mails INTEGER NOT NULL DEFAULT 1,
    versuche INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX anmeldecode_angefordert ON anmeldecode (angefordert);

-- Mails that are to leave. Their text is made when they do, so that no code and no contents stand here.
CREATE TABLE ausgang (
    -- Never used again: a mail is recognised by it.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- What it is about: a login that waits for its code, or a Meldung.
    anmeldecode BLOB REFERENCES anmeldecode (token_hash) ON DELETE CASCADE,
    meldung TEXT REFERENCES meldung (nummer) ON DELETE CASCADE,
    traeger TEXT,
    -- None where nobody is to be written to.
    empfaenger TEXT,
    eingestellt INTEGER NOT NULL,
    faellig INTEGER NOT NULL,
    versuche INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX ausgang_faellig ON ausgang (faellig);
CREATE INDEX ausgang_anmeldecode ON ausgang (anmeldecode);

CREATE TABLE fehlversuch (
    schluessel BLOB NOT NULL,
    zeit INTEGER NOT NULL
) STRICT;
CREATE INDEX fehlversuch_schluessel ON fehlversuch (schluessel, zeit);
CREATE INDEX fehlversuch_zeit ON fehlversuch (zeit);
CREATE TABLE geheimnis (
    name TEXT PRIMARY KEY,
    wert BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Append-only. The record itself lies apart, so that deletion leaves the chain whole.
CREATE TABLE journal (
    nr INTEGER PRIMARY KEY,
    zeit TEXT NOT NULL,
    art TEXT NOT NULL,
    record_hash TEXT NOT NULL,
    kette TEXT NOT NULL
) STRICT;
CREATE TRIGGER journal_waechst BEFORE INSERT ON journal
WHEN NEW.nr <> (SELECT coalesce(max(nr), 0) + 1 FROM journal)
BEGIN SELECT RAISE (ABORT, 'das Journal wächst nur am Ende'); END;
CREATE TRIGGER journal_bleibt BEFORE UPDATE ON journal BEGIN SELECT RAISE (ABORT, 'das Journal wird nie geändert'); END;
CREATE TRIGGER journal_haelt BEFORE DELETE ON journal BEGIN SELECT RAISE (ABORT, 'aus dem Journal wird nie gelöscht'); END;
CREATE TABLE journal_record (
    nr INTEGER PRIMARY KEY REFERENCES journal (nr),
    record TEXT NOT NULL
) STRICT;

CREATE TABLE meldung (
    nummer TEXT PRIMARY KEY,
    journal_nr INTEGER NOT NULL UNIQUE REFERENCES journal (nr),
    runde TEXT NOT NULL REFERENCES runde (kennung),
    traeger TEXT NOT NULL,
    eingegangen TEXT NOT NULL,
    verspaetet INTEGER NOT NULL,
    mappe BLOB NOT NULL,
    upload_sha256 TEXT NOT NULL,
    upload_bytes INTEGER NOT NULL,
    -- The upload that waited for confirmation, if this was one.
    wartend_id TEXT UNIQUE,
    -- What the Eingangsbestaetigung shows beside the above.
    beleg TEXT NOT NULL
) STRICT;
CREATE INDEX meldung_traeger ON meldung (runde, traeger, journal_nr);
-- Which version counts is a view, never an UPDATE: the last one of a Träger in a Runde.
CREATE VIEW meldung_gueltig AS
SELECT * FROM meldung AS m
WHERE journal_nr = (SELECT max(journal_nr) FROM meldung WHERE runde = m.runde AND traeger = m.traeger);
