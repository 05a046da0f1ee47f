//! Headings with their ids and levels.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

use super::Translation;
use crate::markdown::{Heading, slug};

/// A heading that has begun.
pub struct OpenHeading<'s> {
    pub level: HeadingLevel,
    pub explicit_id: Option<String>,
    pub title: String,
    /// What has been read of it: its id stands before them and is known only at its end.
    pub held: Vec<Event<'s>>,
    pub start: Tag<'s>,
    pub range: Range<usize>,
}

impl<'s, I: Iterator<Item = (Event<'s>, Range<usize>)>> Translation<'_, 's, I> {
    pub(super) fn heading_end(&mut self) {
        let Some(open) = self.heading.take() else { return };
        let level = open.level as u8;
        self.check_level(level, open.range.start);
        if open.title.trim().is_empty() {
            self.problems.push(self.page.source.error(
                "E-UEBERSCHRIFT",
                open.range.start,
                "Die Überschrift ist leer.",
                "Schreiben Sie hinter die Rauten, wovon der Abschnitt handelt, oder löschen Sie die Zeile.",
            ));
        }
        let id = self.heading_id(&open);
        let mut start = open.start;
        if let Tag::Heading { id: slot, .. } = &mut start {
            *slot = Some(id.clone().into());
        }
        self.push(Event::Start(start));
        self.ready.extend(open.held);
        self.push(Event::End(TagEnd::Heading(open.level)));
        self.document.headings.push(Heading {
            level,
            id,
            title: open.title.trim().to_owned(),
            range: open.range,
        });
    }

    /// The title is the one heading of the first level, and none is left out below it.
    fn check_level(&mut self, level: u8, offset: usize) {
        if level == 1 {
            self.problems.push(self.page.source.error(
                "E-UEBERSCHRIFT",
                offset,
                "Die Seite hat schon eine Überschrift erster Ordnung: ihren Titel.",
                "Beginnen Sie im Text mit „## “.",
            ));
        }
        let previous = self.document.headings.last().map_or(1, |heading| heading.level);
        if level > previous + 1 {
            let message =
                format!("Auf Ebene {previous} folgt Ebene {level}; wer sich vorlesen lässt, sucht die fehlende Ebene.");
            let remedy = format!(
                "Schreiben Sie {} statt {}.",
                "#".repeat(usize::from(previous) + 1),
                "#".repeat(usize::from(level))
            );
            let problem = self.page.source.error("E-UEBERSCHRIFT-EBENE", offset, message, remedy);
            self.problems.push(problem);
        }
    }

    fn heading_id(&mut self, open: &OpenHeading) -> String {
        if let Some(id) = &open.explicit_id {
            if self.ids.insert(id.clone(), 2).is_some() {
                let message = format!("Die Kennung „{id}“ gibt es auf dieser Seite schon.");
                self.problems.push(self.page.source.error(
                    "E-ID-DOPPELT",
                    open.range.start,
                    message,
                    "Geben Sie der Überschrift eine andere Kennung: {#…}.",
                ));
            }
            return id.clone();
        }
        let slug = slug(&open.title);
        let mut id = slug.clone();
        while self.ids.contains_key(&id) {
            let number = self.ids.entry(slug.clone()).or_insert(2);
            id = format!("{slug}-{number}");
            *number += 1;
        }
        self.ids.insert(id.clone(), 2);
        id
    }
}
