//! Whatever is edited in whatever order: a build after it gives what a first build would give.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::Index;
use tempfile::TempDir;

use crate::project::{copy, files_below, run, text};

const SITE: &str = "startchancen-nrw";

/// Something that an editor, a designer, an operator or time does between two builds.
#[derive(Debug, Clone)]
enum Edit {
    /// Adds a sentence to a page.
    Write(Index),
    /// Gives a key of a page's head a value.
    Head(Index, &'static str, &'static str),
    /// Writes a new page into the folder of another one.
    Add(Index, u8),
    /// Removes a page that was added before, or else any.
    Remove(Index),
    /// Gives a page another address.
    Rename(Index),
    /// Adds a comment to a template.
    Template(Index),
    /// Replaces a text in a file of content or theme.
    Replace(&'static str, &'static str, &'static str),
    /// Somebody else writes a file below `dist`, or removes one.
    Disturb(Index, bool),
    /// Another day.
    Today(&'static str),
}

fn edits() -> impl Strategy<Value = Edit> {
    let page = any::<Index>();
    let head = prop_oneof![
        Just(("title", "\"Geänderter Titel\"")),
        Just(("title", "\"Ämter und Übersichten\"")),
        Just(("description", "\"Eine andere Beschreibung dieser Seite.\"")),
        Just(("weight", "3")),
        Just(("draft", "true")),
        Just(("draft", "false")),
        Just(("date", "2026-11-20")),
        Just(("date", "2026-12-24")),
        Just(("stand", "2026-11-19")),
        Just(("valid_until", "2026-11-21")),
        Just(("valid_until", "2027-01-31")),
        Just(("feed", "true")),
        Just(("translation_of", "\"@/faq/index.md\"")),
        Just(("simple_language", "\"@/leichte-sprache/index.md\"")),
        Just(("aliases", "[\"/frueher/\"]")),
        Just(("template", "\"inhalt.html\"")),
    ];
    let replace = prop_oneof![
        Just(("content/S/programm/schulen-je-bezirk.csv", "350", "351")),
        Just(("content/S/programm/schulen-je-bezirk.csv", "195", "19o")),
        Just((
            "content/S/programm/startchancen-schulen-nrw.csv",
            "Duisburg",
            "Dinslaken"
        )),
        Just(("content/S/loeschkonzept.toml", "P7D", "P5D")),
        Just((
            "content/S/formularschrank/chancenbudget/formular.toml",
            "help = \"",
            "help = \"Neu: "
        )),
        Just((
            "content/S/formularschrank/chancenbudget/formular.toml",
            "title = \"",
            "title = \"Neues "
        )),
        Just((
            "content/S/formularschrank/chancenbudget/formular.toml",
            "required = true\nmin = 0",
            "min = 0"
        )),
        Just(("content/S/site.toml", "Online-Formularschrank", "Formularschrank")),
        Just(("content/S/site.toml", "title = \"FAQ\"", "title = \"Fragen\"")),
        Just(("content/S/site.toml", "suche = true", "suche = false")),
        Just(("content/S/site.toml", "stand_max_months = 24", "stand_max_months = 1")),
        Just(("themes/klar/static/klar.css", "margin: 0", "margin: 0 0")),
        Just(("themes/klar/handler/abweisung.html", "<p>", "<p class=\"text\">")),
        Just(("themes/gemeinsam/handler/mail-code.txt", "Betreff: ", "Betreff: Neu: ")),
        Just(("themes/klar/templates/kurzbefehle/hinweis.html", "<", "<!-- neu --><")),
    ];
    prop_oneof![
        3 => page.clone().prop_map(Edit::Write),
        6 => (page.clone(), head).prop_map(|(page, (key, value))| Edit::Head(page, key, value)),
        3 => (page.clone(), any::<u8>()).prop_map(|(page, number)| Edit::Add(page, number)),
        2 => page.clone().prop_map(Edit::Remove),
        1 => page.clone().prop_map(Edit::Rename),
        1 => page.clone().prop_map(Edit::Template),
        4 => replace.prop_map(|(file, old, new)| Edit::Replace(file, old, new)),
        2 => (page, any::<bool>()).prop_map(|(file, is_removed)| Edit::Disturb(file, is_removed)),
        1 => prop_oneof![Just("2026-11-22"), Just("2026-12-31"), Just("2027-06-01")].prop_map(Edit::Today),
    ]
}

/// A copy of the shipped site with its theme, and the day of its builds.
struct Desk {
    folder: TempDir,
    today: &'static str,
}

impl Desk {
    fn new() -> Desk {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for part in [&format!("content/{SITE}"), "themes/gemeinsam", "themes/klar"] {
            copy(&shipped.join(part), &folder.path().join(part));
        }
        Desk {
            folder,
            today: "2026-11-22",
        }
    }

    fn pages(&self) -> Vec<PathBuf> {
        let mut files = files_below(&self.folder.path().join("content"));
        files.retain(|file| file.extension().is_some_and(|ending| ending == "md"));
        files
    }

    fn apply(&mut self, edit: &Edit) {
        let pages = self.pages();
        match edit {
            Edit::Write(page) => change(page.get(&pages), |text| {
                format!("{text}\nNoch ein Satz über Formulare.\n")
            }),
            Edit::Head(page, key, value) => change(page.get(&pages), |text| with_key(&text, key, value)),
            Edit::Add(page, number) => {
                let file = page.get(&pages).with_file_name(format!("neu-{number}.md"));
                let text = format!(
                    "+++\ntitle = \"Neue Seite {number}\"\n+++\n\n## Neues\n\nMehr steht unter [Fragen und Antworten](@/faq/index.md).\n"
                );
                fs::write(file, text).expect("a new page");
            }
            Edit::Remove(page) => {
                let added: Vec<PathBuf> = pages.iter().filter(|page| is_added(page)).cloned().collect();
                let from = if added.is_empty() { &pages } else { &added };
                fs::remove_file(page.get(from)).expect("a page");
            }
            Edit::Rename(page) => {
                let page = page.get(&pages);
                fs::rename(page, page.with_file_name("umbenannt.md")).expect("a page");
            }
            Edit::Template(template) => {
                let templates = files_below(&self.folder.path().join("themes/klar/templates"));
                change(template.get(&templates), |text| format!("{text}<!-- geändert -->\n"));
            }
            Edit::Replace(file, old, new) => {
                let file = self.folder.path().join(file.replace("/S/", &format!("/{SITE}/")));
                change(&file, |text| text.replacen(old, new, 1));
            }
            Edit::Disturb(file, is_removed) => {
                let files = files_below(&self.folder.path().join("dist").join(SITE));
                let Some(file) = (!files.is_empty()).then(|| file.get(&files)) else {
                    return;
                };
                if *is_removed {
                    fs::remove_file(file).expect("a published file");
                } else {
                    fs::write(file.with_file_name("fremd.html"), "fremd").expect("a foreign file");
                }
            }
            Edit::Today(day) => self.today = day,
        }
    }

    fn build(&self, out: &str) -> Built {
        let output = run(self.folder.path(), &["build", "--today", self.today, "--out", out]);
        let folder = self.folder.path().join(out).join(SITE);
        let files = files_below(&folder);
        Built {
            code: output.status.code(),
            problems: text(&output.stderr),
            files: files
                .into_iter()
                .map(|file| {
                    let bytes = fs::read(&file).expect("a published file");
                    (file.strip_prefix(&folder).expect("below it").to_owned(), bytes)
                })
                .collect(),
        }
    }
}

/// What a build says and leaves.
#[derive(PartialEq)]
struct Built {
    code: Option<i32>,
    problems: String,
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl fmt::Debug for Built {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:?}, {} files\n{}",
            self.code,
            self.files.len(),
            self.problems
        )
    }
}

impl Built {
    /// Files that one of the two has otherwise, or not at all.
    fn differences(&self, other: &Built) -> Vec<PathBuf> {
        let only = |one: &Built, other: &Built| -> Vec<PathBuf> {
            let files = one.files.iter().filter(|file| !other.files.contains(file));
            files.map(|(path, _)| path.clone()).collect()
        };
        let mut differences = only(self, other);
        differences.extend(only(other, self));
        differences
    }
}

fn change(file: &PathBuf, with: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(file).expect("a file");
    fs::write(file, with(text)).expect("written");
}

fn with_key(text: &str, key: &str, value: &str) -> String {
    let line = format!("{key} = {value}");
    let old = text.lines().find(|old| old.starts_with(&format!("{key} = ")));
    match old {
        Some(old) => text.replacen(old, &line, 1),
        None => text.replacen("+++\n", &format!("+++\n{line}\n"), 1),
    }
}

fn is_added(page: &Path) -> bool {
    page.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with("neu-"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_build_after_any_edits_gives_what_a_first_build_gives(edits in prop::collection::vec(edits(), 1..7)) {
        let mut desk = Desk::new();
        let shipped = desk.build("dist");
        prop_assert_eq!(shipped.code, Some(0), "the shipped site: {}", shipped.problems);
        for edit in &edits {
            desk.apply(edit);
            let before = files_below(&desk.folder.path().join("dist").join(SITE));
            let later = desk.build("dist");
            let _ = fs::remove_dir_all(desk.folder.path().join("rein"));
            let first = desk.build("rein");
            prop_assert_eq!(later.code, first.code, "after {:?}\n{}{}", edit, later.problems, first.problems);
            prop_assert_eq!(&later.problems, &first.problems, "after {:?}", edit);
            if first.code == Some(0) {
                prop_assert_eq!(later.differences(&first), Vec::<PathBuf>::new(), "after {:?}", edit);
            } else {
                prop_assert_eq!(before.len(), later.files.len(), "a build that was stopped changed something");
            }
        }
    }
}
