//! A theme from its folder: Tera templates for pages and answers, static files, and errors that name page and template.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use form::problem::nearest;
use tera::{Context, ErrorKind, Kwargs, Tera, TeraResult, Value};
use walkdir::WalkDir;

use crate::assets::{self, Asset, StaticFile};
use crate::config::SiteConfig;
use crate::digest::Digest;
use crate::keys::Placed;
use crate::problem::{Problem, Source};
use crate::render;
use crate::source_files::{SourceText, check_plain};

const LOOK_UP: &str = "Welche Angaben eine Vorlage bekommt, steht in ARCHITECTURE.md.";

/// Where lies what is the same in all themes.
const COMMON: &str = "themes/gemeinsam";

/// The page templates that every theme has.
const REQUIRED: [&str; 7] = [
    "base.html",
    "page.html",
    "section.html",
    "formular.html",
    "notice.html",
    "redirect.html",
    "404.html",
];

/// A theme, ready to render.
pub struct Theme {
    /// `themes/<theme>` from the project root, for messages.
    pub shown: String,
    pub assets: Vec<Asset>,
    /// What the handler and the office write: answers, mails and documents.
    pub answers: Vec<Answer>,
    tera: Tera,
    sources: Sources,
}

/// A template of the handler's.
pub struct Answer {
    pub name: String,
    /// Path from the project root, for messages.
    pub shown: String,
    pub text: String,
}

/// The files of a theme, as they lie on disk.
pub struct ThemeFiles {
    shown: String,
    assets: Vec<Asset>,
    templates: Vec<(String, SourceText)>,
    answers: Vec<(String, SourceText)>,
    /// Changes when any of them does.
    pub digest: u64,
}

/// Template texts by the name Tera knows them by, with the file they came from.
#[derive(Debug, Default)]
pub struct Sources(BTreeMap<String, (String, String)>);

impl ThemeFiles {
    /// Reads the theme that a site has chosen; `None`, with a problem, when there is no such theme.
    pub fn read(root: &Path, config: &SiteConfig, problems: &mut Vec<Problem>) -> Result<Option<ThemeFiles>> {
        let Placed { value: name, offset } = &config.theme;
        if name.is_empty() {
            return Ok(None);
        }
        let shown = format!("themes/{name}");
        let folder = root.join("themes").join(name);
        if name.contains(['/', '\\', '.']) || !folder.is_dir() {
            problems.push(config.source().error(
                "E-THEMA",
                *offset,
                format!("Das Thema „{name}“ gibt es nicht."),
                "Tragen Sie bei theme den Namen eines Ordners unter themes/ ein.",
            ));
            return Ok(None);
        }
        // What a theme does not have of its own, it has as all do: scripts and answers, mails and the office's papers.
        let layers = [shown.as_str(), COMMON];
        let mut statics: Vec<StaticFile> = Vec::new();
        for layer in layers {
            let place = format!("{layer}/static");
            let found = files(&root.join(&place), &place, problems)?;
            let new = found
                .into_iter()
                .filter(|(file, _)| statics.iter().all(|known| known.file != *file));
            let new: Vec<_> = new
                .map(|(file, path)| StaticFile {
                    shown: format!("{place}/{file}"),
                    file,
                    path,
                })
                .collect();
            statics.extend(new);
        }
        let assets = assets::read(statics, problems);
        let templates = read_templates(
            &folder.join("templates"),
            &format!("{shown}/templates"),
            &[".html"],
            problems,
        )?;
        let mut answers = Vec::new();
        for layer in layers {
            let place = format!("{layer}/handler");
            let found = read_templates(&root.join(&place), &place, &[".html", ".txt"], problems)?;
            let new: Vec<_> = found
                .into_iter()
                .filter(|(name, _)| answers.iter().all(|(known, _)| known != name))
                .collect();
            answers.extend(new);
        }
        let mut digest = Digest::new();
        for (template, source) in templates.iter().chain(&answers) {
            digest.add_text(&source.shown);
            digest.add_text(template);
            digest.add_number(source.digest);
        }
        for asset in &assets {
            digest.add_text(&asset.file);
            digest.add_text(&asset.published);
        }
        Ok(Some(ThemeFiles {
            digest: digest.finish(),
            shown,
            assets,
            templates,
            answers,
        }))
    }
}

impl Theme {
    /// Puts the templates together; `None` when they do not fit.
    pub fn new(files: ThemeFiles, problems: &mut Vec<Problem>) -> Option<Theme> {
        let shown = files.shown;
        let mut sources = Sources::default();
        for (template, source) in files.templates {
            if let Some(text) = source.text {
                sources.add(&template, source.shown, text);
            }
        }
        let mut answers = Vec::new();
        for (name, source) in files.answers {
            let (shown, Some(text)) = (source.shown, source.text) else {
                continue;
            };
            // A fragment is part of pages and answers alike; whatever extends the shell is an answer, and a text is a mail.
            if !text.contains("{% extends") && name.ends_with(".html") {
                sources.add(&format!("handler/{name}"), shown.clone(), text.clone());
            }
            answers.push(Answer { name, shown, text });
        }
        for required in REQUIRED.iter().filter(|required| !sources.0.contains_key(**required)) {
            problems.push(Problem::in_file(
                "E-VORLAGE-FEHLT",
                format!("{shown}/templates/{required}"),
                "Diese Vorlage braucht jedes Thema.",
                "Legen Sie die Datei an.",
            ));
        }
        problems.extend(sources.unknown_values());
        let mut tera = Tera::new();
        register_functions(&mut tera, &files.assets);
        if let Err(error) = tera.add_raw_templates(sources.texts()) {
            problems.extend(sources.problems(&error, &shown, None));
            return None;
        }
        Some(Theme {
            shown,
            assets: files.assets,
            answers,
            tera,
            sources,
        })
    }

    /// Whether a page can choose this template.
    pub fn is_choice(&self, template: &str) -> bool {
        self.has(template) && is_choice(template)
    }

    /// Whether there is such a template.
    pub fn has(&self, template: &str) -> bool {
        self.sources.0.contains_key(template)
    }

    /// The templates that a page can choose.
    pub fn choices(&self) -> Vec<&str> {
        self.sources
            .0
            .keys()
            .map(String::as_str)
            .filter(|name| is_choice(name))
            .collect()
    }

    /// The first place in the templates that a search finds.
    pub fn find(&self, place: impl Fn(&str) -> Option<usize>) -> Option<(Source<'_>, usize)> {
        let mut templates = self.sources.0.values();
        templates.find_map(|(file, text)| Some((Source { file, text }, place(text)?)))
    }

    /// Renders a template; `page` is the file to name when it cannot be.
    pub fn render(&self, template: &str, context: &Context, page: &str) -> Result<String, Vec<Problem>> {
        let mut html = Vec::new();
        self.render_into(&mut html, template, context, page).map(str::to_owned)
    }

    /// Renders a template into a buffer that serves one page after the other.
    pub fn render_into<'b>(
        &self,
        buffer: &'b mut Vec<u8>,
        template: &str,
        context: &Context,
        page: &str,
    ) -> Result<&'b str, Vec<Problem>> {
        buffer.clear();
        self.tera
            .render_to(template, context, &mut *buffer)
            .and_then(|()| in_utf8(buffer))
            .map_err(|error| self.sources.problems(&error, &self.shown, Some(page)))
    }

    /// Renders the template of a command; `None` when the theme has none.
    pub fn render_command(
        &self,
        command: &str,
        values: BTreeMap<String, Value>,
        page: &str,
    ) -> Option<Result<String, Vec<Problem>>> {
        let template = format!("kurzbefehle/{command}.html");
        if !self.has(&template) {
            return None;
        }
        let mut context = Context::new();
        for (key, value) in values {
            context.insert_value(key, value);
        }
        Some(self.render(&template, &context, page))
    }

    /// Renders `base.html` around the two texts that stand for its open blocks.
    pub fn render_base(&self, title: &str, main: &str, context: &Context) -> Result<String, Vec<Problem>> {
        let template = format!(
            "{{% extends \"base.html\" %}}{{% block title %}}{title}{{% endblock %}}{{% block main %}}{main}{{% endblock %}}"
        );
        let mut tera = self.tera.clone();
        let rendered = tera
            .add_raw_template("shell.html", &template)
            .and_then(|()| tera.render("shell.html", context));
        rendered.map_err(|error| self.sources.problems(&error, &self.shown, Some("handler/shell.html")))
    }
}

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

    /// Name and text of each template, for Tera.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, (_, text))| (name.as_str(), text.as_str()))
    }

    /// Tera is silent about an unknown `page.…` in a condition or before a filter; a page would come out empty.
    fn unknown_values(&self) -> Vec<Problem> {
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

fn is_choice(template: &str) -> bool {
    !template.contains('/') && !["base.html", "redirect.html", "404.html"].contains(&template)
}

/// The library's own check takes longer than the template.
fn in_utf8(html: &[u8]) -> TeraResult<&str> {
    simdutf8::basic::from_utf8(html).map_err(tera::Error::message)
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

/// `asset(path="klar.css")` is the published address of a static file, `integrity(path="klar.css")` its checksum for browsers;
/// both are errors when there is no such file.
fn register_functions(tera: &mut Tera, assets: &[Asset]) {
    let addresses = assets
        .iter()
        .map(|asset| (asset.file.clone(), asset.address()))
        .collect();
    let checksums = assets
        .iter()
        .map(|asset| (asset.file.clone(), asset.integrity.clone()))
        .collect();
    for (function, values) in [("asset", addresses), ("integrity", checksums)] {
        let values: BTreeMap<String, String> = values;
        tera.register_function(
            function,
            move |kwargs: Kwargs, _: &tera::State<'_>| -> TeraResult<String> {
                let path = kwargs.must_get::<&str>("path")?;
                values.get(path).cloned().ok_or_else(|| {
                    tera::Error::message(format!(
                        "{function}(path=\"{path}\"): diese Datei liegt nicht unter static/"
                    ))
                })
            },
        );
    }
}

fn read_templates(
    folder: &Path,
    shown: &str,
    endings: &[&str],
    problems: &mut Vec<Problem>,
) -> Result<Vec<(String, SourceText)>> {
    let mut templates = Vec::new();
    for (name, path) in files(folder, shown, problems)? {
        if endings.iter().any(|ending| name.ends_with(ending)) {
            let source = SourceText::read(&path, format!("{shown}/{name}"), problems);
            templates.push((name, source));
        }
    }
    Ok(templates)
}

/// All files below a folder, sorted: path below it with `/`, and on disk. A folder that is not there is empty.
fn files(folder: &Path, shown: &str, problems: &mut Vec<Problem>) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.with_context(|| format!("{} lässt sich nicht lesen", folder.display()))?;
        let name = entry.file_name().to_string_lossy();
        if entry.file_type().is_dir() || name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        let relative = entry
            .path()
            .strip_prefix(folder)
            .unwrap_or(entry.path())
            .to_string_lossy()
            .replace(std::path::MAIN_SEPARATOR, "/");
        match check_plain(&entry, &format!("{shown}/{relative}")) {
            None => found.push((relative, entry.into_path())),
            problem => problems.extend(problem),
        }
    }
    Ok(found)
}
