//! What the schemas and the text of ECMA-376 (parts 1 and 2) and Excel's documented limits ask of the parts that we write.

use crate::package::{Element, Package};
use std::collections::{BTreeSet, HashSet};

/// The children of `CT_Worksheet`, in the order of its sequence.
const WORKSHEET: &str = "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios \
    autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations hyperlinks \
    printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors smartTags drawing \
    legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls webPublishItems tableParts extLst";
const WORKBOOK: &str = "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences \
    definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing fileRecoveryPr \
    webPublishObjects extLst";
const STYLES: &str = "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst";
const DXF: &str = "font numFmt fill alignment border protection extLst";
const CF_RULE: &str = "formula colorScale dataBar iconSet extLst";

const ROWS: usize = 1_048_576;
const COLUMNS: usize = 16_384;

/// Everything that Excel would repair or refuse, and some of what others would.
pub fn complaints(workbook: &[u8]) -> Vec<String> {
    let package = Package::open(workbook);
    let mut found = package.complaints.clone();
    names_and_types(&package, &mut found);
    relations(&package, &mut found);
    book(&package, &mut found);
    styles(&package, &mut found);
    strings(&package, &mut found);
    for (name, part) in package.sheets() {
        let mut of_sheet = Vec::new();
        let sheet = Sheet {
            root: package.part(&part),
            package: &package,
        };
        sheet.check(&mut of_sheet);
        found.extend(of_sheet.into_iter().map(|text| format!("{name}: {text}")));
    }
    found
}

fn expect(found: &mut Vec<String>, holds: bool, text: impl FnOnce() -> String) {
    if !holds {
        found.push(text());
    }
}

fn in_order(element: &Element, order: &str, found: &mut Vec<String>) {
    let order: Vec<&str> = order.split_whitespace().collect();
    let mut last = 0;
    for child in &element.children {
        match order.iter().position(|name| *name == child.name) {
            None => found.push(format!("{} has no child {}", element.name, child.name)),
            Some(at) if at < last => found.push(format!("{} stands after {}", child.name, order[last])),
            Some(at) => last = at,
        }
    }
}

fn unique<'a>(what: &str, values: impl Iterator<Item = &'a str>, found: &mut Vec<String>) {
    let mut seen = HashSet::new();
    for value in values {
        expect(found, seen.insert(value.to_lowercase()), || {
            format!("{what} „{value}“ comes twice")
        });
    }
}

/// A count, where it is given, is the number of children.
fn counted(list: &Element, found: &mut Vec<String>) {
    let count = list.number("count");
    expect(found, count.is_none_or(|count| count == list.children.len()), || {
        format!("{} count {:?} for {}", list.name, count, list.children.len())
    });
}

/// ECMA-376-2: no two parts with one name, and each part has a content type.
fn names_and_types(package: &Package, found: &mut Vec<String>) {
    unique("part", package.parts.keys().map(String::as_str), found);
    let types = package.part("[Content_Types].xml");
    let of = |kind: &str, key: &str| -> BTreeSet<String> {
        let entries = types.children.iter().filter(|entry| entry.name == kind);
        entries.map(|entry| entry.attribute(key).to_lowercase()).collect()
    };
    let (extensions, parts) = (of("Default", "Extension"), of("Override", "PartName"));
    for name in package.parts.keys().filter(|name| *name != "[Content_Types].xml") {
        let extension = name.rsplit('.').next().unwrap_or_default().to_lowercase();
        let declared = parts.contains(&format!("/{}", name.to_lowercase())) || extensions.contains(&extension);
        expect(found, declared, || format!("{name} has no content type"));
    }
    let known: HashSet<String> = package
        .parts
        .keys()
        .map(|name| format!("/{}", name.to_lowercase()))
        .collect();
    for part in parts.iter().filter(|part| !known.contains(*part)) {
        found.push(format!("a content type for {part}, which is not there"));
    }
}

/// Every target exists, every id is unique, and what refers to an id has it.
fn relations(package: &Package, found: &mut Vec<String>) {
    for (name, rels) in package.parts.iter().filter(|(name, _)| name.ends_with(".rels")) {
        unique(
            &format!("{name}: id"),
            rels.children.iter().map(|one| one.attribute("Id")),
            found,
        );
    }
    let owners = package.parts.iter().filter(|(name, _)| !name.ends_with(".rels"));
    for (owner, root) in owners
        .map(|(name, root)| (name.as_str(), root))
        .chain([("", &Element::default())])
    {
        let relations = package.relations(owner);
        for (id, (_, target)) in &relations {
            expect(found, package.parts.contains_key(target), || {
                format!("{owner}: {id} leads to {target}, which is not there")
            });
        }
        let mut open = vec![root];
        while let Some(element) = open.pop() {
            open.extend(&element.children);
            for id in ["r:id", "r:embed"].map(|key| element.attribute(key)) {
                expect(found, id.is_empty() || relations.contains_key(id), || {
                    format!("{owner}: no relation {id}")
                });
            }
        }
    }
}

fn book(package: &Package, found: &mut Vec<String>) {
    let book = package.part("xl/workbook.xml");
    in_order(book, WORKBOOK, found);
    let sheets = book.list("sheets");
    for key in ["name", "sheetId", "r:id"] {
        unique(
            &format!("sheet {key}"),
            sheets.iter().map(|sheet| sheet.attribute(key)),
            found,
        );
    }
    for name in sheets.iter().map(|sheet| sheet.attribute("name")) {
        let fits = (1..=31).contains(&name.encode_utf16().count());
        let edge = name.starts_with('\'') || name.ends_with('\'');
        let fine = fits && !edge && !name.contains(['[', ']', ':', '*', '?', '/', '\\']);
        expect(found, fine, || format!("Excel takes no sheet name „{name}“"));
    }
    let names = book.list("definedNames");
    let scoped = |name: &Element| format!("{} in {}", name.attribute("name"), name.attribute("localSheetId"));
    let all: Vec<String> = names.iter().map(scoped).collect();
    unique("defined name", all.iter().map(String::as_str), found);
    for name in names {
        let text = name.attribute("name");
        expect(found, is_defined_name(text), || format!("„{text}“ is no defined name"));
        let local = name.number("localSheetId");
        expect(found, local.is_none_or(|n| n < sheets.len()), || {
            format!("„{text}“ belongs to no sheet")
        });
        expect(found, refers_to_sheets(&name.text, sheets), || {
            format!("„{text}“ refers to {}", name.text)
        });
    }
}

/// ECMA-376-1, 18.2.5: a letter, `_` or `\` first; no blanks; nothing that could be the address of a cell.
fn is_defined_name(name: &str) -> bool {
    let built_in = name.strip_prefix("_xlnm.").unwrap_or(name);
    let mut characters = built_in.chars();
    let start = characters
        .next()
        .is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '\\'));
    let letters = built_in.chars().take_while(char::is_ascii_alphabetic).count();
    let address = (1..=3).contains(&letters) && built_in[letters..].bytes().all(|b| b.is_ascii_digit());
    let rest = characters.all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '\\'));
    start && rest && !address && built_in.encode_utf16().count() <= 255
}

/// Every sheet that a reference names is there.
fn refers_to_sheets(reference: &str, sheets: &[Element]) -> bool {
    let known = |name: &str| sheets.iter().any(|sheet| sheet.attribute("name") == name);
    reference.split(',').all(|area| {
        let sheet = area
            .rsplit_once('!')
            .map(|(sheet, _)| sheet.trim_matches('\'').replace("''", "'"));
        sheet.is_some_and(|sheet| known(&sheet))
    })
}

fn styles(package: &Package, found: &mut Vec<String>) {
    let styles = package.part("xl/styles.xml");
    in_order(styles, STYLES, found);
    styles.children.iter().for_each(|list| counted(list, found));
    let custom: HashSet<usize> = styles
        .list("numFmts")
        .iter()
        .filter_map(|format| format.number("numFmtId"))
        .collect();
    let length = |list: &str| styles.list(list).len();
    for xf in styles.list("cellXfs").iter().chain(styles.list("cellStyleXfs")) {
        for (key, list) in [
            ("fontId", "fonts"),
            ("fillId", "fills"),
            ("borderId", "borders"),
            ("xfId", "cellStyleXfs"),
        ] {
            expect(found, xf.number(key).is_none_or(|n| n < length(list)), || {
                format!("no {list} for {key} {}", xf.attribute(key))
            });
        }
        let format = xf.number("numFmtId").unwrap_or(0);
        expect(found, format < 164 || custom.contains(&format), || {
            format!("no number format {format}")
        });
    }
    styles.list("dxfs").iter().for_each(|dxf| in_order(dxf, DXF, found));
}

/// `count` is how often strings are used, `uniqueCount` how many there are.
fn strings(package: &Package, found: &mut Vec<String>) {
    let table = package.part("xl/sharedStrings.xml");
    let cells = |part: &str| {
        package
            .part(part)
            .all("c")
            .iter()
            .filter(|cell| cell.attribute("t") == "s")
            .count()
    };
    let used: usize = package.sheets().iter().map(|(_, part)| cells(part)).sum();
    let given = (table.number("count"), table.number("uniqueCount"));
    let real = (Some(used), Some(table.children.len()));
    expect(found, given == real, || format!("strings {given:?}, really {real:?}"));
    let texts = table
        .children
        .iter()
        .map(|si| si.all("t").iter().map(|t| t.text.as_str()).collect::<String>());
    for text in texts.filter(|text| text.encode_utf16().count() > 32_767) {
        found.push(format!("a text of {} characters", text.len()));
    }
}

struct Sheet<'p> {
    root: &'p Element,
    package: &'p Package,
}

impl Sheet<'_> {
    fn check(&self, found: &mut Vec<String>) {
        in_order(self.root, WORKSHEET, found);
        self.cells(found);
        self.conditional_formats(found);
        self.validations(found);
        self.links(found);
        self.comments(found);
        let mut columns = 0;
        for column in self.root.list("cols") {
            let (min, max) = (column.number("min").unwrap_or(0), column.number("max").unwrap_or(0));
            expect(found, columns < min && min <= max && max <= COLUMNS, || {
                format!("column {min} to {max}")
            });
            columns = max;
        }
    }

    /// Rows and cells ascend; strings and styles that they name exist.
    fn cells(&self, found: &mut Vec<String>) {
        let strings = self.package.part("xl/sharedStrings.xml").children.len();
        let styles = self.package.part("xl/styles.xml").list("cellXfs").len();
        let mut last_row = 0;
        for row in self.root.list("sheetData") {
            let number = row.number("r").unwrap_or(0);
            expect(found, last_row < number && number <= ROWS, || {
                format!("row {number} after {last_row}")
            });
            last_row = number;
            let mut last = 0;
            for cell in &row.children {
                let name = cell.attribute("r");
                let place = address(name);
                expect(
                    found,
                    place.is_some_and(|(row, column)| row == number && column > last),
                    || format!("cell {name} in row {number}"),
                );
                last = place.map_or(last, |(_, column)| column);
                expect(found, cell.number("s").is_none_or(|style| style < styles), || {
                    format!("{name} has no style")
                });
                in_order(cell, "f v is extLst", found);
                let value = cell.child("v").map(|v| v.text.as_str());
                let fits = match cell.attribute("t") {
                    "" | "n" => value.is_none_or(|v| v.parse::<f64>().is_ok_and(f64::is_finite)),
                    "s" => value
                        .and_then(|v| v.parse::<usize>().ok())
                        .is_some_and(|index| index < strings),
                    "b" => matches!(value, Some("0" | "1")),
                    kind => matches!(kind, "str" | "inlineStr" | "e" | "d"),
                };
                expect(found, fits, || format!("{name} holds {value:?}"));
            }
        }
    }

    fn conditional_formats(&self, found: &mut Vec<String>) {
        let formats = self.package.part("xl/styles.xml").list("dxfs").len();
        let rules = self.root.all("cfRule");
        unique("priority", rules.iter().map(|rule| rule.attribute("priority")), found);
        for rule in rules {
            in_order(rule, CF_RULE, found);
            expect(found, rule.number("dxfId").is_none_or(|id| id < formats), || {
                format!("no format {}", rule.attribute("dxfId"))
            });
        }
    }

    /// Excel's limits: titles 32, messages 255 (225 for errors in its dialog), a list in the formula 255 with its quotes.
    fn validations(&self, found: &mut Vec<String>) {
        let Some(list) = self.root.child("dataValidations") else {
            return;
        };
        counted(list, found);
        for validation in &list.children {
            in_order(validation, "formula1 formula2", found);
            let range = validation.attribute("sqref");
            for (key, most) in [("promptTitle", 32), ("errorTitle", 32), ("prompt", 255), ("error", 225)] {
                let length = validation.attribute(key).encode_utf16().count();
                expect(found, length <= most, || {
                    format!("{range}: {key} of {length} characters")
                });
            }
            for formula in &validation.children {
                let length = formula.text.encode_utf16().count();
                expect(found, length <= 255, || {
                    format!("{range}: a formula of {length} characters")
                });
            }
            expect(found, range.split(' ').all(is_area), || format!("no area {range}"));
        }
    }

    /// What leads to another place of the workbook leads to a sheet.
    fn links(&self, found: &mut Vec<String>) {
        let sheets = self.package.part("xl/workbook.xml").list("sheets");
        for link in self.root.list("hyperlinks") {
            let to = link.attribute("location");
            expect(found, to.is_empty() || refers_to_sheets(to, sheets), || {
                format!("a link to {to}")
            });
            expect(found, is_area(link.attribute("ref")), || {
                format!("a link at {}", link.attribute("ref"))
            });
        }
    }

    fn comments(&self, found: &mut Vec<String>) {
        let parts = self.package.sheets();
        let own = parts
            .iter()
            .find(|(_, part)| std::ptr::eq(self.package.part(part), self.root));
        let relations = own.map(|(_, part)| self.package.relations(part)).unwrap_or_default();
        for (_, target) in relations.values().filter(|(kind, _)| *kind == "comments") {
            let comments = self.package.part(target);
            in_order(comments, "authors commentList extLst", found);
            unique(
                "comment at",
                comments.list("commentList").iter().map(|one| one.attribute("ref")),
                found,
            );
            let authors = comments.list("authors").len();
            for comment in comments.list("commentList") {
                let place = comment.attribute("ref");
                let fits = address(place).is_some() && comment.number("authorId").is_some_and(|id| id < authors);
                expect(found, fits, || format!("comment at {place}"));
            }
        }
    }
}

fn is_area(text: &str) -> bool {
    text.split(':').all(|cell| address(cell).is_some())
}

/// Row and column of `H14`, both from 1.
fn address(cell: &str) -> Option<(usize, usize)> {
    let digits = cell.find(|c: char| c.is_ascii_digit())?;
    let letters = cell[..digits].bytes();
    let column = letters.fold(0, |sum, letter| sum * 26 + usize::from(letter.saturating_sub(b'A')) + 1);
    let row = cell[digits..].parse().ok()?;
    ((1..=ROWS).contains(&row) && (1..=COLUMNS).contains(&column)).then_some((row, column))
}
