//! Lines: one for each series, named at its end where there is room.

use std::f64::consts::FRAC_1_SQRT_2;

use super::canvas::{
    Anchor, Canvas, GRID, INK, LINE_HEIGHT, MARGIN, MUTED, SMALL, Text, WIDTH, shortened, text_width, wrapped,
};
use super::scale::Scale;
use super::{Chart, Table, look};

const PLOT_HEIGHT: f64 = 300.0;
/// Longer names stand in a key above the chart.
const WIDEST_NAME: f64 = 170.0;
/// Between the plot and the names beside it: the marks of the series may stand there.
const NAME_INDENT: f64 = 26.0;
/// Slanted labels that are longer end in "…".
const LONGEST_SLANTED: f64 = 160.0;
/// The values of a single line are written at its points, unless there are more of them.
const MOST_WRITTEN: usize = 13;

/// Draws the lines and gives back the height of the chart.
pub fn draw(chart: &Chart<'_>, canvas: &mut Canvas) -> f64 {
    let table = chart.table;
    let widest = table
        .series
        .iter()
        .map(|name| text_width(name, SMALL))
        .fold(0.0, f64::max);
    let has_names = table.series.len() > 1 && widest <= WIDEST_NAME;
    let has_key = table.series.len() > 1 && !has_names;
    let scale = scale(table);
    let top = look::head(canvas, chart, &caption(chart, &scale), has_key) + SMALL;

    let ticks = scale.ticks();
    let tick_width = ticks
        .iter()
        .map(|(_, text)| text_width(text, SMALL))
        .fold(0.0, f64::max);
    let plot = Plot {
        table,
        scale,
        top,
        bottom: top + PLOT_HEIGHT,
        left: MARGIN + tick_width + 10.0,
        right: WIDTH - MARGIN - if has_names { widest + NAME_INDENT + 8.0 } else { 0.0 },
    };
    for (value, text) in ticks {
        let y = plot.y(value);
        canvas.line((plot.left, y), (plot.right, y), GRID, 1.0);
        canvas.text(&Text {
            colour: MUTED,
            ..Text::new(plot.left - 8.0, y + SMALL * 0.35, Anchor::End, &text)
        });
    }
    let ground = if plot.scale.low <= 0.0 {
        plot.y(0.0)
    } else {
        plot.bottom
    };
    canvas.line((plot.left, ground), (plot.right, ground), INK, 1.5);
    plot.draw_lines(canvas);
    if has_names {
        plot.name_lines(canvas);
    }
    plot.name_rows(canvas)
}

/// From nought, unless the values lie so close together far above it that their course would not show.
fn scale(table: &Table) -> Scale {
    let (low, high) = (table.smallest(), table.greatest());
    let is_far = low > 0.0 && high > low && high - low < low / 3.0;
    let low = if is_far { low } else { low.min(0.0) };
    Scale::new(low, high.max(0.0), 5, table.decimals == 0)
}

fn caption(chart: &Chart<'_>, scale: &Scale) -> String {
    let caption = chart.caption();
    let ticks = scale.ticks();
    match ticks.first() {
        Some((value, text)) if *value > 0.0 => {
            let note = format!("die Achse beginnt bei {text}");
            if caption.is_empty() {
                format!("Hinweis: {note}")
            } else {
                format!("{caption}; {note}")
            }
        }
        _ => caption,
    }
}

struct Plot<'a> {
    table: &'a Table,
    scale: Scale,
    top: f64,
    bottom: f64,
    left: f64,
    right: f64,
}

impl Plot<'_> {
    fn band(&self) -> f64 {
        (self.right - self.left) / self.table.rows.len() as f64
    }

    fn x(&self, row: usize) -> f64 {
        self.left + (row as f64 + 0.5) * self.band()
    }

    fn y(&self, value: f64) -> f64 {
        self.scale.place(value, self.bottom, self.top)
    }

    fn points(&self, series: usize) -> Vec<Option<(f64, f64)>> {
        let point =
            |(row, values): (usize, &super::Row)| values.values[series].map(|value| (self.x(row), self.y(value)));
        self.table.rows.iter().enumerate().map(point).collect()
    }

    /// Where a value is not known, the line is interrupted.
    fn draw_lines(&self, canvas: &mut Canvas) {
        // The first series lies on top.
        for series in (0..self.table.series.len()).rev() {
            let points = self.points(series);
            for part in points.split(Option::is_none) {
                let part: Vec<(f64, f64)> = part.iter().flatten().copied().collect();
                if part.len() > 1 {
                    look::polyline(canvas, series, &part);
                }
            }
            for point in points.into_iter().flatten() {
                look::marker(canvas, series, point);
            }
        }
        let is_sparse = self.table.rows.len() <= MOST_WRITTEN && self.table.number_width() <= self.band() - 4.0;
        if self.table.series.len() == 1 && is_sparse {
            self.write_values(canvas);
        }
    }

    /// Each on the side of its point that the line leaves free.
    fn write_values(&self, canvas: &mut Canvas) {
        let values: Vec<Option<f64>> = self.table.rows.iter().map(|row| row.values[0]).collect();
        for (row, value) in values.iter().enumerate() {
            let Some(value) = *value else { continue };
            let is_above = |other: Option<f64>| other.is_some_and(|other| other > value);
            let before = row.checked_sub(1).and_then(|row| values[row]);
            let after = values.get(row + 1).copied().flatten();
            let (x, y) = (self.x(row), self.y(value));
            let has_room_below = y + 2.0 * SMALL < self.bottom;
            let (x, y, anchor) = match (is_above(before), is_above(after)) {
                (true, true) if has_room_below => (x, y + SMALL + 8.0, Anchor::Middle),
                (false, true) if before.is_some() => (x + 5.0, y - 10.0, Anchor::End),
                (true, false) if after.is_some() => (x - 5.0, y - 10.0, Anchor::Start),
                _ => (x, y - 11.0, Anchor::Middle),
            };
            canvas.text(&Text {
                has_halo: true,
                ..Text::new(x, y, anchor, &self.table.number(value))
            });
        }
    }

    /// The names stand beside the last points, moved apart where these lie close together. A line that ends early is named where it ends.
    fn name_lines(&self, canvas: &mut Canvas) {
        let last_row = self.table.rows.len() - 1;
        let mut ends: Vec<(f64, usize)> = Vec::new();
        for (series, name) in self.table.series.iter().enumerate() {
            let points = self.points(series);
            if let Some((_, y)) = points[last_row] {
                ends.push((y, series));
            } else if let Some(row) = points.iter().rposition(Option::is_some) {
                self.name_where_it_ends(canvas, series, row, name);
            }
        }
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        let places = self.apart(ends.iter().map(|(y, _)| *y).collect());
        // Where all names stand at their lines, marks beside them would only look like further values.
        let has_marks = ends.iter().zip(&places).any(|((end, _), place)| end != place);
        let reach = if has_marks { 6.0 } else { NAME_INDENT - 6.0 };
        for ((end, series), place) in ends.into_iter().zip(places) {
            let colour = look::colour(series);
            canvas.line((self.x(last_row) + 8.0, end), (self.right + reach, place), colour, 1.0);
            if has_marks {
                look::marker(canvas, series, (self.right + 14.0, place));
            }
            canvas.text(&Text {
                colour,
                ..Text::new(
                    self.right + NAME_INDENT,
                    place + SMALL * 0.35,
                    Anchor::Start,
                    &self.table.series[series],
                )
            });
        }
    }

    /// Below the line that is named, where another one runs above it.
    fn name_where_it_ends(&self, canvas: &mut Canvas, series: usize, row: usize, name: &str) {
        let values = &self.table.rows[row].values;
        let Some(value) = values[series] else { return };
        let is_below = values.iter().flatten().any(|other| *other > value);
        let y = self.y(value) + if is_below { SMALL } else { -0.3 * SMALL };
        canvas.text(&Text {
            colour: look::colour(series),
            has_halo: true,
            ..Text::new(self.x(row) + 10.0, y, Anchor::Start, name)
        });
    }

    /// Places that leave room for a line of words each, downwards first, and back up where the plot ends.
    fn apart(&self, mut places: Vec<f64>) -> Vec<f64> {
        for n in 1..places.len() {
            places[n] = places[n].max(places[n - 1] + LINE_HEIGHT);
        }
        let mut below = self.bottom + LINE_HEIGHT;
        for place in places.iter_mut().rev() {
            *place = place.min(below - LINE_HEIGHT);
            below = *place;
        }
        places
    }

    /// Level where there is room, slanted otherwise; with very many rows not all of them.
    fn name_rows(&self, canvas: &mut Canvas) -> f64 {
        let rows = &self.table.rows;
        let level = |room: f64| {
            rows.iter()
                .map(|row| wrapped(&row.label, SMALL, room, 2))
                .collect::<Option<Vec<_>>>()
        };
        let narrowest = 1.4 * SMALL;
        let every = if self.band() >= narrowest {
            1
        } else {
            (3.0 * narrowest / self.band()).ceil() as usize
        };
        if let Some(labels) = level(self.band() * every as f64 - 8.0) {
            for (index, lines) in labels.iter().enumerate().step_by(every) {
                for (n, line) in lines.iter().enumerate() {
                    let y = self.bottom + 8.0 + (n + 1) as f64 * LINE_HEIGHT - 3.0;
                    canvas.text(&Text::new(self.x(index), y, Anchor::Middle, line));
                }
            }
            let most = labels.iter().step_by(every).map(Vec::len).max().unwrap_or(1);
            return self.bottom + 8.0 + most as f64 * LINE_HEIGHT + MARGIN;
        }
        let mut deepest = 0.0;
        for (index, row) in rows.iter().enumerate().step_by(every) {
            let room = LONGEST_SLANTED.min((self.x(index) - 8.0) / FRAC_1_SQRT_2);
            let label = shortened(&row.label, SMALL, room);
            deepest = text_width(&label, SMALL).max(deepest);
            canvas.text(&Text {
                is_slanted: true,
                ..Text::new(self.x(index) + 5.0, self.bottom + 16.0, Anchor::End, &label)
            });
        }
        self.bottom + 22.0 + deepest * FRAC_1_SQRT_2 + MARGIN
    }
}
