//! Bar and line charts from CSV, as SVG files of their own: legible without colour, in the dark, on paper and without the picture.
//!
//! 1. `read` makes a table of the CSV.
//! 2. `bars` and `lines` lay it out on an axis from `scale`.
//! 3. `canvas` writes the shapes; `look` says how series are told apart.
//!
//! Everything is a presentation attribute: the CSP allows no style within a file. The ground is white in every colour scheme,
//! because an SVG that a page shows as an image does not know the page's colours.

mod bars;
mod canvas;
mod lines;
mod look;
mod read;
mod scale;

use serde::Serialize;

use canvas::Canvas;
pub use read::parse;

/// More series could not be told apart.
const MAX_SERIES: usize = 6;
/// More rows belong in a table.
const MAX_ROWS: usize = 40;

/// In a chart, in place of a value that is not known. The table says it in full.
const UNKNOWN: &str = "k. A.";

/// What a chart shows: at least one series with at least one number.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What the rows are, for example "Bezirksregierung".
    pub label: String,
    pub series: Vec<String>,
    pub rows: Vec<Row>,
    /// Digits behind the comma, the same for all numbers.
    pub decimals: usize,
}

/// One value for each series.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub label: String,
    /// `None` is a number that is not known.
    pub values: Vec<Option<f64>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One bar for each value, upright or lying, whichever leaves room for the words.
    Saeulen,
    /// One line for each series, for rows that follow each other in time.
    Linie,
}

/// A chart and the words around it.
#[derive(Debug, Clone, Copy)]
pub struct Chart<'a> {
    pub kind: Kind,
    pub title: &'a str,
    /// What the chart shows, for those who cannot see it.
    pub description: &'a str,
    /// Of all numbers, for example "Mio. Euro"; may be empty.
    pub unit: &'a str,
    pub table: &'a Table,
}

/// The table as people read it, for a template: the alternative to the picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TextTable {
    pub header: Vec<String>,
    pub rows: Vec<TextRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TextRow {
    pub label: String,
    pub values: Vec<String>,
}

/// The chart as an SVG file. The same chart always gives the same bytes.
pub fn svg(chart: &Chart<'_>) -> String {
    let mut canvas = Canvas::new();
    let height = match chart.kind {
        Kind::Saeulen => bars::draw(chart, &mut canvas),
        Kind::Linie => lines::draw(chart, &mut canvas),
    };
    canvas.into_svg(chart.title, chart.description, height)
}

impl Table {
    /// All numbers as German text.
    pub fn text(&self) -> TextTable {
        let text = |value: &Option<f64>| value.map_or_else(|| "keine Angabe".to_owned(), |value| self.number(value));
        TextTable {
            header: std::iter::once(&self.label).chain(&self.series).cloned().collect(),
            rows: self
                .rows
                .iter()
                .map(|row| TextRow {
                    label: row.label.clone(),
                    values: row.values.iter().map(text).collect(),
                })
                .collect(),
        }
    }

    fn number(&self, value: f64) -> String {
        scale::german(value, self.decimals)
    }

    fn values(&self) -> impl Iterator<Item = f64> {
        self.rows.iter().flat_map(|row| row.values.iter().flatten().copied())
    }

    fn smallest(&self) -> f64 {
        self.values().fold(f64::INFINITY, f64::min)
    }

    fn greatest(&self) -> f64 {
        self.values().fold(f64::NEG_INFINITY, f64::max)
    }

    /// What is written beside a bar or a point.
    fn short_text(&self, value: Option<f64>) -> String {
        value.map_or_else(|| UNKNOWN.to_owned(), |value| self.number(value))
    }

    /// How much room the longest number takes.
    fn number_width(&self) -> f64 {
        let width = |value| canvas::text_width(&self.number(value), canvas::SMALL);
        self.values().map(width).fold(0.0, f64::max)
    }

    fn label_width(&self) -> f64 {
        let width = |row: &Row| canvas::text_width(&row.label, canvas::SMALL);
        self.rows.iter().map(width).fold(0.0, f64::max)
    }
}

impl Chart<'_> {
    /// What the numbers are, above the chart; a single series is named here and needs no key.
    fn caption(&self) -> String {
        match (self.table.series.as_slice(), self.unit) {
            ([_, _, ..], "") => String::new(),
            ([_, _, ..], unit) => format!("Angaben in {unit}"),
            ([name], unit) if !unit.is_empty() && name != unit => format!("{name} ({unit})"),
            (names, _) => names.concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use quick_xml::events::{BytesStart, Event};

    const BEZIRKE: &str = "Bezirk;2025;2026\nArnsberg;1.197;1.250\nKöln;198;\n";

    fn draw(kind: Kind, csv: &str) -> String {
        let table = parse(csv).unwrap();
        svg(&Chart {
            kind,
            title: "Schulen & Träger",
            description: "Je Bezirk eine Säule.",
            unit: "Mio. Euro",
            table: &table,
        })
    }

    /// Every element with its attributes. Fails where the file is no XML.
    fn elements(svg: &str) -> Vec<(String, String)> {
        let mut reader = quick_xml::Reader::from_str(svg);
        let mut found = Vec::new();
        let note = |start: &BytesStart<'_>| {
            let attributes = start.attributes().map(|attribute| attribute.unwrap());
            let attributes = attributes.map(|attribute| format!("{}={:?} ", attribute.key.as_ref(), attribute.value));
            (start.name().as_ref().to_owned(), attributes.collect())
        };
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) | Event::Empty(start) => found.push(note(&start)),
                Event::Eof => return found,
                _ => {}
            }
        }
    }

    /// The words of a chart, from top to bottom as they are drawn.
    fn check_words(kind: Kind, csv: &str, expected: Expect) {
        let svg = draw(kind, csv);
        let texts = svg.lines().filter(|line| line.starts_with("<text"));
        let words = texts.filter_map(|line| line.split_once('>')?.1.strip_suffix("</text>"));
        expected.assert_eq(&words.collect::<Vec<_>>().join(" | "));
    }

    #[test]
    fn a_chart_names_itself_and_carries_no_style() {
        for kind in [Kind::Saeulen, Kind::Linie] {
            let svg = draw(kind, BEZIRKE);
            assert!(svg.contains("<title id=\"titel\">Schulen &amp; Träger</title>"));
            assert!(svg.contains("role=\"img\" aria-labelledby=\"titel beschreibung\""));
            for (name, attributes) in elements(&svg) {
                assert_ne!(name, "style");
                assert!(
                    !attributes.contains("style=") && !attributes.contains("class="),
                    "{attributes}"
                );
            }
        }
    }

    #[test]
    fn bars_are_named_and_carry_their_values() {
        check_words(
            Kind::Saeulen,
            BEZIRKE,
            expect![
                "Angaben in Mio. Euro | 2025 | 2026 | 0 | 250 | 500 | 750 | 1.000 | 1.250 | 1.197 | 1.250 | 198 | k. A. | Arnsberg | Köln"
            ],
        );
    }

    #[test]
    fn long_names_lie_beside_their_bars() {
        let csv = "Aufgabe;Änderung\nErste Aufgabe mit einem langen, langen Namen;-3,5\nZweite Aufgabe mit einem langen Namen, der kaum endet;12\nc;1\nd;1\n";
        check_words(
            Kind::Saeulen,
            csv,
            expect![
                "Änderung (Mio. Euro) | −5 | 0 | 5 | 10 | 15 | Erste Aufgabe mit einem | langen, langen Namen | −3,5 | Zweite Aufgabe mit einem | langen Namen, der kaum | endet | 12,0 | c | 1,0 | d | 1,0"
            ],
        );
    }

    #[test]
    fn lines_are_named_where_they_end() {
        check_words(
            Kind::Linie,
            BEZIRKE,
            expect!["Angaben in Mio. Euro | 0 | 250 | 500 | 750 | 1.000 | 1.250 | 2026 | 2025 | Arnsberg | Köln"],
        );
    }

    #[test]
    fn an_axis_that_does_not_begin_at_nought_says_so() {
        check_words(
            Kind::Linie,
            "Jahr;Quote\n2024;90,5\n2025;92\n2026;96,25\n",
            expect![
                "Quote (Mio. Euro); die Achse beginnt bei 90 | 90 | 92 | 94 | 96 | 98 | 90,50 | 92,00 | 96,25 | 2024 | 2025 | 2026"
            ],
        );
    }

    #[test]
    fn many_rows_and_series_stay_within_the_sheet() {
        let row = |n: usize| format!("Bezirksregierung {n};{};-{n};3,5;4;;6\n", n * 1_000_000);
        for rows in [1, 5, 12, 40] {
            let csv = format!("Ort;a;b;c;d;e;f\n{}", (1..=rows).map(row).collect::<String>());
            for kind in [Kind::Saeulen, Kind::Linie] {
                for (_, attributes) in elements(&draw(kind, &csv)) {
                    assert!(
                        !attributes.contains("NaN") && !attributes.contains("inf"),
                        "{attributes}"
                    );
                    assert!(
                        !attributes.contains(" x=\"-") && !attributes.contains("width=\"-"),
                        "{attributes}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_table_is_german_text() {
        let text = parse(BEZIRKE).unwrap().text();
        assert_eq!(text.header, ["Bezirk", "2025", "2026"]);
        assert_eq!(text.rows[0].values, ["1.197", "1.250"]);
        assert_eq!(text.rows[1].values, ["198", "keine Angabe"]);
    }
}
