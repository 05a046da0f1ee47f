//! Commands like `{{ frist(…) }}` and `{% hinweis() %}`, and other signs that mean something only in the right place.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event};

use super::Translation;
use crate::markdown::PrintedFrist;
use crate::problem::{self, Refusal};
use crate::shortcode;

/// A command with a body, up to its `{% ende %}`.
pub struct OpenCommand {
    name: String,
    offset: usize,
    depth: usize,
    /// What stands behind the body. `None` is a command that was refused: its end is no mistake of its own, nor is a missing one.
    after: Option<String>,
}

impl<'s, I: Iterator<Item = (Event<'s>, Range<usize>)>> Translation<'_, 's, I> {
    /// Commands that have not ended where the text has.
    pub(super) fn report_open_commands(&mut self) {
        let open = std::mem::take(&mut self.open_commands);
        for OpenCommand { offset, name, .. } in open.into_iter().filter(|open| open.after.is_some()) {
            let message = format!("Der Befehl „{name}“ endet nicht.");
            self.report(
                offset,
                message,
                "Schreiben Sie hinter den Absatz eine eigene Zeile {% ende %}.",
            );
        }
    }

    /// Judges footnotes that are none and commands in the wrong place, and replaces the others.
    pub(super) fn signs(&mut self, text: CowStr<'s>, range: Range<usize>) -> CowStr<'s> {
        if text.contains("[^") {
            self.unknown_footnotes(range.clone());
        }
        if text.contains("{%") && !self.in_escape(&range) {
            self.report(
                range.start,
                "„{% … %}“ steht nicht allein in seinem Absatz.".to_owned(),
                "Lassen Sie davor und danach eine Zeile leer.",
            );
        }
        if text.contains("{{") {
            self.expand(&text, range).into()
        } else {
            text
        }
    }

    /// Replaces the commands within a text.
    fn expand(&mut self, text: &str, range: Range<usize>) -> String {
        let mut expanded = String::with_capacity(text.len());
        let (mut copied, mut search) = (0, range.start);
        for (at, call) in shortcode::calls(text) {
            // Escapes make text and source differ, so the place is looked up in the source, in the order of the text.
            let found = self.page.source.text[search..range.end]
                .find("{{")
                .map(|at| search + at);
            let offset = found.unwrap_or(range.start);
            search = found.map_or(search, |at| at + 2);
            expanded.push_str(&text[copied..at.start]);
            copied = at.end;
            match call.and_then(|call| shortcode::inline(&call, self.around)) {
                Ok(frist) => {
                    expanded.push_str(&frist.words);
                    self.document.fristen.push(PrintedFrist {
                        klasse: frist.klasse,
                        offset,
                    });
                }
                Err(refusal) => self.refuse(offset, refusal),
            }
        }
        expanded.push_str(&text[copied..]);
        expanded
    }

    /// Whether a paragraph is a command of its own: nothing else stands in it.
    pub(super) fn begins_command(&self, range: &Range<usize>) -> bool {
        let text = self.page.source.text[range.clone()].trim_end();
        (text.starts_with("{%") && text.ends_with("%}") && text.matches("{%").count() == 1)
            || (text.starts_with("{{")
                && text.ends_with("}}")
                && text.matches("{{").count() == 1
                && shortcode::is_block(text))
    }

    /// Puts what a command makes in the place of its paragraph.
    pub(super) fn command_paragraph(&mut self, range: Range<usize>) {
        // The paragraph's own events say nothing more.
        let mut depth = 1;
        while depth > 0 {
            match self.events.next() {
                Some((Event::Start(_), _)) => depth += 1,
                Some((Event::End(_), _)) => depth -= 1,
                Some(_) => {}
                None => break,
            }
        }
        let text = self.page.source.text[range.clone()].trim_end();
        if text.starts_with("{%") && shortcode::is_end(text) {
            return self.close_command(range.start);
        }
        let made = shortcode::call(text).and_then(|call| {
            Ok((
                call.name,
                shortcode::block(&call, self.around, &mut self.document.made)?,
            ))
        });
        match made {
            Ok((name, block)) => {
                self.push(Event::Html(block.before.into()));
                match block.after {
                    Some(after) => self.open_command(name, range.start, Some(after)),
                    None => self.push(Event::Html("\n".into())),
                }
            }
            Err(refusal) => {
                if shortcode::may_have_body(text) {
                    self.open_command("", range.start, None);
                }
                self.refuse(range.start, refusal);
            }
        }
    }

    fn open_command(&mut self, name: &str, offset: usize, after: Option<String>) {
        self.open_commands.push(OpenCommand {
            name: name.to_owned(),
            offset,
            depth: self.depth,
            after,
        });
    }

    fn close_command(&mut self, offset: usize) {
        match self.open_commands.pop() {
            Some(OpenCommand { after: None, .. }) => {}
            Some(OpenCommand {
                after: Some(after),
                depth,
                ..
            }) if depth == self.depth => self.push(Event::Html(format!("{after}\n").into())),
            Some(open) => {
                let message = format!(
                    "Der Befehl „{}“ beginnt und endet nicht auf derselben Ebene.",
                    open.name
                );
                self.report(offset, message, "Rücken Sie beide Zeilen gleich weit ein.");
            }
            None => self.report(
                offset,
                "Hier endet ein Befehl, der nicht begonnen hat.".to_owned(),
                "Nehmen Sie die Zeile heraus, oder ergänzen Sie den Anfang, zum Beispiel {% hinweis() %}.",
            ),
        }
    }

    pub(super) fn shortcode_in_html(&mut self, range: Range<usize>) {
        let offset = self.page.source.text[range.clone()]
            .find("{{")
            .map_or(range.start, |at| range.start + at);
        self.problems.push(self.page.source.error(
            "E-KURZBEFEHL",
            offset,
            "In HTML wird „{{“ nicht ersetzt.",
            "Schreiben Sie den Absatz als Markdown, ohne HTML.",
        ));
    }

    /// A footnote that exists is an event of its own; what is left in a text has no definition.
    fn unknown_footnotes(&mut self, range: Range<usize>) {
        let text = &self.page.source.text[range.clone()];
        for (at, _) in text.match_indices("[^").filter(|(at, _)| !text[..*at].ends_with('\\')) {
            let name = text[at + 2..]
                .split(|c: char| c == ']' || c.is_whitespace())
                .next()
                .unwrap_or_default();
            if !name.is_empty() && text[at + 2 + name.len()..].starts_with(']') {
                self.problems.push(self.page.source.error(
                    "E-FUSSNOTE",
                    range.start + at,
                    format!("Die Fußnote „{name}“ gibt es auf dieser Seite nicht."),
                    format!("Ergänzen Sie am Ende der Seite eine Zeile „[^{name}]: …“."),
                ));
            }
        }
    }

    /// Whether a `{%` was written with a backslash.
    fn in_escape(&self, range: &Range<usize>) -> bool {
        self.page.source.text[..range.start].ends_with('\\') || !self.page.source.text[range.clone()].contains("{%")
    }

    fn report(&mut self, offset: usize, message: String, remedy: &str) {
        self.problems
            .push(self.page.source.error("E-KURZBEFEHL", offset, message, remedy));
    }

    fn refuse(&mut self, offset: usize, refusal: Refusal) {
        if refusal != problem::said() {
            let (code, message, remedy) = refusal;
            self.problems
                .push(self.page.source.error(code, offset, message, remedy));
        }
    }
}
