//! The texts of templates, and where in them an error stands.

use std::collections::{BTreeMap, BTreeSet};

use form::problem::nearest;
use tera::ErrorKind;

use super::names;
use super::tags::tags;
use crate::html::offset_in;
use crate::problem::{Problem, Source};

const LOOK_UP: &str = "Welche Angaben eine Vorlage bekommt, steht in ARCHITECTURE.md.";

const READ_UP: &str = "Was eine Vorlage schreiben darf, steht in der Anleitung von Tera 2; asset und integrity kommen vom Generator dazu.";

/// Template texts by the name Tera knows them by, with the file they came from.
#[derive(Debug, Default)]
pub struct Sources(pub(super) BTreeMap<String, (String, String)>);

impl Sources {
    /// Adds a template under the name that other templates use for it.
    pub fn add(&mut self, name: &str, file: String, text: String) {
        self.0.insert(name.to_owned(), (file, text));
    }

    /// Where problems of a template are shown.
    pub fn source<'a>(&'a self, name: &'a str) -> Source<'a> {
        let (file, text) = self.0.get(name).map_or((name, ""), |(file, text)| (file, text));
        Source { file, text }
    }

    /// A template and all that it includes, itself first.
    pub fn with_included<'a>(&'a self, name: &'a str) -> Vec<Source<'a>> {
        let mut names = vec![name];
        let mut sources = Vec::new();
        while let Some(name) = names.get(sources.len()) {
            let source = self.source(name);
            let included = source
                .text
                .split("{% include \"")
                .skip(1)
                .filter_map(|after| Some(after.split_once('"')?.0));
            let new: Vec<&str> = included.filter(|name| !names.contains(name)).collect();
            names.extend(new);
            sources.push(source);
        }
        sources
    }

    /// Name and text of each template, for Tera.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, (_, text))| (name.as_str(), text.as_str()))
    }

    /// Names that page templates read and that nobody gives them. Commands and what the handler answers have values of their own.
    pub(super) fn unknown_values(&self) -> Vec<Problem> {
        let has_own_values = |name: &str| name.starts_with("kurzbefehle/") || name.starts_with("handler/");
        let templates = self.0.iter().filter(|(name, _)| !has_own_values(name));
        // Where tags cannot be told apart, Tera says why.
        let read: Vec<_> = templates
            .filter_map(|(_, (file, text))| Some((Source { file, text }, tags(text)?)))
            .collect();
        let bound: BTreeSet<&str> = read.iter().flat_map(|(_, tags)| names::bound(tags)).collect();
        let mut problems = Vec::new();
        for (source, tags) in &read {
            for unknown in names::unknown(tags, &bound) {
                let message = format!("Die Angabe „{}“ gibt es in Vorlagen nicht.", unknown.name);
                let own = unknown.name.rsplit('.').next().unwrap_or_default();
                let remedy = nearest(own, &unknown.known).map_or(LOOK_UP.to_owned(), |near| {
                    let object = if unknown.object.is_empty() {
                        String::new()
                    } else {
                        unknown.object.clone() + "."
                    };
                    format!("Meinten Sie „{object}{near}“?")
                });
                let at = offset_in(source.text, unknown.written);
                problems.push(source.error("E-VORLAGE-ANGABE", at, message, remedy));
            }
        }
        problems.sort_by_key(|problem| (problem.file.clone(), problem.line, problem.column));
        problems
    }

    /// What Tera says, at the place it means, with the page that was being rendered.
    pub fn problems(&self, error: &tera::Error, theme: &str, page: Option<&str>) -> Vec<Problem> {
        let context = page.map(|page| format!(" (bei {page})")).unwrap_or_default();
        match error.kind() {
            ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
                let span = report.span();
                vec![self.problem(
                    theme,
                    report.filename(),
                    span.start_line,
                    span.start_col + 1,
                    report.message(),
                    &context,
                )]
            }
            kind => split_reports(&kind.to_string())
                .into_iter()
                .map(|(message, place)| {
                    let (template, line, column) = place.unwrap_or_default();
                    self.problem(theme, &template, line, column, &message, &context)
                })
                .collect(),
        }
    }

    fn problem(&self, theme: &str, template: &str, line: usize, column: usize, said: &str, context: &str) -> Problem {
        let message = format!("Die Vorlage lässt sich nicht anwenden{context}: {said}");
        let remedy = if said.starts_with("Unknown ") || said.starts_with("Found ") || said.starts_with("Unexpected ") {
            READ_UP
        } else {
            LOOK_UP
        };
        match self.0.get(template) {
            Some((file, text)) => Source { file, text }.error_at("E-VORLAGE", line, column, message, remedy),
            None => Problem::in_file("E-VORLAGE", theme, message, remedy),
        }
    }
}

/// A template's name with line and column.
type Place = (String, usize, usize);

/// Tera joins several findings into one text, each beginning with "error:" and an arrow to its place.
fn split_reports(text: &str) -> Vec<(String, Option<Place>)> {
    if !text.starts_with("error: ") {
        return vec![(text.to_owned(), None)];
    }
    text.split("\n\n")
        .filter_map(|report| {
            let message = report.strip_prefix("error: ")?.lines().next()?.to_owned();
            let place = report.lines().find_map(|line| {
                let mut parts = line.trim().strip_prefix("--> ")?.rsplitn(3, ':');
                let (column, line, name) = (parts.next()?, parts.next()?, parts.next()?);
                Some((name.to_owned(), line.parse().ok()?, column.parse().ok()?))
            });
            Some((message, place))
        })
        .collect()
}
