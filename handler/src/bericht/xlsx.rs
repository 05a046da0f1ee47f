//! The report as a workbook: a sheet for each table, sums as formulas that anybody can follow.

use super::Bericht;
use super::tabelle::{Art, Spalte, Tabelle, Wert};
use crate::pages::zeitraum;
use anyhow::Result;
use form::day_text;
use jiff::tz::TimeZone;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet,
};

const INK: Color = Color::RGB(0x13_27_2B);
const HEAD: Color = Color::RGB(0x00_56_5F);
const BAND: Color = Color::RGB(0xED_F4_F4);
const LINE: Color = Color::RGB(0xC3_D2_D3);

/// Writes the workbook. The time in it is the journal's, so that the same data gives the same bytes.
pub fn write(bericht: &Bericht<'_>) -> Result<Vec<u8>> {
    let mut workbook = Workbook::new();
    let time = bericht.stoff.stand.zeit.0.to_zoned(TimeZone::UTC);
    let created = ExcelDateTime::from_ymd(time.year() as u16, time.month() as u8, time.day() as u8)?.and_hms(
        time.hour() as u16,
        time.minute() as u8,
        time.second() as u8,
    )?;
    workbook.set_properties(
        &DocProperties::new()
            .set_title(&bericht.aufbau.title)
            .set_creation_datetime(&created),
    );
    overview(workbook.add_worksheet(), bericht)?;
    for tabelle in bericht.alle_tabellen() {
        let worksheet = workbook.add_worksheet();
        sheet(worksheet, tabelle)?;
        worksheet
            .set_header(format!("&L&B{}: {}", bericht.aufbau.title, tabelle.title))
            .set_footer(format!(
                "&L{}&C{}&RSeite &P von &N",
                bericht.stoff.runde.kennung,
                bericht.stoff.stand.kette.get(..16).unwrap_or_default()
            ));
    }
    Ok(workbook.save_to_buffer()?)
}

/// A workbook with one table.
pub fn of_table(tabelle: &Tabelle) -> Result<Vec<u8>> {
    let mut workbook = Workbook::new();
    sheet(workbook.add_worksheet(), tabelle)?;
    Ok(workbook.save_to_buffer()?)
}

fn base() -> Format {
    Format::new().set_font_color(INK).set_align(FormatAlign::Top)
}

fn overview(sheet: &mut Worksheet, bericht: &Bericht<'_>) -> Result<()> {
    let stoff = bericht.stoff;
    sheet.set_name("Überblick")?;
    sheet.set_column_width(0, 44)?.set_column_width(1, 68)?;
    sheet.set_screen_gridlines(false);
    let title = base().set_bold().set_font_size(16);
    sheet.write_with_format(0, 0, &bericht.aufbau.title, &title)?;
    let wrap = base().set_text_wrap();
    let label = base().set_bold();
    let money = base().set_num_format("#,##0.00 \"€\"").set_align(FormatAlign::Left);
    let counts = super::view::Zahlen::of(stoff);
    let mut row = 2;
    let facts = [
        ("Berichtsrunde", stoff.runde.kennung.clone()),
        ("Berichtszeitraum", zeitraum(&stoff.runde)),
        ("Frist", day_text(stoff.runde.frist)),
        ("Träger, die melden sollten", counts.erwartet.to_string()),
        (
            "Eingegangen",
            format!("{}, davon {} verspätet", counts.eingegangen, counts.verspaetet),
        ),
        ("Es fehlen", counts.fehlend.to_string()),
        (
            "Schulen in den Meldungen",
            format!("{} von {}", counts.schulen_gemeldet, counts.schulen),
        ),
        ("Zurückgenommen", counts.zurueckgenommen.to_string()),
    ];
    for (name, value) in facts {
        sheet.write_with_format(row, 0, name, &label)?;
        sheet.write_with_format(row, 1, &value, &wrap)?;
        row += 1;
    }
    row += 1;
    for (name, cent) in &bericht.summen {
        sheet.write_with_format(row, 0, name, &label)?;
        sheet.write_with_format(row, 1, cent.to_euros(), &money)?;
        row += 1;
    }
    row += 1;
    let proof = [
        (
            "Stand des Journals",
            format!("Eintrag {} vom {}", stoff.stand.nr, stoff.stand.zeit.text()),
        ),
        ("Kettenwert", stoff.stand.kette.clone()),
        ("Prüfwert des Aufbaus", bericht.aufbau_sha256.to_owned()),
        ("Summen", super::view::GERECHNET.to_owned()),
        ("Hinweis", bericht.aufbau.hinweis.clone()),
    ];
    for (name, value) in proof.into_iter().filter(|(_, value)| !value.is_empty()) {
        sheet.write_with_format(row, 0, name, &label)?;
        sheet.write_with_format(row, 1, &value, &wrap)?;
        // Programs that show a file without calculating it anew do not find the height by themselves.
        sheet.set_row_height(row, 15 * (1 + value.chars().count() as u32 / 62))?;
        row += 1;
    }
    if stoff.runde.beispiel {
        sheet.write_with_format(row, 0, "Zum Ausprobieren: Die Zuweisungen sind erfunden.", &label)?;
    }
    sheet.set_paper_size(9).set_print_fit_to_pages(1, 0);
    Ok(())
}

fn sheet(sheet: &mut Worksheet, tabelle: &Tabelle) -> Result<()> {
    let name: String = tabelle
        .title
        .chars()
        .filter(|c| !"[]:*?/\\".contains(*c))
        .take(31)
        .collect();
    sheet.set_name(name)?;
    let head = Format::new()
        .set_bold()
        .set_font_color(Color::White)
        .set_background_color(HEAD)
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter);
    for (column, spalte) in (0u16..).zip(&tabelle.spalten) {
        let aligned = if spalte.is_number() {
            head.clone().set_align(FormatAlign::Right)
        } else {
            head.clone()
        };
        sheet.write_with_format(0, column, &spalte.title, &aligned)?;
        sheet.set_column_width(column, width(tabelle, usize::from(column)))?;
    }
    sheet.set_row_height(0, 36)?;
    let formats: Vec<Format> = tabelle
        .spalten
        .iter()
        .map(|spalte| format_of(spalte, &base()))
        .collect();
    for (row, zeile) in (1u32..).zip(&tabelle.zeilen) {
        for (column, wert) in (0u16..).zip(zeile) {
            cell(sheet, row, column, wert, &formats[usize::from(column)])?;
        }
    }
    let last = tabelle.zeilen.len() as u32;
    if let Some(summe) = &tabelle.summe {
        let bold = base()
            .set_bold()
            .set_background_color(BAND)
            .set_border_top(FormatBorder::Medium)
            .set_border_color(LINE);
        for (column, (wert, spalte)) in (0u16..).zip(summe.iter().zip(&tabelle.spalten)) {
            let format = format_of(spalte, &bold);
            match wert {
                Wert::Geld(_) | Wert::Zahl(_) if last > 0 => {
                    let letter = rust_xlsxwriter::column_number_to_name(column);
                    let formula =
                        Formula::new(format!("=SUM({letter}2:{letter}{})", last + 1)).set_result(result(wert));
                    sheet.write_formula_with_format(last + 1, column, formula, &format)?;
                }
                Wert::Leer => {
                    sheet.write_blank(last + 1, column, &format)?;
                }
                wert => cell(sheet, last + 1, column, wert, &format)?,
            }
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    if last > 0 {
        sheet.autofilter(0, 0, last, tabelle.spalten.len().saturating_sub(1) as u16)?;
    }
    sheet
        .set_landscape()
        .set_paper_size(9)
        .set_print_fit_to_pages(1, 0)
        .set_repeat_rows(0, 0)?;
    Ok(())
}

fn result(wert: &Wert) -> String {
    match wert {
        Wert::Geld(cent) => format!("{}", cent.to_euros()),
        other => other.text(),
    }
}

fn cell(sheet: &mut Worksheet, row: u32, column: u16, wert: &Wert, format: &Format) -> Result<()> {
    match wert {
        Wert::Leer => return Ok(()),
        Wert::Zahl(number) => sheet.write_with_format(row, column, *number as f64, format)?,
        Wert::Geld(cent) => sheet.write_with_format(row, column, cent.to_euros(), format)?,
        Wert::Anteil(promille) => sheet.write_with_format(row, column, *promille as f64 / 1000.0, format)?,
        Wert::Tag(day) => {
            let date = ExcelDateTime::from_ymd(day.year() as u16, day.month() as u8, day.day() as u8)?;
            sheet.write_with_format(row, column, &date, format)?
        }
        // As text and never as a formula, whatever it begins with.
        other => sheet.write_string_with_format(row, column, other.text(), format)?,
    };
    Ok(())
}

fn format_of(spalte: &Spalte, base: &Format) -> Format {
    match spalte.art {
        Art::Text => base.clone().set_text_wrap(),
        Art::Zahl => base.clone().set_num_format("#,##0"),
        Art::Geld => base.clone().set_num_format("#,##0.00 \"€\""),
        Art::Anteil => base.clone().set_num_format("0.0 %"),
        Art::Tag => base.clone().set_num_format("dd.mm.yyyy").set_align(FormatAlign::Left),
    }
}

/// Wide enough for most of what stands in a column; long texts wrap.
fn width(tabelle: &Tabelle, column: usize) -> f64 {
    let texts = tabelle
        .zeilen
        .iter()
        .chain(&tabelle.summe)
        .map(|zeile| zeile[column].text().chars().count());
    let longest_word = tabelle.spalten[column]
        .title
        .split([' ', '/'])
        .map(|word| word.chars().count())
        .max();
    texts.max().unwrap_or(0).max(longest_word.unwrap_or(0) + 1).clamp(8, 44) as f64 + 2.0
}
