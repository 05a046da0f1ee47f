//! A workbook's parts as trees of elements.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use zip::ZipArchive;

#[derive(Debug, Default)]
pub struct Element {
    /// Without its prefix.
    pub name: String,
    /// With their prefixes.
    pub attributes: BTreeMap<String, String>,
    pub children: Vec<Element>,
    pub text: String,
}

impl Element {
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    pub fn number(&self, name: &str) -> Option<usize> {
        self.attribute(name).parse().ok()
    }

    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The children of a child; none where there is no such child.
    pub fn list(&self, name: &str) -> &[Element] {
        self.child(name).map_or(&[], |child| &child.children)
    }

    /// All elements of a name, at any depth.
    pub fn all<'e>(&'e self, name: &str) -> Vec<&'e Element> {
        let own = (self.name == name).then_some(self);
        own.into_iter()
            .chain(self.children.iter().flat_map(|child| child.all(name)))
            .collect()
    }
}

/// The parts of a workbook by their names, and what of them is no XML or comes twice.
pub struct Package {
    pub parts: BTreeMap<String, Element>,
    pub complaints: Vec<String>,
}

impl Package {
    pub fn open(workbook: &[u8]) -> Package {
        let mut archive = ZipArchive::new(Cursor::new(workbook)).expect("a zip");
        let mut package = Package {
            parts: BTreeMap::new(),
            complaints: Vec::new(),
        };
        // The archive keeps only the last of two entries with one name, its directory has both.
        let entries = workbook.windows(4).filter(|bytes| bytes == b"PK\x01\x02").count();
        if entries != archive.len() {
            package.complaints.push("a part comes twice".to_owned());
        }
        for n in 0..archive.len() {
            let mut file = archive.by_index(n).expect("an entry");
            let name = file.name().expect("a name").into_owned();
            let mut text = String::new();
            file.read_to_string(&mut text).expect("UTF-8");
            match parse(&text) {
                Ok(root) => _ = package.parts.insert(name, root),
                Err(error) => package.complaints.push(format!("{name}: {error}")),
            }
        }
        package
    }

    pub fn part(&self, name: &str) -> &Element {
        static NOTHING: std::sync::LazyLock<Element> = std::sync::LazyLock::new(Element::default);
        self.parts.get(name).unwrap_or(&NOTHING)
    }

    /// The relations of a part by their ids: the last word of the type, and the target as a name of a part.
    pub fn relations(&self, part: &str) -> BTreeMap<&str, (&str, String)> {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let rels = format!("{folder}/_rels/{name}.rels");
        let relations = self.part(rels.trim_start_matches('/')).children.iter();
        relations
            .filter(|relation| relation.attribute("TargetMode") != "External")
            .map(|relation| {
                let kind = relation.attribute("Type").rsplit('/').next().unwrap_or_default();
                (
                    relation.attribute("Id"),
                    (kind, resolve(folder, relation.attribute("Target"))),
                )
            })
            .collect()
    }

    /// Names and parts of the worksheets, in their order.
    pub fn sheets(&self) -> Vec<(&str, String)> {
        let relations = self.relations("xl/workbook.xml");
        let target = |sheet: &Element| Some(relations.get(sheet.attribute("r:id"))?.1.clone());
        let sheets = self.part("xl/workbook.xml").list("sheets").iter();
        sheets
            .map(|sheet| (sheet.attribute("name"), target(sheet).unwrap_or_default()))
            .collect()
    }
}

fn resolve(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = match target.starts_with('/') {
        true => Vec::new(),
        false => folder.split('/').filter(|part| !part.is_empty()).collect(),
    };
    for part in target.split('/').filter(|part| !part.is_empty()) {
        match part {
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn parse(text: &str) -> Result<Element, String> {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        let top = open.last_mut().ok_or("an end without a start")?;
        match event {
            Event::Start(tag) => open.push(element(&tag)?),
            Event::Empty(tag) => top.children.push(element(&tag)?),
            Event::Text(text) => top.text.push_str(&text.into_inner()),
            Event::GeneralRef(_) => top.text.push('?'),
            Event::End(_) => {
                let closed = open.pop().ok_or("an end without a start")?;
                open.last_mut().ok_or("an end without a start")?.children.push(closed);
            }
            Event::Eof if open.len() == 1 => {
                let mut roots = open.remove(0).children;
                return match roots.len() {
                    1 => Ok(roots.remove(0)),
                    n => Err(format!("{n} roots")),
                };
            }
            Event::Eof => return Err("it ends early".to_owned()),
            _ => {}
        }
    }
}

fn element(tag: &BytesStart<'_>) -> Result<Element, String> {
    let mut attributes = BTreeMap::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value = quick_xml::escape::unescape(&attribute.value).map_err(|error| error.to_string())?;
        attributes.insert(attribute.key.into_inner().to_owned(), value.into_owned());
    }
    Ok(Element {
        name: tag.local_name().into_inner().to_owned(),
        attributes,
        ..Element::default()
    })
}
