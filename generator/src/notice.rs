//! A privacy notice that cannot lack what the DSGVO demands: each item of Art. 13 names the heading that answers it, and the check looks inside that section.

use std::sync::LazyLock;

use regex_lite::Regex;
use toml::de::DeTable;

use crate::keys::{Keys, Placed};
use crate::page::Page;
use crate::problem::Problem;
use crate::shortcode::Klassen;

/// What `[notice]` says about the page it stands on.
#[derive(Debug, Clone, Default)]
pub struct NoticeMap {
    offset: usize,
    zu_bestaetigen: usize,
    items: Vec<(&'static Item, Answer)>,
    sections: Vec<Section>,
}

/// How a notice deals with an item.
#[derive(Debug, Clone)]
enum Answer {
    Heading(Placed<String>),
    Entfaellt(Placed<String>),
}

/// One processing of personal data with the headings of its four parts.
#[derive(Debug, Clone)]
struct Section {
    id: Placed<String>,
    parts: Vec<(&'static Part, Placed<String>)>,
    loeschklassen: Vec<Placed<String>>,
}

/// An item of Art. 13 DSGVO.
#[derive(Debug)]
struct Item {
    key: &'static str,
    /// What the item is called in messages.
    name: &'static str,
    needs: &'static [Need],
    /// The legal bases on which the item hangs: it may fall away only where none of them is used. Empty: it never may.
    letters: &'static [char],
}

/// One of the four parts of a processing section.
#[derive(Debug)]
struct Part {
    key: &'static str,
    name: &'static str,
    needs: &'static [Need],
}

/// Something that a section must hold.
#[derive(Debug, Clone, Copy)]
enum Need {
    Street,
    Town,
    PhoneOrMail,
    Mail,
    Article(&'static str),
    Words(usize),
    /// The period itself, printed from the deletion concept; checked with the Löschklassen of the section.
    Any,
}

const fn item(key: &'static str, name: &'static str, needs: &'static [Need]) -> Item {
    Item {
        key,
        name,
        needs,
        letters: &[],
    }
}

static ITEMS: [Item; 18] = [
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

static PARTS: [Part; 4] = [
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
        needs: &[Need::Any],
    },
];

impl NoticeMap {
    /// Reads `[notice]` from a page's front matter.
    pub fn read(keys: &mut Keys<'_>, table: (&DeTable<'_>, usize)) -> NoticeMap {
        let mut keys = keys.nested(table, "Der Abschnitt [notice]");
        let mut notice = NoticeMap {
            offset: table.1,
            zu_bestaetigen: keys.texts("zu_bestaetigen").len(),
            ..NoticeMap::default()
        };
        if let Some(items) = keys.table("items") {
            notice.offset = items.1;
            let mut keys = keys.nested(items, "Der Abschnitt [notice.items]");
            notice.items = ITEMS
                .iter()
                .filter_map(|item| Some((item, read_answer(&mut keys, item.key)?)))
                .collect();
            keys.finish();
        }
        for section in keys.tables("section") {
            let mut keys = keys.nested(section, "Ein Abschnitt [[notice.section]]");
            let id = keys.required_text("id").unwrap_or(Placed {
                value: String::new(),
                offset: section.1,
            });
            let parts = PARTS
                .iter()
                .filter_map(|part| Some((part, keys.required_text(part.key)?)))
                .collect();
            let loeschklassen = keys.texts("loeschklassen");
            keys.finish();
            notice.sections.push(Section {
                id,
                parts,
                loeschklassen,
            });
        }
        keys.finish();
        notice
    }

    /// How many points a lawyer must still confirm.
    pub fn zu_bestaetigen(&self) -> usize {
        self.zu_bestaetigen
    }
}

fn read_answer(keys: &mut Keys<'_>, key: &'static str) -> Option<Answer> {
    let value = keys.value(key)?;
    if value.get_ref().as_table().is_none() {
        return keys.text(key).map(Answer::Heading);
    }
    let table = keys.table(key)?;
    let mut keys = keys.nested(table, "Eine entfallende Angabe");
    let reason = keys.required_text("entfaellt").unwrap_or(Placed {
        value: String::new(),
        offset: table.1,
    });
    keys.finish();
    Some(Answer::Entfaellt(reason))
}

/// Checks a notice against its own text and the deletion concept; a page without `[notice]` has no problems.
pub fn check(page: &Page, klassen: Klassen<'_>) -> Vec<Problem> {
    let Some(notice) = &page.front_matter.notice else {
        return Vec::new();
    };
    let mut check = Check {
        page,
        notice,
        problems: Vec::new(),
    };
    for item in &ITEMS {
        check.item(item);
    }
    if notice.sections.is_empty() {
        check.report(
            "E-DSGVO-ABSCHNITT",
            notice.offset,
            "Der Hinweis nennt keine einzige Verarbeitung.",
            "Ergänzen Sie für jede Verarbeitung einen Abschnitt [[notice.section]].",
        );
    }
    for section in &notice.sections {
        check.section(section, klassen);
    }
    check.problems
}

struct Check<'a> {
    page: &'a Page,
    notice: &'a NoticeMap,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn item(&mut self, item: &'static Item) {
        let answer = self
            .notice
            .items
            .iter()
            .find(|(known, _)| known.key == item.key)
            .map(|(_, answer)| answer);
        match answer {
            None => self.report(
                "E-DSGVO-ANGABE",
                self.notice.offset,
                format!(
                    "Dem Hinweis fehlt eine Angabe nach Art. 13 DSGVO: {} ({}).",
                    item.name, item.key
                ),
                format!(
                    "Ergänzen Sie unter [notice.items] {} = \"kennung-der-ueberschrift\".",
                    item.key
                ),
            ),
            Some(Answer::Entfaellt(reason)) => self.entfaellt(item, reason),
            Some(Answer::Heading(id)) => {
                if let Some(text) = self.text_below(id, item.name) {
                    self.needs(item.needs, item.name, id, &text);
                    self.own_heading(item, id);
                }
            }
        }
    }

    /// The right to object is to be presented "separately from any other information" (Art. 21 Abs. 4).
    fn own_heading(&mut self, item: &Item, id: &Placed<String>) {
        let shares = |(other, answer): &&(&'static Item, Answer)| {
            other.key != item.key && matches!(answer, Answer::Heading(other) if other.value == id.value)
        };
        let Some((other, _)) = self
            .notice
            .items
            .iter()
            .find(shares)
            .filter(|_| item.key == "widerspruch")
        else {
            return;
        };
        let message = format!(
            "Das Widerspruchsrecht braucht eine eigene Überschrift; „{}“ steht auch bei {}.",
            id.value, other.key
        );
        self.report(
            "E-DSGVO-WIDERSPRUCH",
            id.offset,
            message,
            "Art. 21 Abs. 4 DSGVO verlangt, dass es von anderen Angaben getrennt steht.",
        );
    }

    /// An item may fall away only when no processing rests on the legal basis that brings it about.
    fn entfaellt(&mut self, item: &Item, reason: &Placed<String>) {
        if item.letters.is_empty() {
            let message = format!("Diese Angabe darf nicht entfallen: {}.", item.name);
            self.report(
                "E-DSGVO-ENTFAELLT",
                reason.offset,
                message,
                format!(
                    "Schreiben Sie einen Abschnitt und nennen Sie seine Überschrift: {} = \"…\".",
                    item.key
                ),
            );
            return;
        }
        for section in &self.notice.sections {
            let Some((_, grundlage)) = section.parts.iter().find(|(part, _)| part.key == "grundlage") else {
                continue;
            };
            let Some(text) = self.section_text(&grundlage.value) else {
                continue;
            };
            if let Some(letter) = item.letters.iter().find(|letter| rests_on(&text, **letter)) {
                let message = format!(
                    "{} kann nicht entfallen: Der Abschnitt „{}“ stützt sich auf Art. 6 Abs. 1 Buchst. {letter} DSGVO.",
                    capitalised(item.name),
                    section.id.value
                );
                self.report(
                    "E-DSGVO-ENTFAELLT",
                    reason.offset,
                    message,
                    "Beschreiben Sie das Recht in einem Abschnitt, oder prüfen Sie die Rechtsgrundlage.",
                );
            }
        }
    }

    fn section(&mut self, section: &Section, klassen: Klassen<'_>) {
        let Some(whole) = self.range(&section.id.value) else {
            self.no_heading(&section.id, "die Verarbeitung");
            return;
        };
        for (part, id) in &section.parts {
            let Some(text) = self.text_below(id, part.name) else {
                continue;
            };
            if self
                .range(&id.value)
                .is_some_and(|range| range.start < whole.start || range.end > whole.end)
            {
                let message = format!(
                    "Die Überschrift „{}“ steht nicht im Abschnitt „{}“.",
                    id.value, section.id.value
                );
                self.report(
                    "E-DSGVO-ABSCHNITT",
                    id.offset,
                    message,
                    "Verschieben Sie die Überschrift in den Abschnitt, oder nennen Sie eine andere.",
                );
            }
            self.needs(part.needs, part.name, id, &text);
        }
        self.fristen(section, klassen);
    }

    /// The period of each Löschklasse stands in the section's `dauer`, printed from the deletion concept.
    fn fristen(&mut self, section: &Section, klassen: Klassen<'_>) {
        let Some((_, dauer)) = section.parts.iter().find(|(part, _)| part.key == "dauer") else {
            return;
        };
        let Some(range) = self.range(&dauer.value) else { return };
        if section.loeschklassen.is_empty() {
            let message = format!("Der Abschnitt „{}“ nennt keine Löschklasse.", section.id.value);
            self.report(
                "E-DSGVO-FRIST",
                section.id.offset,
                message,
                "Ergänzen Sie loeschklassen = [\"…\"] mit Kennungen aus loeschkonzept.toml.",
            );
        }
        for klasse in &section.loeschklassen {
            if let Err((code, message, remedy)) = klassen.find(&klasse.value) {
                self.report(code, klasse.offset, message, remedy);
                continue;
            }
            let printed = self
                .page
                .document
                .fristen
                .iter()
                .any(|frist| frist.klasse == klasse.value && range.contains(&frist.offset));
            if !printed {
                let message = format!(
                    "Unter „{}“ steht die Frist der Löschklasse „{}“ nicht.",
                    dauer.value, klasse.value
                );
                self.report(
                    "E-DSGVO-FRIST",
                    klasse.offset,
                    message,
                    format!("Drucken Sie sie dort mit {{{{ frist(id=\"{}\") }}}}.", klasse.value),
                );
            }
        }
    }

    fn needs(&mut self, needs: &[Need], name: &str, id: &Placed<String>, text: &str) {
        for need in needs {
            let missing = match need {
                Need::Street => (!STREET.is_match(text)).then(|| "eine Anschrift mit Straße und Hausnummer".to_owned()),
                Need::Town => (!TOWN.is_match(text)).then(|| "eine Anschrift mit Postleitzahl und Ort".to_owned()),
                Need::Mail => (!MAIL.is_match(text)).then(|| "eine E-Mail-Adresse".to_owned()),
                Need::PhoneOrMail => (!MAIL.is_match(text) && !PHONE.is_match(text))
                    .then(|| "eine Telefonnummer oder E-Mail-Adresse".to_owned()),
                Need::Article(number) => (!names_article(text, number)).then(|| format!("„Art. {number}“")),
                Need::Words(count) => (text.split_whitespace().count() < *count).then(|| "ein ganzer Satz".to_owned()),
                Need::Any => None,
            };
            if let Some(missing) = missing {
                let message = format!("Unter „{}“ fehlt {missing} ({name}).", id.value);
                self.report(
                    "E-DSGVO-INHALT",
                    id.offset,
                    message,
                    "Ergänzen Sie die Angabe in diesem Abschnitt; anderswo auf der Seite zählt sie nicht.",
                );
            }
        }
    }

    /// The words below a heading, or `None` and a problem when there is no such heading or nothing below it.
    fn text_below(&mut self, id: &Placed<String>, name: &str) -> Option<String> {
        let Some(text) = self.section_text(&id.value) else {
            self.no_heading(id, name);
            return None;
        };
        if !text.chars().any(char::is_alphanumeric) {
            self.report(
                "E-DSGVO-INHALT",
                id.offset,
                format!("Unter „{}“ steht nichts ({name}).", id.value),
                "Schreiben Sie den Abschnitt.",
            );
            return None;
        }
        Some(text)
    }

    fn no_heading(&mut self, id: &Placed<String>, name: &str) {
        let message = format!(
            "Die Seite hat keine Überschrift mit der Kennung „{}“ ({name}).",
            id.value
        );
        self.report(
            "E-DSGVO-UEBERSCHRIFT",
            id.offset,
            message,
            format!("Geben Sie der passenden Überschrift die Kennung {{#{}}}.", id.value),
        );
    }

    fn range(&self, id: &str) -> Option<std::ops::Range<usize>> {
        self.page.document.section(id, self.page.text.len())
    }

    /// The text of a section without its sub-headings, on one line.
    fn section_text(&self, id: &str) -> Option<String> {
        let range = self.range(id)?;
        let mut text = String::with_capacity(range.len());
        let mut from = range.start;
        for heading in self
            .page
            .document
            .headings
            .iter()
            .filter(|heading| range.contains(&heading.range.start))
        {
            text.push_str(&self.page.text[from..heading.range.start]);
            from = heading.range.end;
        }
        text.push_str(&self.page.text[from..range.end]);
        let text = text
            .replace("&nbsp;", " ")
            .replace(['\u{a0}', '\u{202f}', '\\', '*'], " ");
        Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn report(&mut self, code: &'static str, offset: usize, message: impl Into<String>, remedy: impl Into<String>) {
        self.problems
            .push(self.page.source().error(code, offset, message, remedy));
    }
}

static STREET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)(stra(ß|ss)e|str\.|platz|allee|weg|ufer|ring|damm|gasse|haus|markt|wall|hof|tor) \d+")
});
static TOWN: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b\d{5} [A-ZÄÖÜ][a-zäöüß]"));
static PHONE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\+49|\b0)[\d /()-]{5,}\d"));
static MAIL: LazyLock<Regex> = LazyLock::new(|| pattern(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"));

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant of this file")
}

/// Whether the text names an article of the DSGVO, alone or in a list such as "Art. 15, 16 und 17".
fn names_article(text: &str, number: &str) -> bool {
    static ARTICLES: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\b(Art\.|Artikel|Artikeln) ?\d+((, | und | bis | oder )(Art\. )?\d+\b)*"));
    ARTICLES.find_iter(text).any(|found| {
        found
            .as_str()
            .split(|c: char| !c.is_ascii_digit())
            .any(|digits| digits == number)
    })
}

/// Whether a text rests a processing on a letter of Art. 6 Abs. 1 DSGVO.
fn rests_on(text: &str, letter: char) -> bool {
    static BASES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"Art(\.|ikel) ?6 Abs(\.|atz) ?1 (UAbs\. ?1 |Unterabs(\.|atz) ?1 |S(\.|atz) ?1 )?(lit\.|Buchst\.|Buchstabe) ?(?<letter>[a-f])\b",
        )
    });
    BASES.captures_iter(text).any(|found| {
        found
            .name("letter")
            .is_some_and(|found| found.as_str().starts_with(letter))
    })
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_are_found_alone_and_in_lists() {
        assert!(names_article("nach Art. 15 DSGVO", "15"));
        assert!(names_article("nach Artikel 15 und 16 DSGVO", "16"));
        assert!(!names_article("nach Art. 150 DSGVO", "15"));
        assert!(!names_article("Raum 15", "15"));
    }

    #[test]
    fn a_legal_basis_is_recognised_by_its_letter() {
        assert!(rests_on("Art. 6 Abs. 1 Satz 1 lit. a DSGVO", 'a'));
        assert!(rests_on("Art. 6 Abs. 1 Buchst. a DSGVO", 'a'));
        assert!(!rests_on("Art. 6 Abs. 1 lit. e DSGVO", 'a'));
    }

    #[test]
    fn an_address_needs_street_and_town() {
        assert!(STREET.is_match("Völklinger Straße 49, 40221 Düsseldorf"));
        assert!(TOWN.is_match("Völklinger Straße 49, 40221 Düsseldorf"));
        assert!(STREET.is_match("Kavalleriestraße 2–4"));
        assert!(PHONE.is_match("Telefon 0211 5867-40"));
    }
}
