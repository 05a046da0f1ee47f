//! How the workbook looks: formats of cells, widths, heights and the printed page.

use crate::definition::{Field, FieldKind, Prefill};
use rust_xlsxwriter::{
    Color, Format, FormatAlign, FormatBorder, FormatPattern, FormatUnderline, ProtectionOptions, Worksheet,
};

/// How a cell looks, by what it is for and what it holds.
pub(super) struct Formats {
    pub title: Format,
    pub subtitle: Format,
    pub header: Format,
    pub body: Format,
    /// A cell of a list, its link and the mark of a line that has a hint.
    pub lined: Format,
    pub link: Format,
    pub mark: Format,
    /// A blank that is required: dots, and a broken line around.
    pub required: Format,
}

const INK: Color = Color::RGB(0x1B_2A_2F);
const ACCENT: Color = Color::RGB(0x0B_4F_5C);
const INPUT_FILL: Color = Color::RGB(0xFF_F8_DC);
const REQUIRED_FILL: Color = Color::RGB(0xFF_EC_A8);
const LOCKED_FILL: Color = Color::RGB(0xF2_F4_F5);
const MARKED_FILL: Color = Color::RGB(0xFB_DD_D6);
const LINE: Color = Color::RGB(0x9A_A8_AD);
const MARKED_LINE: Color = Color::RGB(0xA8_1E_0B);

/// What a cell is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Locked,
    Input,
    /// An input cell with a hint: other fill and a thick border.
    Marked,
}

impl Formats {
    pub(super) fn new() -> Formats {
        let body = Format::new()
            .set_text_wrap()
            .set_align(FormatAlign::VerticalCenter)
            .set_align(FormatAlign::Left)
            .set_indent(1)
            .set_font_color(INK);
        let lined = body.clone().set_border(FormatBorder::Thin).set_border_color(LINE);
        Formats {
            link: lined
                .clone()
                .set_font_color(ACCENT)
                .set_underline(FormatUnderline::Single),
            mark: body.clone().set_bold().set_font_color(MARKED_LINE),
            lined,
            required: Format::new()
                .set_pattern(FormatPattern::Gray0625)
                .set_background_color(REQUIRED_FILL)
                .set_foreground_color(ACCENT)
                .set_border(FormatBorder::Dashed)
                .set_border_color(INK),
            title: Format::new().set_bold().set_font_size(16).set_font_color(ACCENT),
            subtitle: Format::new().set_font_color(INK),
            header: Format::new()
                .set_bold()
                .set_font_color(Color::White)
                .set_background_color(ACCENT)
                .set_text_wrap()
                .set_align(FormatAlign::VerticalCenter)
                .set_align(FormatAlign::Left)
                .set_indent(1)
                .set_border(FormatBorder::Thin)
                .set_border_color(LINE),
            body,
        }
    }

    pub(super) fn cell(&self, kind: &FieldKind, look: Look) -> Format {
        let format = Format::new().set_font_color(INK).set_align(FormatAlign::VerticalCenter);
        let format = match kind {
            FieldKind::Money | FieldKind::Computed(_) => format.set_num_format("#,##0.00\\ \"€\""),
            FieldKind::Integer => format.set_num_format("0"),
            FieldKind::Date => format
                .set_num_format("dd.mm.yyyy")
                .set_align(FormatAlign::Left)
                .set_indent(1),
            _ => format
                .set_num_format("@")
                .set_text_wrap()
                .set_align(FormatAlign::Left)
                .set_indent(1),
        };
        match look {
            Look::Locked => format
                .set_background_color(LOCKED_FILL)
                .set_border(FormatBorder::Hair)
                .set_border_color(LINE),
            Look::Input => format
                .set_unlocked()
                .set_background_color(INPUT_FILL)
                .set_border(FormatBorder::Thin)
                .set_border_color(INK),
            Look::Marked => format
                .set_unlocked()
                .set_background_color(MARKED_FILL)
                .set_border(FormatBorder::Thick)
                .set_border_color(MARKED_LINE),
        }
    }
}

/// Page and protection, alike for every sheet. Protected against slips, not against people: no password, and
/// everything that does no harm stays allowed.
pub(super) fn finish(sheet: &mut Worksheet, pages_wide: u16) {
    let protection = ProtectionOptions {
        format_cells: true,
        format_columns: true,
        format_rows: true,
        sort: true,
        use_autofilter: true,
        ..ProtectionOptions::default()
    };
    const A4: u8 = 9;
    sheet
        .set_screen_gridlines(false)
        .set_landscape()
        .set_paper_size(A4)
        .set_print_fit_to_pages(pages_wide, 0)
        .set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3)
        .set_footer("&L&A&RSeite &P von &N")
        .protect_with_options(&protection);
}

/// The width of a field's column in a table, in characters: enough for each word of its header and the filter's arrow.
pub(super) fn width(field: &Field) -> f64 {
    const ARROW: usize = 5;
    let words = field.label.split([' ', '-']).map(|word| word.chars().count());
    let header = (words.max().unwrap_or(0) + ARROW) as f64;
    let content = match &field.kind {
        FieldKind::Money | FieldKind::Computed(_) => 18.0,
        FieldKind::Choice(_) if field.is_input() => 30.0,
        FieldKind::Choice(_) => 19.0,
        FieldKind::Text if field.is_input() => 42.0,
        FieldKind::Text if field.prefill == Some(Prefill::Aufnahmejahr) => 15.0,
        FieldKind::Text => 44.0,
        FieldKind::Integer => 9.0,
        _ => 14.0,
    };
    header.max(content).min(60.0)
}

/// The height of a row that shows all of these texts, each in a column of its width: a text that is cut off is not read.
pub(super) fn height<'t>(texts: impl IntoIterator<Item = (&'t str, f64)>) -> f64 {
    const LINE: f64 = 15.0;
    const PADDING: f64 = 5.0;
    let lines = texts
        .into_iter()
        .map(|(text, width)| lines(text, width))
        .max()
        .unwrap_or(1);
    (lines as f64 * LINE + PADDING).min(400.0)
}

/// How many lines a text takes when it wraps at blanks.
fn lines(text: &str, width: f64) -> usize {
    // Letters are a little wider than the digits that a column's width counts.
    let width = (width * 0.95) as usize;
    let paragraph = |paragraph: &str| {
        let (mut lines, mut filled) = (1, 0);
        for word in paragraph.split(' ').map(|word| word.chars().count()) {
            let with_blank = if filled == 0 { word } else { filled + 1 + word };
            if with_blank > width && filled > 0 {
                lines += 1;
                filled = word;
            } else {
                filled = with_blank;
            }
            lines += filled / (width + 1);
            filled %= width + 1;
        }
        lines
    };
    text.split('\n').map(paragraph).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_wraps_at_blanks() {
        assert_eq!(lines("", 10.0), 1);
        assert_eq!(lines("eins zwei", 10.0), 1);
        assert_eq!(lines("eins zwei drei", 10.0), 2);
        assert_eq!(lines("eins\nzwei", 10.0), 2);
        assert_eq!(lines("Donaudampfschifffahrt", 10.0), 3);
    }
}
