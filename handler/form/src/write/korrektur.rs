//! What a Korrekturfassung has beside the form: notes in cells, marks in the margin, a sheet that lists all findings.

use super::look;
use super::{LONGEST_TEXT, MARK, WriteError, Writer, set_widths, shortened};
use crate::definition::{Field, Sheet};
use crate::eintraege::{Pruefhinweis, Spot};
use crate::finding::{Finding, Severity};
use crate::grid::{cell_name, column_name};
use rust_xlsxwriter::{Note, Url, Worksheet};

/// The sheet that lists all findings.
pub(crate) const PRUEFHINWEISE_SHEET: &str = "Prüfhinweise";
const WIDTHS: [f64; 7] = [6.0, 14.0, 16.0, 30.0, 34.0, 74.0, 18.0];
const COLUMNS: [&str; 7] = [
    "Nr.",
    "Blatt",
    "Zelle (Link)",
    "Angabe",
    "Schule",
    "Prüfhinweis",
    "Was zu tun ist",
];
/// Rows from 0: title, subtitle, three lines of explanation, a blank one, header, findings.
const HEADER: u32 = 6;
const MARGIN_WIDTH: f64 = 22.0;

/// Cells below each other in one column that a finding is about, as `(column, first row, last row)`.
type Run = (u32, u32, u32);

impl Writer<'_> {
    /// The hints at a place. A locked cell has none: it is right again in a fresh form, and a hint would only puzzle.
    pub(super) fn notes(&self, spot: &Spot, field: &Field) -> Option<&[String]> {
        let notes = self.eintraege.notes.get(spot).filter(|_| field.is_input())?;
        Some(notes)
    }

    /// Names, beside each line with hints, the cells that have them.
    pub(super) fn margin(
        &self,
        sheet: &mut Worksheet,
        form_sheet: &Sheet,
        header_row: u32,
        column: u16,
    ) -> Result<(), WriteError> {
        let mut marks: Vec<(u32, String)> = Vec::new();
        for line in 0..self.vordruck.lines(form_sheet) {
            let marked: Vec<(u32, u32)> = self
                .shown(&form_sheet.id)
                .iter()
                .filter(|field| self.notes(&spot(form_sheet, line, field), field).is_some())
                .filter_map(|field| self.address(&form_sheet.id, line as u32, &field.id))
                .collect();
            if form_sheet.is_once() {
                for (row, at) in marked {
                    marks.push((row, format!("{MARK} Zelle {}", cell_name(row, at))));
                }
            } else if let Some((row, _)) = marked.first() {
                let letters: Vec<String> = marked.iter().map(|(_, column)| column_name(*column)).collect();
                let word = if letters.len() == 1 { "Spalte" } else { "Spalten" };
                marks.push((*row, format!("{MARK} {word} {}", letters.join(", "))));
            }
        }
        let Some(longest) = marks.iter().map(|(_, text)| text.chars().count()).max() else {
            return Ok(());
        };
        // Excel wants an author of notes; this one is no person.
        sheet.set_default_note_author("Prüfhinweis");
        let header = format!("{MARK} {PRUEFHINWEISE_SHEET}");
        sheet.write_with_format(header_row, column, header, &self.formats.header)?;
        for (row, text) in &marks {
            sheet.write_with_format(*row, column, text, &self.formats.mark)?;
        }
        sheet.set_column_width(column, (longest as f64 + 4.0).max(MARGIN_WIDTH))?;
        Ok(())
    }

    /// All findings, each with a link to its cells.
    pub(super) fn pruefhinweise(&self, sheet: &mut Worksheet) -> Result<(), WriteError> {
        sheet.set_name(PRUEFHINWEISE_SHEET)?;
        set_widths(sheet, &WIDTHS)?;
        self.head(sheet, &format!("{PRUEFHINWEISE_SHEET} – {}", self.form.title), 0)?;
        let mark = format!(
            "Die markierten Zellen haben einen dicken Rahmen, eine Notiz und am Ende der Zeile das Zeichen {MARK}."
        );
        let lines = [
            "Diese Korrekturfassung enthält alle Angaben aus Ihrer Datei. Sie ist noch nicht eingereicht.",
            &mark,
            "Ändern Sie die Angaben, speichern Sie die Datei und laden Sie sie im Berichtstool hoch. Markierungen und dieses Blatt dürfen bleiben.",
        ];
        for (row, line) in (2u32..).zip(lines) {
            sheet.write_with_format(row, 0, line, &self.formats.subtitle)?;
        }
        for (column, text) in (0u16..).zip(COLUMNS) {
            sheet.write_with_format(HEADER, column, text, &self.formats.header)?;
        }
        sheet.set_row_height(HEADER, 20)?;
        let mut row = HEADER;
        for hint in &self.eintraege.pruefhinweise {
            for run in self.runs(hint) {
                row += 1;
                self.pruefhinweis(sheet, row, hint, run)?;
            }
        }
        sheet.set_freeze_panes(HEADER + 1, 0)?;
        sheet.set_repeat_rows(HEADER, HEADER)?;
        sheet.set_active(true);
        look::finish(sheet, 1);
        Ok(())
    }

    fn pruefhinweis(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        hint: &Pruefhinweis,
        run: Option<Run>,
    ) -> Result<(), WriteError> {
        let finding = &hint.finding;
        let place = run.map(|(column, first, last)| (cell_name(first, column), cell_name(last, column)));
        let cell = match &place {
            Some((first, last)) if first == last => first.clone(),
            Some((first, last)) => format!("{first} bis {last}"),
            None => finding.place.cells.join(", "),
        };
        let locked = hint.spots.first().is_some_and(|spot| !self.is_input(spot));
        let remark = match locked {
            true => " In dieser Korrekturfassung steht die Angabe wieder richtig.",
            false => "",
        };
        let message = format!("{}{remark}", of_run(finding, run).message());
        let school = run.map_or_else(|| finding.school.clone(), |run| self.school(hint, run));
        let sheet_name = match finding.place.sheet.as_str() {
            "" => "Datei",
            name => name,
        };
        let texts = [
            (row - HEADER).to_string(),
            sheet_name.to_owned(),
            cell,
            finding.field.clone(),
            school,
            shortened(&message, LONGEST_TEXT),
            what_to_do(hint, locked).to_owned(),
        ];
        sheet.set_row_height(row, look::height(texts.iter().map(String::as_str).zip(WIDTHS)))?;
        for (column, text) in (0u16..).zip(&texts) {
            match &place {
                Some((first, last)) if column == 2 => {
                    let link = format!("internal:'{}'!{first}:{last}", finding.place.sheet.replace('\'', "''"));
                    let link = Url::new(link).set_text(text).set_tip("Zur Zelle springen");
                    sheet.write_url_with_format(row, column, link, &self.formats.link)?;
                }
                _ if column == 0 => {
                    sheet.write_with_format(row, column, row - HEADER, &self.formats.lined)?;
                }
                _ => {
                    sheet.write_with_format(row, column, text, &self.formats.lined)?;
                }
            }
        }
        Ok(())
    }

    fn is_input(&self, spot: &Spot) -> bool {
        let field = self.form.sheet(&spot.sheet).and_then(|sheet| sheet.field(&spot.field));
        field.is_some_and(Field::is_input)
    }

    /// Where a finding's cells stand in this workbook, which may be another place than in the one that was uploaded.
    fn runs(&self, hint: &Pruefhinweis) -> Vec<Option<Run>> {
        let address = |spot: &Spot| self.address(&spot.sheet, spot.line as u32, &spot.field);
        let mut places: Vec<(u32, u32)> = hint.spots.iter().filter_map(address).collect();
        places.sort_by_key(|(row, column)| (*column, *row));
        let mut runs: Vec<Run> = Vec::new();
        for (row, column) in places {
            match runs.last_mut() {
                Some((at, _, last)) if *at == column && *last + 1 == row => *last = row,
                _ => runs.push((column, row, row)),
            }
        }
        match runs.is_empty() {
            true => vec![None],
            false => runs.into_iter().map(Some).collect(),
        }
    }

    /// The school of a line; empty where a finding is about several.
    fn school(&self, hint: &Pruefhinweis, (column, first, last): Run) -> String {
        if first != last || !hint.finding.school.is_empty() {
            return hint.finding.school.clone();
        }
        let here = |spot: &&Spot| self.address(&spot.sheet, spot.line as u32, &spot.field) == Some((first, column));
        let spot = hint.spots.iter().find(here);
        let school = spot.filter(|spot| {
            let sheet = self.form.sheet(&spot.sheet);
            sheet.is_some_and(|sheet| sheet.kind == crate::SheetKind::PerSchool)
        });
        let school = school.and_then(|spot| self.vordruck.schulen.get(spot.line));
        school.map(|school| school.kurzbezeichnung.clone()).unwrap_or_default()
    }
}

/// The finding about these cells alone, so that its sentence has the right number.
fn of_run(finding: &Finding, run: Option<Run>) -> Finding {
    let mut finding = finding.clone();
    if let Some((column, first, last)) = run {
        finding.place.cells = (first..=last).map(|row| cell_name(row, column)).collect();
    }
    finding
}

fn what_to_do(hint: &Pruefhinweis, locked: bool) -> &'static str {
    match hint.finding.severity {
        Severity::Fehler if locked => "nichts mehr",
        Severity::Fehler if hint.spots.is_empty() => "prüfen und ergänzen",
        Severity::Fehler => "ändern",
        Severity::Bestaetigen => "prüfen; stimmt die Angabe, beim Hochladen bestätigen",
        Severity::Hinweis => "zur Kenntnis",
    }
}

pub(super) fn spot(sheet: &Sheet, line: usize, field: &Field) -> Spot {
    Spot {
        sheet: sheet.id.clone(),
        line,
        field: field.id.clone(),
    }
}

/// The hints of a cell as Excel shows them beside it, in a size that shows all of them.
pub(super) fn note(notes: &[String]) -> Note {
    const WIDTH: u32 = 340;
    const CHARACTERS: f64 = 50.0;
    let text = shortened(&notes.join("\n\n"), LONGEST_TEXT);
    let height = look::height([(text.as_str(), CHARACTERS)]) * 4.0 / 3.0;
    Note::new(text)
        .add_author_prefix(false)
        .set_font_size(10)
        .set_width(WIDTH)
        .set_height(height as u32 + 10)
}
