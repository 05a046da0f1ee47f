//! What Art. 13 DSGVO demands of a notice, and the four parts of each processing: two tables to be read beside the law.

use super::need::Need;

/// An item of Art. 13 DSGVO.
#[derive(Debug)]
pub struct Item {
    pub key: &'static str,
    /// What the item is called in messages.
    pub name: &'static str,
    pub needs: &'static [Need],
    /// The legal bases on which the item hangs: it may fall away only where none of them is used. Empty: it never may.
    pub letters: &'static [char],
}

/// One of the four parts of a processing section.
#[derive(Debug)]
pub struct Part {
    pub key: &'static str,
    pub name: &'static str,
    pub needs: &'static [Need],
}

const fn item(key: &'static str, name: &'static str, needs: &'static [Need]) -> Item {
    Item {
        key,
        name,
        needs,
        letters: &[],
    }
}

/// Every item that a notice answers.
pub static ITEMS: [Item; 18] = [
    item(
        "verantwortlicher",
        "der Verantwortliche",
        &[Need::Street, Need::Town, Need::PhoneOrMail],
    ),
    item(
        "datenschutzbeauftragter",
        "die oder der Datenschutzbeauftragte",
        &[Need::Mail],
    ),
    item("zwecke", "die Zwecke", &[Need::Words(5)]),
    item("rechtsgrundlagen", "die Rechtsgrundlagen", &[Need::Article("6")]),
    Item {
        key: "berechtigte_interessen",
        name: "die berechtigten Interessen",
        needs: &[Need::Words(5)],
        letters: &['f'],
    },
    item("empfaenger", "die Empfänger", &[Need::Words(5)]),
    item("drittland", "die Übermittlung in ein Drittland", &[Need::Words(3)]),
    item("speicherdauer", "die Speicherdauer", &[Need::Words(5)]),
    item("auskunft", "das Recht auf Auskunft", &[Need::Article("15")]),
    item("berichtigung", "das Recht auf Berichtigung", &[Need::Article("16")]),
    item("loeschung", "das Recht auf Löschung", &[Need::Article("17")]),
    item(
        "einschraenkung",
        "das Recht auf Einschränkung der Verarbeitung",
        &[Need::Article("18")],
    ),
    Item {
        key: "uebertragbarkeit",
        name: "das Recht auf Datenübertragbarkeit",
        needs: &[Need::Article("20")],
        letters: &['a', 'b'],
    },
    item("widerspruch", "das Widerspruchsrecht", &[Need::Article("21")]),
    Item {
        key: "widerruf",
        name: "der Widerruf einer Einwilligung",
        needs: &[Need::Words(5)],
        letters: &['a'],
    },
    item("beschwerde", "das Beschwerderecht", &[Need::Article("77"), Need::Town]),
    item("bereitstellung", "die Pflicht zur Bereitstellung", &[Need::Words(5)]),
    item(
        "automatisierte_entscheidung",
        "die automatisierte Entscheidungsfindung",
        &[Need::Words(3)],
    ),
];

/// Every part that a processing section has.
pub static PARTS: [Part; 4] = [
    Part {
        key: "daten",
        name: "die Daten",
        needs: &[Need::Words(2)],
    },
    Part {
        key: "zweck",
        name: "der Zweck",
        needs: &[Need::Words(3)],
    },
    Part {
        key: "grundlage",
        name: "die Rechtsgrundlage",
        needs: &[Need::Article("6")],
    },
    Part {
        key: "dauer",
        name: "die Dauer",
        // The period is printed from the deletion concept, which is checked with the section's Löschklassen.
        needs: &[],
    },
];
