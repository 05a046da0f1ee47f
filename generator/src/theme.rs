//! A theme from its folder: Tera templates for pages and answers, static files, and errors that name page and template.

mod files;
mod names;
mod sources;
mod tags;
mod usage;

use std::collections::BTreeMap;

use anyhow::Result;
use tera::{Context, Kwargs, Tera, TeraResult, Value};

use crate::assets::Asset;
use crate::problem::{Problem, Source};

pub use files::ThemeFiles;
pub use sources::Sources;
pub use usage::{Constant, Usage};

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
    /// How its page templates use the values of a page.
    pub usage: Usage,
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

impl Theme {
    /// Puts the templates together; `None` when they do not fit.
    pub fn new(files: ThemeFiles, problems: &mut Vec<Problem>) -> Option<Theme> {
        let shown = files.shown;
        if files.templates.iter().any(|(_, source)| source.text.is_none()) {
            // That one cannot be read is said; what the others miss without it is not their mistake.
            return None;
        }
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
            usage: Usage::of(sources.texts().map(|(_, text)| text)),
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

fn is_choice(template: &str) -> bool {
    !template.contains('/') && !["base.html", "redirect.html", "404.html"].contains(&template)
}

/// The library's own check takes longer than the template.
fn in_utf8(html: &[u8]) -> TeraResult<&str> {
    simdutf8::basic::from_utf8(html).map_err(tera::Error::message)
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
