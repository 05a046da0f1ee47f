//! Lets only a checked copy of a stranger's workbook through.
//!
//! 1. `sniff`: is this a zip at all, and if not, what is it?
//! 2. `archive`: walks the zip directory and inflates the needed parts within limits.
//! 3. `xml`, `sheet`: reads each part event by event and writes down anew what a workbook needs: sheets, values,
//!    styles. Document properties, comments, authors, macros, links and formulas are never copied; a formula without a
//!    result stays known as one.
//! 4. Packs the copy. It is what calamine reads and what is stored.

mod archive;
mod sheet;
mod sniff;
mod xml;

use crate::grid::{Cell, Layout};
use archive::Archive;
use std::collections::{BTreeMap, HashSet};
use std::io::{Cursor, Write};
use xml::Walker;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

/// Why an upload is not read: it is no workbook, or none that can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    Empty,
    Password,
    OldXls,
    Xlsb,
    OpenDocument,
    Pdf,
    WebPage,
    Text,
    /// Excel's own `~$name.xlsx` beside an open workbook.
    LockFile,
    ZippedWorkbook,
    OtherOffice,
    Unknown,
    /// Broken, or built to mislead; the reason is for the log.
    Damaged(&'static str),
    /// Beyond what any form needs; the reason is for the log.
    TooMuch(&'static str),
}

/// The copy of a workbook that passed.
#[derive(Debug)]
pub(crate) struct Guarded {
    pub workbook: Vec<u8>,
    pub sheets: Vec<GuardedSheet>,
    /// Whether days count from 1904.
    pub date1904: bool,
}

/// A worksheet of the copy.
#[derive(Debug)]
pub(crate) struct GuardedSheet {
    pub name: String,
    /// How many cells of the copy hold something.
    pub values: usize,
    /// Cells that calamine does not tell from others, by row and column from 0: formulas that no program has calculated,
    /// and errors that only newer versions of Excel know.
    pub special: BTreeMap<(u32, u32), Cell>,
    pub layout: Layout,
}

const MAX_SHEETS: usize = 255;
const MAIN_NAMESPACE: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

pub(crate) fn guard(upload: &[u8]) -> Result<Guarded, Unreadable> {
    sniff::is_zip(upload)?;
    let mut archive = Archive::open(upload)?;
    sniff::is_workbook(&archive)?;
    let book = Book::read(&mut archive)?;
    let strings = match &book.strings {
        Some(path) => sheet::strings(&archive.text(path, archive::PART)?)?,
        None => sheet::Strings::default(),
    };
    let styles = match &book.styles {
        Some(path) => xml::styles(&archive.text(path, archive::SMALL_PART)?)?,
        None => String::new(),
    };
    let mut pack = Pack::new();
    let mut sheets = Vec::new();
    let mut size = sheet::Size::default();
    for (n, (name, path)) in book.sheets.iter().enumerate() {
        let text = archive.text(path, archive::PART)?;
        pack.start(&format!("xl/worksheets/sheet{}.xml", n + 1))?;
        let mut copied = sheet::worksheet(&text, strings.count, &mut size, &mut pack)?;
        copied.layout.hidden = book.hidden.get(n).is_some_and(|state| *state != "visible");
        sheets.push(GuardedSheet {
            name: name.clone(),
            values: copied.values,
            special: copied.special,
            layout: copied.layout,
        });
    }
    pack.add("xl/sharedStrings.xml", &strings.xml)?;
    drop(strings);
    if !styles.is_empty() {
        pack.add("xl/styles.xml", &styles)?;
    }
    Ok(Guarded {
        workbook: pack.finish(&book, !styles.is_empty())?,
        sheets,
        date1904: book.date1904,
    })
}

/// What `workbook.xml` and its relations say, as far as we follow them.
struct Book {
    /// Name and part of each worksheet.
    sheets: Vec<(String, String)>,
    hidden: Vec<&'static str>,
    date1904: bool,
    strings: Option<String>,
    styles: Option<String>,
}

impl Book {
    fn read(archive: &mut Archive<'_>) -> Result<Book, Unreadable> {
        let top = relations(&archive.text("_rels/.rels", archive::SMALL_PART)?, "")?;
        let workbook = top
            .iter()
            .find(|relation| relation.kind == "officeDocument")
            .ok_or(Unreadable::OtherOffice)?;
        let path = workbook.target.clone();
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let rels = format!("{folder}{}_rels/{name}.rels", if folder.is_empty() { "" } else { "/" });
        let relations = relations(&archive.text(&rels, archive::SMALL_PART)?, folder)?;
        let part = |kind: &str| {
            relations
                .iter()
                .find(|relation| relation.kind == kind)
                .map(|relation| relation.target.clone())
        };
        let mut book = Book {
            sheets: Vec::new(),
            hidden: Vec::new(),
            date1904: false,
            strings: part("sharedStrings").filter(|path| archive.has(path)),
            styles: part("styles").filter(|path| archive.has(path)),
        };
        book.read_sheets(&archive.text(&path, archive::SMALL_PART)?, &relations)?;
        Ok(book)
    }

    fn read_sheets(&mut self, text: &str, relations: &[Relation]) -> Result<(), Unreadable> {
        let mut names = HashSet::new();
        let mut walker = Walker::new(text)?;
        while let Some(element) = walker.next_start()? {
            match element.name() {
                "workbookPr" => {
                    self.date1904 = matches!(element.attribute("date1904").as_deref(), Some("1" | "true" | "on"));
                }
                "sheet" if element.depth == 3 => {
                    let name = element
                        .attribute("name")
                        .ok_or(Unreadable::Damaged("a sheet without a name"))?;
                    let id = element
                        .attribute_with_prefix("id")
                        .ok_or(Unreadable::Damaged("a sheet without a part"))?;
                    let name = name.into_owned();
                    if !names.insert(name.to_lowercase()) {
                        return Err(Unreadable::Damaged("two sheets with one name"));
                    }
                    let target = relations
                        .iter()
                        .find(|relation| relation.id == id && relation.kind == "worksheet");
                    if let Some(target) = target {
                        self.hidden.push(match element.attribute("state").as_deref() {
                            Some("hidden") => "hidden",
                            Some("veryHidden") => "veryHidden",
                            _ => "visible",
                        });
                        self.sheets.push((name, target.target.clone()));
                    }
                    if self.sheets.len() > MAX_SHEETS {
                        return Err(Unreadable::TooMuch("sheets"));
                    }
                }
                _ => {}
            }
        }
        if self.sheets.is_empty() {
            Err(Unreadable::Damaged("no worksheet"))
        } else {
            Ok(())
        }
    }
}

struct Relation {
    id: String,
    /// The last part of its type's address: `worksheet`, `styles`.
    kind: String,
    /// A path from the root of the archive, lower case.
    target: String,
}

fn relations(text: &str, folder: &str) -> Result<Vec<Relation>, Unreadable> {
    let mut relations = Vec::new();
    let mut walker = Walker::new(text)?;
    while let Some(element) = walker.next_start()? {
        if element.name() != "Relationship" || element.attribute("TargetMode").as_deref() == Some("External") {
            continue;
        }
        let (Some(id), Some(kind), Some(target)) = (
            element.attribute("Id"),
            element.attribute("Type"),
            element.attribute("Target"),
        ) else {
            return Err(Unreadable::Damaged("a relation without id, type or target"));
        };
        let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
        relations.push(Relation {
            id: id.into_owned(),
            kind,
            target: resolve(folder, &target),
        });
    }
    Ok(relations)
}

/// A target relative to its folder, as a path from the root.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut parts: Vec<&str> = if target.starts_with('/') {
        Vec::new()
    } else {
        folder.split('/').filter(|part| !part.is_empty()).collect()
    };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/").to_lowercase()
}

/// The new archive, written part by part.
struct Pack {
    zip: ZipWriter<Cursor<Vec<u8>>>,
}

impl Pack {
    fn new() -> Pack {
        Pack {
            zip: ZipWriter::new(Cursor::new(Vec::new())),
        }
    }

    fn add(&mut self, name: &str, text: &str) -> Result<(), Unreadable> {
        self.start(name)?;
        self.write(text)
    }

    /// Begins a part.
    fn start(&mut self, name: &str) -> Result<(), Unreadable> {
        // No time of day: the same upload gives the same bytes. More compression takes more time than it saves room.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(1))
            .last_modified_time(zip::DateTime::default());
        self.zip
            .start_file(name, options)
            .map_err(|_| Unreadable::Damaged("packing failed"))
    }

    /// Goes on with the part that was begun last.
    fn write(&mut self, text: &str) -> Result<(), Unreadable> {
        self.zip
            .write_all(text.as_bytes())
            .map_err(|_| Unreadable::Damaged("packing failed"))
    }

    fn finish(mut self, book: &Book, styles: bool) -> Result<Vec<u8>, Unreadable> {
        let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
        let types = "application/vnd.openxmlformats-officedocument.spreadsheetml";
        let mut parts = vec![
            ("xl/workbook.xml".to_owned(), "sheet.main"),
            ("xl/sharedStrings.xml".to_owned(), "sharedStrings"),
        ];
        let mut links = vec![("sharedStrings.xml".to_owned(), "sharedStrings")];
        if styles {
            parts.push(("xl/styles.xml".to_owned(), "styles"));
            links.push(("styles.xml".to_owned(), "styles"));
        }
        let mut sheets = String::new();
        for (n, ((name, _), state)) in book.sheets.iter().zip(&book.hidden).enumerate() {
            let n = n + 1;
            parts.push((format!("xl/worksheets/sheet{n}.xml"), "worksheet"));
            let name = xml::escape(name);
            sheets.push_str(&format!(
                "<sheet name=\"{name}\" sheetId=\"{n}\" state=\"{state}\" r:id=\"s{n}\"/>"
            ));
        }
        let overrides: String = parts
            .iter()
            .map(|(part, kind)| format!("<Override PartName=\"/{part}\" ContentType=\"{types}.{kind}+xml\"/>"))
            .collect();
        self.add("[Content_Types].xml", &format!(
            "{head}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>{overrides}</Types>"
        ))?;
        let relationships = "http://schemas.openxmlformats.org/package/2006/relationships";
        self.add("_rels/.rels", &format!(
            "{head}<Relationships xmlns=\"{relationships}\"><Relationship Id=\"w\" Type=\"{RELATIONS}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        ))?;
        let mut rels: String = links
            .iter()
            .map(|(part, kind)| format!("<Relationship Id=\"{kind}\" Type=\"{RELATIONS}/{kind}\" Target=\"{part}\"/>"))
            .collect();
        for n in 1..=book.sheets.len() {
            rels.push_str(&format!(
                "<Relationship Id=\"s{n}\" Type=\"{RELATIONS}/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>"
            ));
        }
        self.add(
            "xl/_rels/workbook.xml.rels",
            &format!("{head}<Relationships xmlns=\"{relationships}\">{rels}</Relationships>"),
        )?;
        let date1904 = if book.date1904 {
            "<workbookPr date1904=\"1\"/>"
        } else {
            ""
        };
        self.add("xl/workbook.xml", &format!(
            "{head}<workbook xmlns=\"{MAIN_NAMESPACE}\" xmlns:r=\"{RELATIONS}\">{date1904}<sheets>{sheets}</sheets></workbook>"
        ))?;
        Ok(self
            .zip
            .finish()
            .map_err(|_| Unreadable::Damaged("packing failed"))?
            .into_inner())
    }
}

#[cfg(test)]
mod tests;
