//! `site.toml`: what a site is called, where it lives, and how one gets around in it.

use toml::de::DeTable;

use crate::keys::{Keys, Placed, TomlText};
use crate::problem::{CAN_BE_WARNINGS, Problem, Source};
use crate::prose::Spelling;
use crate::source_files::SourceText;

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
    pub contact: Option<Contact>,
    /// The site has a page that searches it.
    pub suche: Placed<bool>,
    /// Pages whose `stand` is older are mentioned.
    pub stand_max_months: i64,
    pub spellings: Vec<Spelling>,
    pub as_warning: Vec<AsWarning>,
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

/// A check whose errors are only warnings on this site.
#[derive(Debug)]
pub struct AsWarning {
    pub code: Placed<String>,
    pub reason: String,
}

/// Whom readers can turn to.
#[derive(Debug)]
pub struct Contact {
    pub name: String,
    /// Line by line.
    pub address: Vec<String>,
    pub phone: String,
    pub email: String,
    /// When somebody answers the telephone.
    pub hours: String,
}

impl Contact {
    /// `tel:+49…` for a number as people write it: 0211 1234-56.
    pub fn phone_link(&self) -> String {
        let digits: String = self.phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        match digits.strip_prefix('0') {
            Some(national) if !digits.starts_with("00") => format!("tel:+49{national}"),
            _ => format!("tel:{digits}"),
        }
    }
}

/// An address of former times and where it leads today.
#[derive(Debug)]
pub struct Redirect {
    pub from: Placed<String>,
    pub to: Placed<String>,
}

impl SiteConfig {
    /// Parses `site.toml` as it was read; `None`, with a problem, where there is nothing to parse.
    pub fn read(name: &str, source: Option<SourceText>, problems: &mut Vec<Problem>) -> Option<SiteConfig> {
        let Some(source) = source else {
            problems.push(Problem::in_file(
                "E-SITE",
                format!("content/{name}/site.toml"),
                "Der Site fehlt site.toml.",
                "Legen Sie die Datei an, zum Beispiel nach dem Muster einer anderen Site.",
            ));
            return None;
        };
        SiteConfig::parse(name, source.shown, source.text?, problems)
    }

    /// Parses `site.toml`; `None` when it is not TOML at all.
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
        let (berichtstool, suche) = read_parts(&mut keys);
        let mut config = SiteConfig {
            name: name.to_owned(),
            title: title.value,
            subtitle: keys.text("subtitle").unwrap_or_default().value,
            base_url: read_base_url(&mut keys),
            language: language.value,
            theme,
            operator: operator.value,
            berichtstool,
            suche,
            menu: read_menu(&mut keys, "menu"),
            service: read_menu(&mut keys, "service"),
            footer: read_menu(&mut keys, "footer"),
            redirects: read_redirects(&mut keys),
            contact: read_contact(&mut keys),
            stand_max_months: read_stand_max_months(&mut keys),
            spellings: read_spellings(&mut keys),
            as_warning: read_as_warning(&mut keys),
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
            "Bei „base_url“ wird eine Adresse mit https:// und ohne Pfad erwartet.",
            "Schreiben Sie zum Beispiel: base_url = \"https://www.beispiel.nrw\"",
        );
    }
    value
}

/// The parts that a site can have: the Berichtstool, and a search.
fn read_parts(keys: &mut Keys<'_>) -> (Placed<bool>, Placed<bool>) {
    let Some(parts) = keys.table("parts") else {
        return Default::default();
    };
    let mut parts = keys.nested(parts, "Der Abschnitt [parts]");
    let both = (
        parts.flag("berichtstool").unwrap_or_default(),
        parts.flag("suche").unwrap_or_default(),
    );
    parts.finish();
    both
}

/// Two years, unless the site says otherwise.
fn read_stand_max_months(keys: &mut Keys<'_>) -> i64 {
    let Some((table, at)) = keys.table("checks") else {
        return 24;
    };
    let mut keys = keys.nested((table, at), "Der Abschnitt [checks]");
    let months = keys.integer("stand_max_months").unwrap_or(24);
    let at = keys.value("stand_max_months").map_or(at, |value| keys.offset(value));
    if !(1..=1200).contains(&months) {
        keys.report(
            "E-ANGABE",
            at,
            "Bei „stand_max_months“ wird eine Zahl von 1 bis 1200 erwartet.",
            "Schreiben Sie zum Beispiel: stand_max_months = 24",
        );
    }
    keys.finish();
    months.clamp(1, 1200)
}

/// How the site's own names are written, and how they are not.
fn read_spellings(keys: &mut Keys<'_>) -> Vec<Spelling> {
    let Some((table, _)) = keys.table("spellings") else {
        return Vec::new();
    };
    let mut spellings = Vec::new();
    for (right, wrong) in in_source_order(table) {
        let words: Option<Vec<String>> = wrong.get_ref().as_array().map(|words| {
            let words = words.iter().filter_map(|word| word.get_ref().as_str());
            words.map(str::to_owned).collect()
        });
        let right = right.get_ref().to_string();
        match words {
            Some(wrong) if !wrong.is_empty() => spellings.push(Spelling { right, wrong }),
            _ => keys.report(
                "E-ANGABE",
                keys.offset(wrong),
                format!("Bei „{right}“ wird eine Liste von Schreibweisen erwartet, die nicht vorkommen sollen."),
                format!("Schreiben Sie zum Beispiel: \"{right}\" = [\"…\"]"),
            ),
        }
    }
    spellings
}

fn read_as_warning(keys: &mut Keys<'_>) -> Vec<AsWarning> {
    let mut all = Vec::new();
    for table in keys.tables("as_warning") {
        let mut keys = keys.nested(table, "Eine Ausnahme [[as_warning]]");
        let code = keys.required_text("code");
        let reason = keys.required_text("reason");
        if let Some(code) = code
            .as_ref()
            .filter(|code| !CAN_BE_WARNINGS.contains(&code.value.as_str()))
        {
            let message = if code.value.starts_with("H-") {
                format!("„{}“ ist schon eine Warnung.", code.value)
            } else {
                format!("„{}“ kann keine Warnung werden.", code.value)
            };
            keys.report(
                "E-ANGABE",
                code.offset,
                message,
                format!("Möglich sind: {}.", CAN_BE_WARNINGS.join(", ")),
            );
        }
        keys.finish();
        if let (Some(code), Some(reason)) = (code, reason) {
            let reason = reason.value;
            all.push(AsWarning { code, reason });
        }
    }
    all
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

fn read_contact(keys: &mut Keys<'_>) -> Option<Contact> {
    let table = keys.table("contact")?;
    let mut keys = keys.nested(table, "Der Abschnitt [contact]");
    let name = keys.required_text("name");
    let email = keys.required_text("email");
    let contact = Contact {
        name: name.unwrap_or_default().value,
        address: keys.texts("address").into_iter().map(|line| line.value).collect(),
        phone: keys.text("phone").unwrap_or_default().value,
        email: email.unwrap_or_default().value,
        hours: keys.text("hours").unwrap_or_default().value,
    };
    keys.finish();
    Some(contact)
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
