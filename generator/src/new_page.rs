//! Writes a new page with the head that a page of its folder needs; it stays a draft until its author takes that line out.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use jiff::civil::Date;

use crate::build::{self, Settings};
use crate::front_matter::{self, FrontMatter};
use crate::links;
use crate::markdown::slug;
use crate::problem::Source;
use crate::source_files::SourceText;

/// Where a page was written, and the address that it will have.
#[derive(Debug)]
pub struct Written {
    /// From the project root.
    pub file: String,
    pub address: String,
}

/// Writes the page; `path` is given from the project root, from `content/`, or from the folder of the only site.
pub fn write(settings: &Settings, path: &str, title: Option<&str>, sites: &[String]) -> Result<Written> {
    let (site, file) = place(path, sites)?;
    check_name(&site, &file)?;
    let folder = settings.root.join("content").join(&site);
    let target = folder.join(&file);
    let title = title.map_or_else(|| title_of(&file), |title| title.trim().to_owned());
    ensure!(
        !title.is_empty(),
        "Der Titel ist leer. Nennen Sie einen, oder lassen Sie --title weg"
    );
    let shown = format!("content/{site}/{file}");
    let address = links::address(&file);
    if !target.exists()
        && let Some(owner) = build::owner(settings, &site, &format!("{}index.html", &address[1..]))
    {
        bail!("Die Adresse {address} ist schon vergeben, an {owner}");
    }
    let siblings = heads(target.parent().unwrap_or(&folder), &target);
    let text = page(&title, settings.today, &siblings);
    let context = || format!("{shown} lässt sich nicht schreiben");
    fs::create_dir_all(target.parent().unwrap_or(&folder)).with_context(context)?;
    match File::create_new(&target) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{shown} gibt es schon; sie bleibt, wie sie ist")
        }
        created => created
            .and_then(|mut new| new.write_all(text.as_bytes()))
            .with_context(context)?,
    }
    Ok(Written { file: shown, address })
}

/// The site, and the Markdown file below its folder.
fn place(path: &str, sites: &[String]) -> Result<(String, String)> {
    let path = path.strip_prefix("./").unwrap_or(path);
    let below = path.strip_prefix("content/").unwrap_or(path);
    let named = below
        .split_once('/')
        .filter(|(site, _)| sites.iter().any(|known| known == site));
    let (site, file) = match (named, sites) {
        (Some((site, file)), _) => (site.to_owned(), file),
        (None, [only]) if below.len() == path.len() => (only.clone(), path),
        _ => bail!(
            "„{path}“ beginnt nicht mit dem Namen einer Site. Schreiben Sie zum Beispiel {}/{}",
            sites.first().map_or("site", String::as_str),
            below.rsplit('/').next().unwrap_or(below)
        ),
    };
    let file = match file {
        folder if folder.is_empty() || folder.ends_with('/') => format!("{folder}index.md"),
        page if page.ends_with(".md") => page.to_owned(),
        page => format!("{page}.md"),
    };
    Ok((site, file))
}

/// File names become addresses.
fn check_name(site: &str, file: &str) -> Result<()> {
    let stem = file.strip_suffix(".md").unwrap_or(file);
    let is_plain = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c))
    };
    let better: Vec<String> = stem.split('/').map(slug).collect();
    ensure!(
        stem.split('/').all(is_plain),
        "Aus „{file}“ wird keine gute Adresse. Nehmen Sie zum Beispiel {site}/{}.md",
        better.join("/")
    );
    Ok(())
}

/// What the file's name says: `neue-seite.md` is „Neue seite“; a section has the name of its folder.
fn title_of(file: &str) -> String {
    let stem = file.strip_suffix(".md").unwrap_or(file);
    let stem = stem.strip_suffix("/index").unwrap_or(stem);
    let words = stem.rsplit('/').next().unwrap_or(stem).replace(['-', '_'], " ");
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// What is known of the pages beside the new one, and of the section around it.
struct Siblings {
    /// Larger than that of any of them, in steps of ten.
    weight: Option<i64>,
    /// They are news, which have a date.
    is_news: bool,
}

fn heads(folder: &Path, new: &Path) -> Siblings {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| file.extension().is_some_and(|ending| ending == "md"))
        .collect();
    files.sort();
    let mut weights = Vec::new();
    let mut is_news = false;
    for file in files {
        let Some(head) = head(&file) else { continue };
        if file.ends_with("index.md") {
            is_news = head.feed && !new.ends_with("index.md");
        } else {
            weights.extend((head.weight < i64::MAX).then_some(head.weight));
        }
    }
    let largest = weights.into_iter().max();
    Siblings {
        weight: largest.map(|largest| (largest / 10).saturating_add(1).saturating_mul(10)),
        is_news,
    }
}

/// The head of a page; what is wrong with it is for another command to say.
fn head(file: &Path) -> Option<FrontMatter> {
    let text = SourceText::read(file, String::new(), &mut Vec::new()).text?;
    let source = Source { file: "", text: &text };
    let range = front_matter::split(source).ok()?;
    front_matter::parse(source, range, "", &mut Vec::new())
}

fn page(title: &str, today: Date, siblings: &Siblings) -> String {
    // A TOML text in double quotes.
    let title = title.replace('\\', "\\\\").replace('"', "\\\"");
    let mut head = format!("title = \"{title}\"\ndescription = \"\"\nstand = {today}\n");
    if siblings.is_news {
        head.push_str(&format!("date = {today}\n"));
    } else if let Some(weight) = siblings.weight {
        head.push_str(&format!("weight = {weight}\n"));
    }
    format!("+++\n{head}draft = true\n+++\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_path_is_taken_as_people_give_it() {
        let two = ["a-nrw".to_owned(), "b-nrw".to_owned()];
        let one = &two[..1];
        let place_of = |path: &str, sites: &[String]| place(path, sites).map(|(site, file)| format!("{site} {file}"));
        for path in [
            "content/a-nrw/x/y.md",
            "./content/a-nrw/x/y.md",
            "a-nrw/x/y.md",
            "a-nrw/x/y",
        ] {
            assert_eq!(place_of(path, &two).expect("a place"), "a-nrw x/y.md");
        }
        assert_eq!(place_of("x/y", one).expect("a place"), "a-nrw x/y.md");
        assert_eq!(place_of("b-nrw/x/", &two).expect("a place"), "b-nrw x/index.md");
        let error = place_of("x/y.md", &two).expect_err("which site?").to_string();
        expect!["„x/y.md“ beginnt nicht mit dem Namen einer Site. Schreiben Sie zum Beispiel a-nrw/y.md"]
            .assert_eq(&error);
        assert!(place_of("content/c-nrw/x.md", one).is_err());
    }

    #[test]
    fn a_name_that_gives_no_good_address_comes_with_a_better_one() {
        let error = check_name("a-nrw", "Förder Mittel/Übersicht.md")
            .expect_err("no address")
            .to_string();
        expect!["Aus „Förder Mittel/Übersicht.md“ wird keine gute Adresse. Nehmen Sie zum Beispiel a-nrw/foerder-mittel/uebersicht.md"].assert_eq(&error);
        assert!(check_name("a-nrw", "../x.md").is_err());
    }

    #[test]
    fn a_title_is_made_of_the_name() {
        assert_eq!(title_of("programm/neue-seite.md"), "Neue seite");
        assert_eq!(title_of("programm/index.md"), "Programm");
    }
}
