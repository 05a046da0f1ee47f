//! The texts of templates, and where in them an error stands.

use std::collections::BTreeMap;

use form::problem::nearest;
use tera::ErrorKind;

use crate::problem::{Problem, Source};
use crate::render;

const LOOK_UP: &str = "Welche Angaben eine Vorlage bekommt, steht in ARCHITECTURE.md.";

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

    /// Tera is silent about an unknown `page.…` in a condition or before a filter; a page would come out empty.
    pub(super) fn unknown_values(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (file, text) in self.0.values() {
            for (at, object, key) in values_read(text) {
                let known: &[&str] = if object == "page" {
                    &render::PAGE_KEYS
                } else {
                    &render::SITE_KEYS
                };
                if !known.contains(&key) && in_tag(&text[..at]) {
                    let message = format!("„{object}.{key}“ bekommt keine Vorlage.");
                    let remedy = nearest(key, known)
                        .map_or(LOOK_UP.to_owned(), |near| format!("Meinten Sie „{object}.{near}“?"));
                    problems.push(Source { file, text }.error("E-VORLAGE-ANGABE", at, message, remedy));
                }
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
        match self.0.get(template) {
            Some((file, text)) => Source { file, text }.error_at("E-VORLAGE", line, column, message, LOOK_UP),
            None => Problem::in_file("E-VORLAGE", theme, message, LOOK_UP),
        }
    }
}

/// Every `page.…` and `site.…`: where it stands, the object and the key.
fn values_read(text: &str) -> impl Iterator<Item = (usize, &'static str, &str)> {
    ["page", "site"].into_iter().flat_map(move |object| {
        text.match_indices(object).filter_map(move |(at, _)| {
            let after = text[at + object.len()..].strip_prefix('.')?;
            let end = after.find(|c: char| !c.is_ascii_lowercase() && c != '_');
            let key = &after[..end.unwrap_or(after.len())];
            let is_word = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
            (is_word && !key.is_empty()).then_some((at, object, key))
        })
    })
}

/// Whether a text ends within a Tera tag, outside of a quoted text.
fn in_tag(before: &str) -> bool {
    let last = |delimiters: [&str; 2]| delimiters.iter().filter_map(|delimiter| before.rfind(delimiter)).max();
    let open = last(["{{", "{%"]);
    open > last(["}}", "%}"]) && open.is_some_and(|open| before[open..].matches('"').count().is_multiple_of(2))
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
