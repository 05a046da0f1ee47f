//! Odd in the way of a program that saved it, and read as it was meant: Excel Online, Strict Open XML, Google Sheets,
//! Numbers, SheetJS and whatever else writes Open XML by its own lights.

use crate::common::{filled, schulen};
use crate::should_pass::is_read_as_before;
use crate::{BOOK, SCHULEN, repacked};
use form::testing::Typed::Formula;
use form::testing::{edit, part};

const STRINGS: &str = "xl/sharedStrings.xml";
const RELATIONS: &str = "xl/_rels/workbook.xml.rels";

/// The workbook with every sheet as `change` makes it.
fn with_sheets(workbook: &[u8], change: impl Fn(&str) -> String) -> Vec<u8> {
    repacked(workbook, |name, text| {
        let text = match name.starts_with("xl/worksheets/") {
            true => change(&text),
            false => text,
        };
        Some((name.to_owned(), text))
    })
}

/// The XML without what lies between two texts, and without them, wherever that is.
fn without(xml: &str, start: &str, end: &str) -> String {
    let mut pieces = xml.split(start);
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |out, piece| out + piece.split_once(end).expect("the end").1)
}

#[test]
fn foreign_and_broken_names_are_not_looked_at() {
    let names = "<definedNames><definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"99\" hidden=\"1\">#REF!</definedName>\
                 <definedName name=\"SAPsysID\">#REF!#REF!</definedName>\
                 <definedName name=\"_xlfn.LAMBDA\">[1]Mappe!$A$1</definedName></definedNames>";
    let without = edit(&filled(), BOOK, |xml| {
        match (xml.find("<definedNames>"), xml.find("</definedNames>")) {
            (Some(start), Some(end)) => format!("{}{}", &xml[..start], &xml[end + "</definedNames>".len()..]),
            _ => xml,
        }
    });
    is_read_as_before(&without);
    is_read_as_before(&edit(&without, BOOK, |xml| {
        xml.replace("</sheets>", &format!("</sheets>{names}"))
    }));
}

#[test]
fn links_to_other_workbooks_are_not_followed() {
    let linked = schulen(&[("H5", Formula("[1]Kosten!$B$2", Some("5000")))]);
    let linked = edit(&linked, RELATIONS, |xml| {
        let link = "<Relationship Id=\"rId99\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink\" Target=\"externalLinks/externalLink1.xml\"/>";
        xml.replace("</Relationships>", &format!("{link}</Relationships>"))
    });
    is_read_as_before(&edit(&linked, BOOK, |xml| {
        xml.replace(
            "</sheets>",
            "</sheets><externalReferences><externalReference r:id=\"rId99\"/></externalReferences>",
        )
    }));
}

#[test]
fn strict_open_xml_is_read() {
    let strict = [
        (
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            "http://purl.oclc.org/ooxml/officeDocument/relationships",
        ),
        (
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            "http://purl.oclc.org/ooxml/spreadsheetml/main",
        ),
    ];
    is_read_as_before(&repacked(&filled(), |name, text| {
        let text = strict.iter().fold(text, |text, (old, new)| text.replace(old, new));
        Some((
            name.to_owned(),
            text.replace("<workbook ", "<workbook conformance=\"strict\" "),
        ))
    }));
}

#[test]
fn backslashes_in_zip_paths_are_slashes() {
    is_read_as_before(&repacked(&filled(), |name, text| Some((name.replace('/', "\\"), text))));
}

/// Elements named `c`, `row`, `v` … become `x:c`, `x:row`, `x:v`.
fn prefixed(xml: &str) -> String {
    let mut out = String::new();
    for (n, piece) in xml.split('<').enumerate() {
        match piece.chars().next() {
            _ if n == 0 => out.push_str(piece),
            Some('/') => out.push_str(&format!("</x:{}", &piece[1..])),
            Some(c) if c.is_ascii_alphabetic() => out.push_str(&format!("<x:{piece}")),
            _ => out.push_str(&format!("<{piece}")),
        }
    }
    out.replace(" xmlns=\"", " xmlns:x=\"")
}

#[test]
fn prefixes_of_namespaces_are_read_over() {
    is_read_as_before(&repacked(&filled(), |name, text| {
        let plain = !name.starts_with("xl/worksheets/") && name != BOOK && name != STRINGS;
        Some((name.to_owned(), if plain { text } else { prefixed(&text) }))
    }));
}

/// Every shared string written into its cell, and no table of strings any more.
fn inlined(workbook: &[u8]) -> Vec<u8> {
    let strings = texts(workbook);
    repacked(workbook, |name, text| {
        let text = with_texts(&text, |index| {
            format!(" t=\"inlineStr\"><is><t>{}</t></is>", strings[index])
        });
        (name != STRINGS).then_some((name.to_owned(), text))
    })
}

#[test]
fn texts_inside_cells_need_no_table_of_strings() {
    is_read_as_before(&inlined(&filled()));
}

#[test]
fn a_workbook_that_lost_all_formats_is_read() {
    let plain = with_sheets(&filled(), |xml| without(xml, " s=\"", "\""));
    is_read_as_before(&repacked(&plain, |name, text| {
        (name != "xl/styles.xml").then_some((name.to_owned(), text))
    }));
}

#[test]
fn sheets_may_lack_dimension_rows_views_and_whatever_is_only_looks() {
    is_read_as_before(&with_sheets(&filled(), |xml| {
        let xml = [
            "dimension",
            "sheetFormatPr",
            "sheetProtection",
            "pageMargins",
            "pageSetup",
        ]
        .iter()
        .fold(xml.to_owned(), |xml, name| without(&xml, &format!("<{name} "), "/>"));
        let xml = without(&xml, "<sheetViews>", "</sheetViews>");
        without(
            &without(&xml, "<dataValidations ", "</dataValidations>"),
            " spans=\"",
            "\"",
        )
    }));
}

#[test]
fn rows_and_cells_without_their_numbers_follow_each_other() {
    // Every cell of the first rows is there, so that their order alone says where they stand.
    let sheet = part(&filled(), SCHULEN);
    let data = sheet
        .split_once("<sheetData>")
        .expect("data")
        .1
        .split_once("</sheetData>")
        .expect("its end")
        .0;
    let mut rows = String::new();
    for n in 1..=8 {
        let start = data.find(&format!("<row r=\"{n}\""));
        let row = start.map_or("", |start| {
            data[start..].split_once("</row>").map_or("", |(row, _)| row)
        });
        let mut cells = String::new();
        for column in 'A'..='S' {
            let cell = row.find(&format!("<c r=\"{column}{n}\"")).map(|at| &row[at..]);
            match cell.and_then(|cell| cell.split_once('>')) {
                Some((tag, rest)) if !tag.ends_with('/') => {
                    let kind = if tag.contains(" t=\"s\"") {
                        " t=\"s\""
                    } else if tag.contains("inlineStr") {
                        " t=\"inlineStr\""
                    } else {
                        ""
                    };
                    let style = tag
                        .split(" s=\"")
                        .nth(1)
                        .and_then(|rest| rest.split('"').next())
                        .unwrap_or("0");
                    let content = rest.split_once("</c>").expect("the cell's end").0;
                    cells.push_str(&format!("<c{kind} s=\"{style}\">{content}</c>"));
                }
                _ => cells.push_str("<c/>"),
            }
        }
        rows.push_str(&format!("<row>{cells}</row>"));
    }
    assert!(!rows.contains(" r=\""));
    is_read_as_before(&edit(&filled(), SCHULEN, |xml| xml.replace(data, &rows)));
}

#[test]
fn targets_may_count_from_the_root_and_parts_have_any_name() {
    let absolute = repacked(&filled(), |name, text| {
        let text = match name {
            RELATIONS => text.replace("Target=\"", "Target=\"/xl/"),
            "_rels/.rels" => text.replace("Target=\"", "Target=\"/"),
            _ => text,
        };
        Some((name.to_owned(), text))
    });
    is_read_as_before(&absolute);
    let moved = |text: &str| {
        text.replace("worksheets/sheet3.xml", "Blaetter/Blatt-C.xml")
            .replace("sharedStrings.xml", "texte/t.xml")
            .replace("xl/styles.xml", "xl/looks.xml")
            .replace("\"styles.xml", "\"looks.xml")
    };
    is_read_as_before(&repacked(&filled(), |name, text| Some((moved(name), moved(&text)))));
    // Strict Open XML and some libraries keep the book elsewhere.
    let elsewhere = |text: &str| text.replace("xl/", "daten/").replace("workbook.xml", "book.xml");
    is_read_as_before(&repacked(&filled(), |name, text| {
        let is_package = name.ends_with(".rels") || name.starts_with('[');
        let text = if is_package { elsewhere(&text) } else { text };
        Some((elsewhere(name), text))
    }));
}

#[test]
fn texts_may_be_in_pieces_with_formats_and_with_hints_how_to_say_them() {
    let string = "B1 – Deutsch, Lesen, Schreiben";
    let plain = format!("<si><t>{string}</t></si>");
    let pieces = "<si><r><rPr><b/><sz val=\"11\"/><rFont val=\"Calibri\"/></rPr><t xml:space=\"preserve\">B1 </t></r>\
        <r><t xml:space=\"preserve\">– Deutsch, </t></r><r><rPr><i/></rPr><t>Lesen, Schreiben</t></r>\
        <rPh sb=\"0\" eb=\"2\"><t>Be Eins</t></rPh><phoneticPr fontId=\"1\"/></si>";
    let shared = edit(&filled(), STRINGS, |xml| {
        assert!(xml.contains(&plain), "{xml}");
        xml.replace(&plain, pieces)
    });
    is_read_as_before(&shared);
    let inline = |xml: &str| {
        let old = format!("<is><t xml:space=\"preserve\">{string}</t></is>");
        assert!(xml.contains(&old), "{xml}");
        xml.replace(&old, &pieces.replace("si>", "is>"))
    };
    is_read_as_before(&edit(&filled(), SCHULEN, |xml| inline(&xml)));
}

#[test]
fn blanks_at_the_edges_of_texts_do_not_count_whether_kept_or_not() {
    for space in ["", " xml:space=\"preserve\""] {
        let edges = edit(&filled(), SCHULEN, |xml| {
            let old = "<t xml:space=\"preserve\">R2</t>";
            assert!(xml.contains(old));
            xml.replace(old, &format!("<t{space}>\n  R2 \t</t>"))
        });
        is_read_as_before(&edges);
    }
}

#[test]
fn results_of_formulas_that_are_texts_are_read() {
    is_read_as_before(&edit(&filled(), SCHULEN, |xml| {
        let old = " t=\"inlineStr\"><is><t xml:space=\"preserve\">R2</t></is>";
        assert!(xml.contains(old), "{xml}");
        let formula = " t=\"str\"><f>IF(Q5&gt;0,\"R2\",\"\")</f><v>R2</v>";
        let plain = " t=\"str\"><v xml:space=\"preserve\"> R2 </v>";
        xml.replacen(old, formula, 1).replace(old, plain)
    }));
    // A formula whose result is an empty text leaves its cell blank.
    is_read_as_before(&edit(&schulen(&[("S5", Formula("\"\"", Some("")))]), SCHULEN, |xml| {
        let old = "<f>\"\"</f><v></v>";
        assert!(xml.contains(old), "{xml}");
        let start = xml.find("<c r=\"S5\"").expect("the cell");
        format!(
            "{}{}",
            &xml[..start],
            xml[start..].replacen("<c r=\"S5\"", "<c r=\"S5\" t=\"str\"", 1)
        )
    }));
}

/// As SheetJS does it: every text in its cell as `str`, numbers with `t="n"`, no styles, no theme.
#[test]
fn what_sheetjs_makes_of_a_form_is_read() {
    let strings = texts(&filled());
    let bare = repacked(&filled(), |name, text| match name {
        STRINGS | "xl/styles.xml" | "xl/theme/theme1.xml" | "docProps/app.xml" | "docProps/core.xml" => None,
        _ if name.starts_with("xl/worksheets/") => {
            let text = without(&text, " s=\"", "\"");
            let text = with_texts(&text, |index| format!(" t=\"str\"><v>{}</v>", strings[index]));
            Some((
                name.to_owned(),
                text.replace("\"><v>", "\" t=\"n\"><v>")
                    .replace("t=\"str\" t=\"n\"", "t=\"str\""),
            ))
        }
        _ => Some((name.to_owned(), text)),
    });
    assert!(part(&bare, SCHULEN).contains("<c r=\"H5\" t=\"n\"><v>5000</v>"));
    is_read_as_before(&bare);
}

/// As Numbers does it: days from 1904 on, texts in pieces of one, its own names for parts, a sheet of its own in front.
#[test]
fn what_numbers_makes_of_a_form_is_read() {
    let shifted = edit(&filled(), crate::DECKBLATT, |xml| {
        xml.replace("<v>46023</v>", "<v>44561</v>")
            .replace("<v>46387</v>", "<v>44925</v>")
    });
    let shifted = edit(&shifted, BOOK, |xml| crate::with_1904(&xml, true));
    let pieces = edit(&shifted, STRINGS, |xml| {
        xml.replace("<si><t", "<si><r><t").replace("</t></si>", "</t></r></si>")
    });
    let sheet = "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row r=\"2\"><c r=\"B2\" t=\"inlineStr\">\
        <is><t>This document was exported from Numbers.</t></is></c></row></sheetData></worksheet>";
    is_read_as_before(&repacked(&pieces, |name, text| {
        Some(match name {
            BOOK => (
                name.to_owned(),
                text.replace(
                    "<sheets>",
                    "<sheets><sheet name=\"Export Summary\" sheetId=\"99\" r:id=\"rId99\"/>",
                ),
            ),
            RELATIONS => {
                let link = "<Relationship Id=\"rId99\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"theme/export.xml\"/>";
                (
                    name.to_owned(),
                    text.replace("</Relationships>", &format!("{link}</Relationships>")),
                )
            }
            "xl/theme/theme1.xml" => ("xl/theme/export.xml".to_owned(), sheet.to_owned()),
            _ => (name.to_owned(), text),
        })
    }));
}

/// As Google Sheets does it: heights for every row, foreign namespaces, shared formulas, an empty drawing for every sheet.
#[test]
fn what_google_sheets_makes_of_a_form_is_read() {
    let sheets = with_sheets(&filled(), |xml| {
        let xml = [" ht=\"", " customHeight=\"", " spans=\""]
            .iter()
            .fold(xml.to_owned(), |xml, start| without(&xml, start, "\""));
        let xml = xml.replace("<row r=", "<row ht=\"15.75\" customHeight=\"1\" r=");
        let xml = xml.replace("<worksheet ", "<worksheet xmlns:mx=\"http://schemas.microsoft.com/office/mac/excel/2008/main\" xmlns:x14ac=\"http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac\" ");
        let xml = xml.replace("<f>SUM(", "<f t=\"shared\" ref=\"Z1\" si=\"1\">SUM(");
        xml.replace("</worksheet>", "<drawing r:id=\"rId1\"/></worksheet>")
            .replacen(
                "xmlns:mx=",
                "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" xmlns:mx=",
                usize::from(!xml.contains("xmlns:r=")),
            )
    });
    is_read_as_before(&sheets);
}

/// As Excel Online does it: a new revision of the schema's extensions at every corner.
#[test]
fn extensions_that_nobody_here_knows_are_read_over() {
    is_read_as_before(&repacked(&filled(), |name, text| {
        let namespaces = "xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" mc:Ignorable=\"x14ac xr xr2 xr3\" \
            xmlns:x14ac=\"http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac\" xmlns:xr=\"http://schemas.microsoft.com/office/spreadsheetml/2014/revision\" \
            xmlns:xr2=\"http://schemas.microsoft.com/office/spreadsheetml/2015/revision2\" xmlns:xr3=\"http://schemas.microsoft.com/office/spreadsheetml/2016/revision3\"";
        let text = match name {
            BOOK => text.replace("<workbook ", &format!("<workbook {namespaces} ")).replace(
                "<sheets>",
                "<mc:AlternateContent><mc:Choice Requires=\"x15\"><x15ac:absPath url=\"https://d.docs.live.net/x/\" xmlns:x15ac=\"http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac\"/></mc:Choice></mc:AlternateContent><xr:revisionPtr revIDLastSave=\"0\" documentId=\"8_{0}\"/><sheets>",
            ),
            _ if name.starts_with("xl/worksheets/") => text
                .replace("<worksheet ", &format!("<worksheet {namespaces} xr:uid=\"{{00000000-0001-0000-0000-000000000000}}\" "))
                .replace("<row ", "<row x14ac:dyDescent=\"0.25\" ")
                .replace("</worksheet>", "<extLst><ext uri=\"{05C60535-1F16-4fd2-B633-F4F36F0B64E0}\" xmlns:x14=\"http://schemas.microsoft.com/office/spreadsheetml/2009/9/main\"><x14:sparklineGroups/></ext></extLst></worksheet>"),
            _ => text,
        };
        Some((name.to_owned(), text))
    }));
}

/// The shared strings as they stand, without their formats.
fn texts(workbook: &[u8]) -> Vec<String> {
    let table = part(workbook, STRINGS);
    let items = table.split("<si>").skip(1);
    items
        .map(|item| {
            item.split('>')
                .nth(1)
                .and_then(|rest| rest.split('<').next())
                .unwrap_or_default()
                .to_owned()
        })
        .collect()
}

/// The XML of a sheet with each shared string written as `text` says of its index.
fn with_texts(xml: &str, text: impl Fn(usize) -> String) -> String {
    let mut pieces = xml.split(" t=\"s\"><v>");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |out, piece| {
        let (index, rest) = piece.split_once("</v>").expect("an index");
        out + &text(index.parse().expect("an index")) + rest
    })
}

/// As Strict Open XML may write them.
#[test]
fn days_in_iso_form_are_read() {
    for (start, end) in [
        ("2026-01-01", "2026-12-31"),
        ("2026-01-01T00:00:00", "2026-12-31T00:00:00.000"),
    ] {
        is_read_as_before(&edit(&filled(), crate::DECKBLATT, |xml| {
            assert!(xml.contains("\"><v>46023</v>"), "{xml}");
            xml.replace("\"><v>46023</v>", &format!("\" t=\"d\"><v>{start}</v>"))
                .replace("\"><v>46387</v>", &format!("\" t=\"d\"><v>{end}</v>"))
        }));
    }
}
