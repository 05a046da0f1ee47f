//! The hints that belong to no single field: about the file, the form as a whole, its sheets, and cells of any kind.

use super::{Abschnitt, Hinweis, example_target};
use crate::definition::{Field, Form, Sheet, SheetKind};
use crate::finding::{self, Finding, Obstacle, Target};
use crate::guard::Unreadable;

/// Every hint about no single field, with made-up entries.
pub(super) fn allgemein(form: &Form) -> Vec<Abschnitt> {
    let shown = |title, findings: Vec<Finding>| Abschnitt {
        title,
        hinweise: findings.into_iter().map(Hinweis::of).collect(),
    };
    let sections = [
        Abschnitt {
            title: "Wenn sich die Datei nicht lesen lässt",
            hinweise: Unreadable::ALL.into_iter().map(of_file).collect(),
        },
        shown("Wenn es nicht Ihr Formular ist", of_form(form)),
        shown("Wenn etwas im Formular fehlt oder hinzugekommen ist", of_sheets(form)),
        shown("Wenn eine Zelle sich nicht lesen lässt, gleich welche", of_cells(form)),
        shown("Wenn es sehr viele Hinweise gibt", of_lists(form)),
    ];
    sections
        .into_iter()
        .filter(|section| !section.hinweise.is_empty())
        .collect()
}

fn of_file(unreadable: Unreadable) -> Hinweis {
    let (text, remedy) = unreadable.in_words();
    let name = format!("{unreadable:?}");
    Hinweis {
        code: name.split('(').next().unwrap_or_default().to_owned(),
        folge: "die Datei wird nicht angenommen",
        text: format!("{text} {remedy}"),
    }
}

fn of_form(form: &Form) -> Vec<Finding> {
    vec![
        finding::not_the_form(&form.title),
        finding::other_form("fahrtkosten", &form.title),
        finding::other_version("2025", &form.version),
        finding::other_figures(),
        finding::other_traeger("10000", "99999", "Stadt Musterhausen"),
        finding::other_runde("2025", "2026"),
        finding::nothing_entered(),
    ]
}

fn of_sheets(form: &Form) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let of_kind = |wanted: fn(SheetKind) -> bool| form.sheets.iter().find(|sheet| wanted(sheet.kind));
    if let Some(sheet) = form.sheets.first() {
        findings.push(finding::missing_sheet(&sheet.title));
    }
    if let Some((sheet, field)) = of_kind(|kind| kind != SheetKind::Once).and_then(an_input) {
        findings.push(finding::missing_column(&whole(sheet, Some(field))));
        if let Some(other) = sheet.fields.iter().find(|other| other.id != field.id) {
            findings.push(finding::other_label(&whole(sheet, Some(field)), &other.label));
        }
    }
    if let Some((sheet, field)) = of_kind(|kind| kind == SheetKind::Once).and_then(an_input) {
        findings.push(finding::missing_line(&whole(sheet, Some(field))));
    }
    if let Some(sheet) = of_kind(|kind| kind == SheetKind::PerSchool) {
        let at = in_cell(sheet, "B5");
        findings.push(finding::missing_school(
            &whole(sheet, None),
            "999999",
            "Musterhausen, GG Am Park",
        ));
        findings.push(finding::unknown_school(&at, "123456"));
        findings.push(finding::school_twice(&at, "999999", "B4"));
    }
    if let Some(sheet) = of_kind(|kind| matches!(kind, SheetKind::Free { .. })) {
        findings.push(finding::line_below(&in_cell(sheet, "A99"), "Noch ein Eintrag", 98, 1));
    }
    if let Some(sheet) = form.sheets.last() {
        findings.push(finding::stray_entry(&in_cell(sheet, "Z40"), "Stand: Mai", 0));
    }
    findings.push(finding::sheets_not_read(&["Anlage"]));
    findings
}

fn of_cells(form: &Form) -> Vec<Finding> {
    let Some((sheet, field)) = form.sheets.iter().rev().find_map(an_input) else {
        return Vec::new();
    };
    let at = example_target(&sheet.title, field);
    let behind = |obstacle| {
        finding::blank(&Target {
            obstacle: Some(obstacle),
            ..at.clone()
        })
    };
    vec![
        finding::error_value(&at, "#BEZUG!"),
        finding::uncalculated(&at),
        finding::changed_prefill(&at, "Musterhausen", Some("Stadt Musterhausen")),
        finding::changed_prefill(&at, "2025/26", None),
        behind(Obstacle::HiddenSheet),
        behind(Obstacle::HiddenRow),
        behind(Obstacle::HiddenColumn),
        behind(Obstacle::Merged("B4".to_owned())),
    ]
}

fn of_lists(form: &Form) -> Vec<Finding> {
    let Some((sheet, field)) = form.sheets.iter().rev().find_map(an_input) else {
        return Vec::new();
    };
    let one = finding::blank(&example_target(&sheet.title, field));
    vec![finding::many_alike(&[&one; 18]), finding::many_more(120)]
}

/// The first field of a sheet that people fill.
fn an_input(sheet: &Sheet) -> Option<(&Sheet, &Field)> {
    let field = sheet.fields.iter().find(|field| field.is_input())?;
    Some((sheet, field))
}

fn whole<'a>(sheet: &'a Sheet, field: Option<&'a Field>) -> Target<'a> {
    Target {
        sheet: &sheet.title,
        field,
        ..Target::file()
    }
}

fn in_cell<'a>(sheet: &'a Sheet, cell: &str) -> Target<'a> {
    Target {
        cell: Some(cell.to_owned()),
        ..whole(sheet, None)
    }
}
