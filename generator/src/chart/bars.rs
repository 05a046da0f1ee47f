//! Bars: upright while the words beneath them have room, lying otherwise.

use super::canvas::{
    Anchor, Canvas, GRID, INK, LINE_HEIGHT, MARGIN, MUTED, SMALL, Text, WIDTH, lines_of, text_width, wrapped,
};
use super::scale::Scale;
use super::{Chart, Table, look};

const PLOT_HEIGHT: f64 = 300.0;
/// The part of a row's room that its bars take.
const FILLED: f64 = 0.76;
const WIDEST_BAR: f64 = 80.0;
/// Narrower bars can neither be told apart nor hatched.
const NARROWEST_BAR: f64 = 11.0;
/// Between the bars of a row.
const GAP: f64 = 2.0;
/// How far slanted labels may reach down.
const LONGEST_SLANTED: f64 = 130.0;
/// Room for the names of rows beside lying bars.
const WIDEST_LABEL: f64 = 230.0;

/// How the rows are named beneath upright bars.
enum Labels {
    Level(Vec<Vec<String>>),
    Slanted,
}

/// Draws the bars and gives back the height of the chart.
pub fn draw(chart: &Chart<'_>, canvas: &mut Canvas) -> f64 {
    let table = chart.table;
    look::define_hatches(canvas, table.series.len());
    let top = look::head(canvas, chart, &chart.caption(), table.series.len() > 1);
    let scale = |steps| {
        Scale::new(
            table.smallest().min(0.0),
            table.greatest().max(0.0),
            steps,
            table.decimals == 0,
        )
    };
    let upright = Upright::new(table, scale(5), top);
    match upright.labels() {
        Some(labels) => upright.draw(canvas, &labels),
        None => Lying::new(table, scale, top).draw(canvas),
    }
}

/// Columns on a common ground.
struct Upright<'a> {
    table: &'a Table,
    scale: Scale,
    top: f64,
    left: f64,
}

impl<'a> Upright<'a> {
    fn new(table: &'a Table, scale: Scale, top: f64) -> Upright<'a> {
        let ticks = scale.ticks();
        let widest = ticks
            .iter()
            .map(|(_, text)| text_width(text, SMALL))
            .fold(0.0, f64::max);
        Upright {
            table,
            scale,
            // A value above the highest column needs room as well.
            top: top + SMALL,
            left: MARGIN + widest + 10.0,
        }
    }

    /// The room of a row.
    fn band(&self) -> f64 {
        (WIDTH - MARGIN - self.left) / self.table.rows.len() as f64
    }

    fn bar_width(&self) -> f64 {
        (self.band() * FILLED / self.table.series.len() as f64).min(WIDEST_BAR)
    }

    /// `None` where upright bars leave too little room for words or for themselves.
    fn labels(&self) -> Option<Labels> {
        if self.bar_width() < NARROWEST_BAR {
            return None;
        }
        let level = |label| wrapped(label, SMALL, self.band() - 10.0, 2);
        let rows = &self.table.rows;
        if let Some(level) = rows.iter().map(|row| level(&row.label)).collect() {
            return Some(Labels::Level(level));
        }
        // The first label must not reach over the left edge.
        let reach = self.table.label_width() * std::f64::consts::FRAC_1_SQRT_2;
        let has_room = reach <= LONGEST_SLANTED && reach <= self.left + self.band() / 2.0 - 5.0;
        (has_room && self.band() >= 1.4 * SMALL).then_some(Labels::Slanted)
    }

    fn draw(&self, canvas: &mut Canvas, labels: &Labels) -> f64 {
        let bottom = self.top + PLOT_HEIGHT;
        let place = |value| self.scale.place(value, bottom, self.top);
        for (value, text) in self.scale.ticks() {
            let y = place(value);
            canvas.line((self.left, y), (WIDTH - MARGIN, y), GRID, 1.0);
            canvas.text(&Text {
                colour: MUTED,
                ..Text::new(self.left - 8.0, y + SMALL * 0.35, Anchor::End, &text)
            });
        }
        let width = self.bar_width();
        let room = if self.table.series.len() == 1 {
            self.band()
        } else {
            width
        } - GAP;
        let has_values = self.table.number_width() <= room;
        let ground = place(0.0);
        for (index, row) in self.table.rows.iter().enumerate() {
            let middle = self.left + (index as f64 + 0.5) * self.band();
            let first = middle - width * row.values.len() as f64 / 2.0;
            for (series, value) in row.values.iter().enumerate() {
                let x = first + series as f64 * width;
                let end = place(value.unwrap_or(0.0));
                if value.is_some() {
                    let inner = (width - GAP, (end - ground).abs());
                    look::bar(canvas, series, (x + GAP / 2.0, end.min(ground)), inner);
                }
                let text = self.table.short_text(*value);
                if has_values && text_width(&text, SMALL) <= room {
                    let y = if end > ground { end + SMALL } else { end - 6.0 };
                    canvas.text(&Text {
                        has_halo: true,
                        ..Text::new(x + width / 2.0, y, Anchor::Middle, &text)
                    });
                }
            }
        }
        canvas.line((self.left, ground), (WIDTH - MARGIN, ground), INK, 1.5);
        let below = bottom
            + if self.table.smallest() < 0.0 && has_values {
                SMALL
            } else {
                0.0
            };
        self.name_rows(canvas, labels, below)
    }

    fn name_rows(&self, canvas: &mut Canvas, labels: &Labels, bottom: f64) -> f64 {
        let middle = |index: usize| self.left + (index as f64 + 0.5) * self.band();
        match labels {
            Labels::Level(rows) => {
                for (index, lines) in rows.iter().enumerate() {
                    for (n, line) in lines.iter().enumerate() {
                        let y = bottom + 6.0 + (n + 1) as f64 * LINE_HEIGHT - 3.0;
                        canvas.text(&Text::new(middle(index), y, Anchor::Middle, line));
                    }
                }
                let most = rows.iter().map(Vec::len).max().unwrap_or(1);
                bottom + 6.0 + most as f64 * LINE_HEIGHT + MARGIN
            }
            Labels::Slanted => {
                for (index, row) in self.table.rows.iter().enumerate() {
                    canvas.text(&Text {
                        is_slanted: true,
                        ..Text::new(middle(index) + 5.0, bottom + 16.0, Anchor::End, &row.label)
                    });
                }
                bottom + 22.0 + self.table.label_width() * std::f64::consts::FRAC_1_SQRT_2 + MARGIN
            }
        }
    }
}

/// Bars that lie beside the names of their rows.
struct Lying<'a> {
    table: &'a Table,
    scale: Scale,
    names: Vec<Vec<String>>,
    top: f64,
    left: f64,
    right: f64,
    thickness: f64,
}

impl<'a> Lying<'a> {
    fn new(table: &'a Table, scale: impl Fn(usize) -> Scale, top: f64) -> Lying<'a> {
        let name = |label: &String| lines_of(label, SMALL, WIDEST_LABEL);
        let names: Vec<Vec<String>> = table.rows.iter().map(|row| name(&row.label)).collect();
        let widest = names
            .iter()
            .flatten()
            .map(|line| text_width(line, SMALL))
            .fold(0.0, f64::max);
        let value_width = table.number_width() + 10.0;
        let left = MARGIN + widest + 12.0 + if table.smallest() < 0.0 { value_width } else { 0.0 };
        let right = WIDTH - MARGIN - value_width;
        let fits = |scale: &Scale| {
            let ticks = scale.ticks();
            let room: f64 = ticks.iter().map(|(_, text)| text_width(text, SMALL) + 14.0).sum();
            room <= right - left
        };
        Lying {
            table,
            scale: (2..=5).rev().map(&scale).find(fits).unwrap_or_else(|| scale(1)),
            names,
            top,
            left,
            right,
            thickness: if table.series.len() == 1 { 24.0 } else { 19.0 },
        }
    }

    fn draw(&self, canvas: &mut Canvas) -> f64 {
        let heights: Vec<f64> = self.names.iter().map(|lines| self.row_height(lines.len())).collect();
        let bottom = self.top + heights.iter().sum::<f64>();
        let place = |value| self.scale.place(value, self.left, self.right);
        for (value, text) in self.scale.ticks() {
            let x = place(value);
            canvas.line((x, self.top), (x, bottom), GRID, 1.0);
            canvas.text(&Text {
                colour: MUTED,
                ..Text::new(x, bottom + LINE_HEIGHT, Anchor::Middle, &text)
            });
        }
        let mut top = self.top;
        for (row, height) in heights.iter().enumerate() {
            self.draw_row(canvas, row, top + height / 2.0);
            top += height;
        }
        let ground = place(0.0);
        canvas.line((ground, self.top), (ground, bottom), INK, 1.5);
        bottom + LINE_HEIGHT + MARGIN
    }

    fn row_height(&self, lines: usize) -> f64 {
        let bars = self.thickness * self.table.series.len() as f64;
        bars.max(lines as f64 * LINE_HEIGHT) + 14.0
    }

    fn draw_row(&self, canvas: &mut Canvas, row: usize, middle: f64) {
        let lines = &self.names[row];
        for (n, line) in lines.iter().enumerate() {
            let y = middle + (n as f64 - (lines.len() - 1) as f64 / 2.0) * LINE_HEIGHT + SMALL * 0.35;
            let x = MARGIN
                + self
                    .names
                    .iter()
                    .flatten()
                    .map(|line| text_width(line, SMALL))
                    .fold(0.0, f64::max);
            canvas.text(&Text::new(x, y, Anchor::End, line));
        }
        let values = &self.table.rows[row].values;
        let first = middle - self.thickness * values.len() as f64 / 2.0;
        let ground = self.scale.place(0.0, self.left, self.right);
        for (series, value) in values.iter().enumerate() {
            let y = first + series as f64 * self.thickness;
            let end = self.scale.place(value.unwrap_or(0.0), self.left, self.right);
            if value.is_some() {
                let inner = ((end - ground).abs(), self.thickness - GAP);
                look::bar(canvas, series, (end.min(ground), y + GAP / 2.0), inner);
            }
            let text = self.table.short_text(*value);
            let (x, anchor) = if end < ground {
                (end - 6.0, Anchor::End)
            } else {
                (end + 6.0, Anchor::Start)
            };
            canvas.text(&Text {
                has_halo: true,
                ..Text::new(x, y + self.thickness / 2.0 + SMALL * 0.35, anchor, &text)
            });
        }
    }
}
