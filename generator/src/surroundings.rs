//! What a page's text can refer to besides itself, and what comes of it besides HTML.

use std::path::PathBuf;

use form::problem::nearest;

use crate::image;
use crate::links::percent_decode;
use crate::page::Page;
use crate::problem::{self, Problem, Refusal};
use crate::prose::Spelling;
use crate::shortcode::Klassen;
use crate::site::Site;
use crate::theme::Theme;

/// What a text can refer to. Everything may be missing: then what refers to it is reported or left as it is.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    pub klassen: Klassen<'a>,
    pub theme: Option<&'a Theme>,
    /// The site, and the page whose text it is.
    pub site: Option<(&'a Site, &'a Page)>,
    /// The text is in Leichte Sprache.
    pub is_simple: bool,
}

/// What a text brings along besides its HTML.
#[derive(Debug, Default)]
pub struct Byproducts {
    /// What it looked at, with its digest: when that changes, the page does.
    pub reads: Vec<(String, u64)>,
    /// Files to publish: path below `www/`, and bytes.
    pub files: Vec<(String, Vec<u8>)>,
    /// Hosts that a two-click card shows in a frame.
    pub frames: Vec<String>,
    /// What went wrong in the theme's templates.
    pub problems: Vec<Problem>,
}

/// A file of the site that is published as it is.
pub struct SiteFile {
    /// Its address, `/a/b.pdf`.
    pub address: String,
    pub on_disk: PathBuf,
}

impl Surroundings<'_> {
    /// Nothing beside the text.
    #[cfg(test)]
    pub fn nothing() -> Surroundings<'static> {
        Surroundings {
            klassen: Klassen::Missing,
            theme: None,
            site: None,
            is_simple: false,
        }
    }

    /// How the site's own names are written.
    pub fn spellings(&self) -> &'_ [Spelling] {
        self.site.map_or(&[], |(site, _)| &site.config.spellings)
    }

    /// Where the site lives.
    pub fn base_url(&self) -> &'_ str {
        self.site.map_or("", |(site, _)| &site.config.base_url)
    }

    /// A file by its address `/a/b.pdf`, or by its name beside the page.
    pub fn file(&self, written: &str, made: &mut Byproducts) -> Result<SiteFile, Refusal> {
        let Some((site, page)) = self.site else {
            return Err(no_such_file(written, &[]));
        };
        let below = match written.strip_prefix('/') {
            Some(below) => below.to_owned(),
            None => match page.file.rsplit_once('/') {
                Some((folder, _)) => format!("{folder}/{written}"),
                None => written.to_owned(),
            },
        };
        let files = &site.inventory.files;
        let Ok(index) = files.binary_search(&below) else {
            // The day it is there, the page is made anew.
            made.reads.push((format!("/{below}"), 0));
            return Err(if site.inventory.is_unknown(&below) {
                problem::said()
            } else {
                no_such_file(written, files)
            });
        };
        let digest = site.files[index].digest.ok_or_else(problem::said)?;
        made.reads.push((format!("/{below}"), digest));
        Ok(SiteFile {
            on_disk: site.inventory.folder.join(&below),
            address: format!("/{below}"),
        })
    }

    /// Width and height of an image of the site, in pixels. `Err` where the file is there and no image.
    pub fn image_size(&self, written: &str, made: &mut Byproducts) -> Result<Option<(usize, usize)>, Refusal> {
        let path = written.split(['?', '#']).next().and_then(percent_decode);
        let Some(path) = path.filter(|path| path.starts_with('/')) else {
            return Ok(None);
        };
        let Ok(file) = self.file(&path, made) else {
            return Ok(None);
        };
        image::size(&file.on_disk).map_err(|_| {
            (
                "E-BILD-DATEI",
                format!("Die Datei „{path}“ ist kein Bild, das Browser zeigen, oder sie ist beschädigt."),
                "Speichern Sie das Bild neu als PNG, JPEG, WebP oder SVG.".to_owned(),
            )
        })
    }
}

fn no_such_file(written: &str, files: &[String]) -> Refusal {
    let known: Vec<&str> = files.iter().map(String::as_str).collect();
    let remedy = match nearest(written.trim_start_matches('/'), &known) {
        Some(near) => format!("Meinten Sie „/{near}“?"),
        None => {
            "Nennen Sie die Datei mit ihrem Pfad unter content/<site>/, zum Beispiel datei=\"/programm/merkblatt.pdf\"."
                .to_owned()
        }
    };
    (
        "E-KURZBEFEHL-DATEI",
        format!("Die Datei „{written}“ gibt es nicht."),
        remedy,
    )
}
