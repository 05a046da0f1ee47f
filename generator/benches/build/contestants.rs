//! Writes the same site for each contestant into a folder of its own.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::content::{self, Dialect, Page, common_front_matter, front_matter_with_stand, write_file};

pub const SITE: &str = "messung";

const THEMES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../themes");

/// The project for the generator below `root`, with the real theme. Returns the bytes of all pages.
pub fn write_ours(pages: &[Page], root: &Path) -> Result<usize> {
    let folder = root.join("content").join(SITE);
    let mut config = "title = \"Messung\"\nsubtitle = \"Wie lange der Bau dauert\"\nbase_url = \"https://www.messung.example\"\nlanguage = \"de\"\ntheme = \"klar\"\noperator = \"Amt für Messungen\"\n".to_owned();
    config.push_str(&menu("[[menu]]", content::areas(pages), &content::Ours));
    config.push_str(&menu("[[footer]]", content::footer(pages), &content::Ours));
    write_file(&folder.join("site.toml"), &config)?;
    for folder in ["gemeinsam", "klar"] {
        copy(&Path::new(THEMES).join(folder), &root.join("themes").join(folder))?;
    }
    content::write(pages, &content::Ours, &folder)
}

fn menu<'p>(table: &str, pages: impl IntoIterator<Item = &'p Page>, dialect: &dyn Dialect) -> String {
    let entry = |page: &Page| {
        format!(
            "\n{table}\ntitle = \"{}\"\nlink = \"{}\"\n",
            page.title,
            dialect.target(page, "")
        )
    };
    pages.into_iter().map(entry).collect()
}

/// Hugo: sections are called `_index.md`, links go through a shortcode that checks them.
struct Hugo;

impl Dialect for Hugo {
    fn file(&self, page: &Page) -> String {
        with_section_file(page)
    }

    fn front_matter(&self, page: &Page) -> String {
        front_matter_with_stand(page)
    }

    fn target(&self, page: &Page, anchor: &str) -> String {
        format!("{{{{< relref \"/{}{anchor}\" >}}}}", with_section_file(page))
    }
}

pub fn write_hugo(pages: &[Page], root: &Path) -> Result<()> {
    let mut config = include_str!("hugo/hugo.toml").to_owned();
    for (table, pages) in menus(pages) {
        for page in pages {
            let path = with_section_file(page);
            let weight = page.weight;
            config.push_str(&format!(
                "\n[[menu.{table}]]\nname = \"{}\"\npageRef = \"/{}\"\nweight = {weight}\n",
                page.title,
                folder(&path)
            ));
        }
    }
    write_file(&root.join("hugo.toml"), &config)?;
    for (file, text) in [
        ("_default/baseof.html", include_str!("hugo/baseof.html")),
        ("_default/single.html", include_str!("hugo/single.html")),
        ("_default/list.html", include_str!("hugo/list.html")),
        ("404.html", include_str!("hugo/404.html")),
    ] {
        write_file(&root.join("layouts").join(file), text)?;
    }
    copy(&Path::new(THEMES).join("klar/static"), &root.join("static/assets"))?;
    content::write(pages, &Hugo, &root.join("content")).map(drop)
}

/// Zola: sections are called `_index.md` too; what it does not know stands in a table of its own.
struct Zola;

impl Dialect for Zola {
    fn file(&self, page: &Page) -> String {
        with_section_file(page)
    }

    fn front_matter(&self, page: &Page) -> String {
        let mut text = common_front_matter(page);
        if page.is_section {
            text.push_str("sort_by = \"weight\"\n");
        }
        if let Some(stand) = &page.stand {
            text.push_str(&format!("[extra]\nstand = {stand}\n"));
        }
        text
    }

    fn target(&self, page: &Page, anchor: &str) -> String {
        format!("@/{}{anchor}", with_section_file(page))
    }
}

pub fn write_zola(pages: &[Page], root: &Path) -> Result<()> {
    let mut config = include_str!("zola/config.toml").to_owned();
    for (table, pages) in menus(pages) {
        for page in pages {
            let path = with_section_file(page);
            config.push_str(&format!(
                "\n[[extra.{table}]]\ntitle = \"{}\"\npath = \"/{}/\"\n",
                page.title,
                folder(&path)
            ));
        }
    }
    write_file(&root.join("config.toml"), &config)?;
    for (file, text) in [
        ("base.html", include_str!("zola/base.html")),
        ("page.html", include_str!("zola/page.html")),
        ("section.html", include_str!("zola/section.html")),
        ("index.html", include_str!("zola/index.html")),
        ("404.html", include_str!("zola/404.html")),
    ] {
        write_file(&root.join("templates").join(file), text)?;
    }
    copy(&Path::new(THEMES).join("klar/static"), &root.join("static/assets"))?;
    content::write(pages, &Zola, &root.join("content")).map(drop)
}

fn menus(pages: &[Page]) -> [(&'static str, Vec<&Page>); 2] {
    [
        ("main", content::areas(pages).collect()),
        ("footer", content::footer(pages).iter().collect()),
    ]
}

/// `a/index.md` becomes `a/_index.md` where other pages lie beside it.
fn with_section_file(page: &Page) -> String {
    match page.file.strip_suffix("index.md") {
        Some(folder) if page.is_section => format!("{folder}_index.md"),
        _ => page.file.clone(),
    }
}

fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
