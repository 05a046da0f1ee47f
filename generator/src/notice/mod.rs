//! A privacy notice that cannot lack what the DSGVO demands: each item of Art. 13 names the heading that answers it, and the check looks inside that section.

mod items;
mod need;

use toml::de::DeTable;

use crate::keys::{Keys, Placed};
use crate::markdown::Document;
use crate::problem::{Problem, Source};
use crate::shortcode::Klassen;
use items::{ITEMS, Item, PARTS, Part};
use need::{Need, rests_on};

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

/// Checks a notice against its own text and the deletion concept.
pub fn check(notice: &NoticeMap, source: Source<'_>, document: &Document, klassen: Klassen<'_>) -> Vec<Problem> {
    let mut check = Check {
        source,
        document,
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
    /// The whole page.
    source: Source<'a>,
    document: &'a Document,
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
                    format!("Geben Sie sie dort aus mit {{{{ frist(id=\"{}\") }}}}.", klasse.value),
                );
            }
        }
    }

    fn needs(&mut self, needs: &[Need], name: &str, id: &Placed<String>, text: &str) {
        for need in needs {
            if let Some(missing) = need.missing_in(text) {
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
        self.document.section(id, self.source.text.len())
    }

    /// The text of a section without its sub-headings, on one line.
    fn section_text(&self, id: &str) -> Option<String> {
        let range = self.range(id)?;
        let mut text = String::with_capacity(range.len());
        let mut from = range.start;
        for heading in self
            .document
            .headings
            .iter()
            .filter(|heading| range.contains(&heading.range.start))
        {
            text.push_str(&self.source.text[from..heading.range.start]);
            from = heading.range.end;
        }
        text.push_str(&self.source.text[from..range.end]);
        let text = text
            .replace("&nbsp;", " ")
            .replace(['\u{a0}', '\u{202f}', '\\', '*'], " ");
        Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn report(&mut self, code: &'static str, offset: usize, message: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(self.source.error(code, offset, message, remedy));
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}
