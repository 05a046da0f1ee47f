//! A sheet to draw on: shapes as SVG elements, and how much room words take.

use std::fmt::Write as _;

use crate::xml;

/// The width of every chart. Its height follows from what is on it.
pub const WIDTH: f64 = 720.0;
/// The free border around everything.
pub const MARGIN: f64 = 20.0;

/// Sizes of type. A browser shows the chart about as wide as it is drawn, or a little wider.
pub const NORMAL: f64 = 16.0;
pub const SMALL: f64 = 15.0;
pub const LINE_HEIGHT: f64 = 19.0;

pub const INK: &str = "#13272b";
pub const MUTED: &str = "#465c61";
pub const GRID: &str = "#d5dfe0";
pub const PAPER: &str = "#ffffff";

const FONTS: &str = "system-ui, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif";

/// Where a text stands in relation to its point.
#[derive(Debug, Clone, Copy)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// The elements drawn so far.
pub struct Canvas {
    body: String,
}

/// A text with its place and look.
pub struct Text<'a> {
    pub x: f64,
    pub y: f64,
    pub anchor: Anchor,
    pub size: f64,
    pub colour: &'a str,
    pub content: &'a str,
    /// Rises from left to right, ending at its point.
    pub is_slanted: bool,
    /// Stands out from lines behind it.
    pub has_halo: bool,
}

impl<'a> Text<'a> {
    pub fn new(x: f64, y: f64, anchor: Anchor, content: &'a str) -> Text<'a> {
        Text {
            x,
            y,
            anchor,
            size: SMALL,
            colour: INK,
            content,
            is_slanted: false,
            has_halo: false,
        }
    }
}

impl Canvas {
    pub fn new() -> Canvas {
        Canvas { body: String::new() }
    }

    /// An element that somebody else has written.
    pub fn element(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }

    pub fn text(&mut self, text: &Text<'_>) {
        let (x, y) = (number(text.x), number(text.y));
        let anchor = match text.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let slant = if text.is_slanted {
            format!(" transform=\"rotate(-45 {x} {y})\"")
        } else {
            String::new()
        };
        let halo = if text.has_halo {
            " stroke=\"#ffffff\" stroke-width=\"4\" stroke-linejoin=\"round\" paint-order=\"stroke\""
        } else {
            ""
        };
        let _ = writeln!(
            self.body,
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"{}\" fill=\"{}\"{slant}{halo}>{}</text>",
            number(text.size),
            text.colour,
            xml::escape(text.content)
        );
    }

    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str, width: f64) {
        let _ = writeln!(
            self.body,
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{colour}\" stroke-width=\"{}\"/>",
            number(from.0),
            number(from.1),
            number(to.0),
            number(to.1),
            number(width)
        );
    }

    /// The whole file: a white sheet with what was drawn on it.
    pub fn into_svg(self, title: &str, description: &str, height: f64) -> String {
        let (width, height) = (number(WIDTH), number(height.ceil()));
        let (title, description, body) = (xml::escape(title), xml::escape(description), self.body);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"titel beschreibung\" font-family=\"{FONTS}\">\n\
             <title id=\"titel\">{title}</title>\n\
             <desc id=\"beschreibung\">{description}</desc>\n\
             <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{PAPER}\"/>\n\
             {body}</svg>\n"
        )
    }
}

/// A coordinate with at most one digit behind the point.
pub fn number(value: f64) -> String {
    // Adding nought makes nought of a negative nought.
    ((value * 10.0).round() / 10.0 + 0.0).to_string()
}

/// How wide a text is at most in the fonts that charts are shown in.
pub fn text_width(text: &str, size: f64) -> f64 {
    let units: f64 = text.chars().map(character_width).sum();
    units * size * 1.14
}

/// In parts of the type size, after Arial; wider fonts such as DejaVu Sans take up to a seventh more.
fn character_width(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | '\'' | '|' => 0.24,
        'f' | 't' | 'r' | 'I' | '.' | ',' | ':' | ';' | ' ' | '(' | ')' | '-' | '/' | '\u{a0}' | '\u{202f}' => 0.33,
        'm' | 'M' | 'W' | '%' | '@' => 0.89,
        'w' | 'C' | 'D' | 'G' | 'H' | 'N' | 'O' | 'Q' | 'R' | 'U' | 'Ö' | 'Ü' => 0.76,
        'A'..='Z' | 'Ä' | '&' => 0.67,
        _ => 0.56,
    }
}

/// Breaks a text at spaces and hyphens; `None` where it does not fit into so many lines of this width.
pub fn wrapped(text: &str, size: f64, width: f64, most: usize) -> Option<Vec<String>> {
    let lines = broken(text, size, width);
    let fits = lines.len() <= most && lines.iter().all(|line| text_width(line, size) <= width);
    fits.then_some(lines)
}

/// Breaks a text into as many lines as it takes; a word that is too long for a line is shortened.
pub fn lines_of(text: &str, size: f64, width: f64) -> Vec<String> {
    let lines = broken(text, size, width);
    lines.iter().map(|line| shortened(line, size, width)).collect()
}

fn broken(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for piece in text.split_inclusive([' ', '-']) {
        let longer = format!("{line}{piece}");
        if line.is_empty() || text_width(longer.trim_end(), size) <= width {
            line = longer;
        } else {
            lines.push(line.trim_end().to_owned());
            line = piece.to_owned();
        }
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// The beginning of a text that is too long; the table beneath the chart has the whole of it.
pub fn shortened(text: &str, size: f64, width: f64) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    for character in text.chars() {
        if text_width(&short, size) + character_width(character) * size + size > width {
            break;
        }
        short.push(character);
    }
    format!("{}…", short.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_short() {
        assert_eq!(number(12.0), "12");
        assert_eq!(number(0.25 + 0.1), "0.4");
        assert_eq!(number(-0.01), "0");
    }

    #[test]
    fn labels_break_at_spaces_and_hyphens() {
        let lines = |text| wrapped(text, 15.0, 140.0, 2);
        assert_eq!(lines("Köln"), Some(vec!["Köln".to_owned()]));
        assert_eq!(
            lines("Bezirksregierung Köln"),
            Some(vec!["Bezirksregierung".to_owned(), "Köln".to_owned()])
        );
        assert_eq!(lines("Regierungsbezirksverwaltung"), None);
        assert_eq!(shortened("Regierungsbezirksverwaltung", 15.0, 140.0), "Regierungsbezi…");
    }
}
