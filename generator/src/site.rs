//! `site.toml`: what a site is called, where it lives, and how one gets around in it.

use toml::de::DeTable;

use crate::keys::{Keys, Placed, TomlText};
use crate::problem::{Problem, Source};

/// The settings of one site.
#[derive(Debug)]
pub struct SiteConfig {
    /// Name of its folder below `content/`.
    pub name: String,
    pub title: String,
    pub subtitle: String,
    /// Without a trailing slash.
    pub base_url: String,
    pub language: String,
    pub theme: Placed<String>,
    pub operator: String,
    /// The site has a Berichtstool, answered by the handler below `/meldung/`.
    pub berichtstool: Placed<bool>,
    pub menu: Vec<MenuEntry>,
    pub service: Vec<MenuEntry>,
    pub footer: Vec<MenuEntry>,
    pub redirects: Vec<Redirect>,
    /// Path from the project root, and the text, for messages.
    pub source_file: String,
    pub text: String,
}

/// An entry of a navigation.
#[derive(Debug)]
pub struct MenuEntry {
    pub title: String,
    pub link: Placed<String>,
}

/// An address of former times and where it leads today.
#[derive(Debug)]
pub struct Redirect {
    pub from: Placed<String>,
    pub to: Placed<String>,
}

impl SiteConfig {
    /// Reads `site.toml`; `None` when it is not TOML at all.
    pub fn parse(name: &str, source_file: String, text: String, problems: &mut Vec<Problem>) -> Option<SiteConfig> {
        let source = Source {
            file: &source_file,
            text: &text,
        };
        let toml = TomlText {
            file: source,
            range: 0..text.len(),
        };
        let table = toml.parse("E-SITE", problems)?;
        let mut keys = toml.keys(&table, "site.toml", problems);
        let mut required = |key| keys.required_text(key).unwrap_or_default();
        let (title, language, theme, operator) = (
            required("title"),
            required("language"),
            required("theme"),
            required("operator"),
        );
        if !language.value.is_empty() {
            keys.language("language");
        }
        let mut config = SiteConfig {
            name: name.to_owned(),
            title: title.value,
            subtitle: keys.text("subtitle").unwrap_or_default().value,
            base_url: read_base_url(&mut keys),
            language: language.value,
            theme,
            operator: operator.value,
            berichtstool: read_berichtstool(&mut keys),
            menu: read_menu(&mut keys, "menu"),
            service: read_menu(&mut keys, "service"),
            footer: read_menu(&mut keys, "footer"),
            redirects: read_redirects(&mut keys),
            source_file: String::new(),
            text: String::new(),
        };
        keys.finish();
        drop(table);
        (config.source_file, config.text) = (source_file, text);
        Some(config)
    }

    /// Where problems of `site.toml` are shown.
    pub fn source(&self) -> Source<'_> {
        Source {
            file: &self.source_file,
            text: &self.text,
        }
    }

    /// The three navigations with the names that templates know them by.
    pub fn menus(&self) -> [(&'static str, &[MenuEntry]); 3] {
        [
            ("menu", &self.menu),
            ("service", &self.service),
            ("footer", &self.footer),
        ]
    }
}

fn read_base_url(keys: &mut Keys<'_>) -> String {
    let Some(Placed { value, offset }) = keys.required_text("base_url") else {
        return String::new();
    };
    let host = value.strip_prefix("https://").unwrap_or_default();
    if host.is_empty() || !host.chars().all(|c| c.is_alphanumeric() || ".-:".contains(c)) {
        keys.report(
            "E-ANGABE",
            offset,
            "Bei „base_url“ wird eine Adresse ohne Pfad erwartet.",
            "Schreiben Sie zum Beispiel: base_url = \"https://www.beispiel.nrw\"",
        );
    }
    value
}

fn read_berichtstool(keys: &mut Keys<'_>) -> Placed<bool> {
    let Some(parts) = keys.table("parts") else {
        return Placed::default();
    };
    let mut parts = keys.nested(parts, "Der Abschnitt [parts]");
    let berichtstool = parts.flag("berichtstool").unwrap_or_default();
    parts.finish();
    berichtstool
}

fn read_menu(keys: &mut Keys<'_>, key: &'static str) -> Vec<MenuEntry> {
    let mut entries = Vec::new();
    for table in keys.tables(key) {
        let mut keys = keys.nested(table, "Ein Menüeintrag");
        let title = keys.required_text("title");
        let link = keys.required_text("link");
        keys.finish();
        if let (Some(title), Some(link)) = (title, link) {
            entries.push(MenuEntry {
                title: title.value,
                link,
            });
        }
    }
    entries
}

fn read_redirects(keys: &mut Keys<'_>) -> Vec<Redirect> {
    let Some((table, _)) = keys.table("redirects") else {
        return Vec::new();
    };
    let mut redirects = Vec::new();
    for (from, to) in in_source_order(table) {
        let from = Placed {
            value: from.get_ref().to_string(),
            offset: keys.offset(from),
        };
        let to_offset = keys.offset(to);
        match to.get_ref().as_str() {
            Some(to) => redirects.push(Redirect {
                from,
                to: Placed {
                    value: to.to_owned(),
                    offset: to_offset,
                },
            }),
            None => keys.report(
                "E-ANGABE",
                to_offset,
                "Das Ziel einer Weiterleitung ist ein Text.",
                "Schreiben Sie zum Beispiel: \"/alter/pfad/\" = \"@/neu.md\"",
            ),
        }
    }
    redirects
}

type Entry<'t> = (
    &'t toml::Spanned<toml::de::DeString<'t>>,
    &'t toml::Spanned<toml::de::DeValue<'t>>,
);

fn in_source_order<'t>(table: &'t DeTable<'t>) -> Vec<Entry<'t>> {
    let mut entries: Vec<Entry<'t>> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}
