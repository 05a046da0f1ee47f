//! How series are told apart: by colour, and without it by hatching, dashes and markers.

use std::fmt::Write as _;

use super::canvas::{
    Anchor, Canvas, LINE_HEIGHT, MARGIN, NORMAL, PAPER, SMALL, Text, WIDTH, lines_of, number, shortened, text_width,
};
use super::{Chart, Kind, MAX_SERIES};

/// Dark enough to write with on white. Neighbours differ in lightness too.
const COLOURS: [&str; MAX_SERIES] = ["#00565f", "#a45a00", "#5b3a9e", "#2d73b5", "#9f1a1d", "#4b7a16"];

const DASHES: [&str; MAX_SERIES] = ["", "9 5", "2 4", "12 4 2 4", "6 3", "14 6"];

/// What the tile of eight by eight points holds that fills the bars of a series; the first is filled altogether.
const HATCHES: [&str; MAX_SERIES] = [
    "",
    "M-2 2l4-4M0 8l8-8M6 10l4-4",
    "M2 0v8M6 0v8",
    "M0 2h8M0 6h8",
    "M-2 6l4 4M0 0l8 8M6-2l4 4M-2 2l4-4M0 8l8-8M6 10l4-4",
    "M3 4h2",
];

/// Between the swatch and its words, and between entries.
const GAP: f64 = 8.0;
const SWATCH: f64 = 18.0;

pub fn colour(series: usize) -> &'static str {
    COLOURS[series % MAX_SERIES]
}

/// What fills the bars of a series.
pub fn fill(series: usize) -> String {
    match series % MAX_SERIES {
        0 => COLOURS[0].to_owned(),
        hatched => format!("url(#muster-{hatched})"),
    }
}

/// The hatchings that `fill` names.
pub fn define_hatches(canvas: &mut Canvas, series: usize) {
    for n in 1..series.min(MAX_SERIES) {
        let colour = COLOURS[n];
        canvas.element(&format!(
            "<pattern id=\"muster-{n}\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">\
             <rect width=\"8\" height=\"8\" fill=\"{PAPER}\"/><path d=\"{}\" stroke=\"{colour}\" stroke-width=\"2\" fill=\"none\"/></pattern>",
            HATCHES[n]
        ));
    }
}

/// A bar with an outline, so that its end shows whatever fills it.
pub fn bar(canvas: &mut Canvas, series: usize, (x, y): (f64, f64), (width, height): (f64, f64)) {
    let line = 1.5;
    let (inner_width, inner_height) = ((width - line).max(0.1), (height - line).max(0.1));
    canvas.element(&format!(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\" stroke=\"{}\" stroke-width=\"{line}\"/>",
        number(x + line / 2.0),
        number(y + line / 2.0),
        number(inner_width),
        number(inner_height),
        fill(series),
        colour(series)
    ));
}

/// A line through points that follow each other without a gap.
pub fn polyline(canvas: &mut Canvas, series: usize, points: &[(f64, f64)]) {
    let mut places = String::new();
    for (x, y) in points {
        let _ = write!(places, "{},{} ", number(*x), number(*y));
    }
    let dashes = match DASHES[series % MAX_SERIES] {
        "" => String::new(),
        dashes => format!(" stroke-dasharray=\"{dashes}\""),
    };
    canvas.element(&format!(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2.5\" stroke-linejoin=\"round\"{dashes}/>",
        places.trim_end(),
        colour(series)
    ));
}

/// The mark of a series at a point: disc, square, triangle, diamond, ring, cross.
pub fn marker(canvas: &mut Canvas, series: usize, (x, y): (f64, f64)) {
    let colour = colour(series);
    let (x, y) = (number(x), number(y));
    let place = format!("transform=\"translate({x} {y})\"");
    let filled = format!("fill=\"{colour}\" stroke=\"{PAPER}\"");
    canvas.element(&match series % MAX_SERIES {
        0 => format!("<circle r=\"5\" {filled} {place}/>"),
        1 => format!("<rect x=\"-4.5\" y=\"-4.5\" width=\"9\" height=\"9\" {filled} {place}/>"),
        2 => format!("<path d=\"M0-6l6 10.5h-12z\" {filled} {place}/>"),
        3 => format!("<path d=\"M0-6.5l6.5 6.5l-6.5 6.5l-6.5-6.5z\" {filled} {place}/>"),
        4 => format!("<circle r=\"4.5\" fill=\"{PAPER}\" stroke=\"{colour}\" stroke-width=\"2.5\" {place}/>"),
        _ => format!("<path d=\"M-4.5-4.5l9 9M-4.5 4.5l9-9\" stroke=\"{colour}\" stroke-width=\"3\" {place}/>"),
    });
}

/// Caption and key above the chart; gives back where the chart may begin.
pub fn head(canvas: &mut Canvas, chart: &Chart<'_>, caption: &str, has_key: bool) -> f64 {
    let mut top = MARGIN;
    for line in lines_of(caption, NORMAL, WIDTH - 2.0 * MARGIN)
        .iter()
        .filter(|line| !line.is_empty())
    {
        let baseline = top + NORMAL * 0.8;
        canvas.text(&Text {
            size: NORMAL,
            ..Text::new(MARGIN, baseline, Anchor::Start, line)
        });
        top += LINE_HEIGHT + 2.0;
    }
    if has_key {
        top = key(canvas, chart, top + 6.0) + LINE_HEIGHT;
    }
    top + 14.0
}

/// A swatch and a name for each series, in as many rows as it takes; gives back the top of the last one.
fn key(canvas: &mut Canvas, chart: &Chart<'_>, top: f64) -> f64 {
    let swatch = match chart.kind {
        Kind::Saeulen => SWATCH,
        Kind::Linie => 2.0 * SWATCH,
    };
    let (mut x, mut y) = (MARGIN, top);
    for (series, name) in chart.table.series.iter().enumerate() {
        let name = shortened(name, SMALL, WIDTH - 2.0 * MARGIN - swatch - GAP);
        let width = swatch + GAP + text_width(&name, SMALL);
        if x > MARGIN && x + width > WIDTH - MARGIN {
            (x, y) = (MARGIN, y + LINE_HEIGHT + GAP);
        }
        match chart.kind {
            Kind::Saeulen => bar(canvas, series, (x, y), (swatch, SWATCH)),
            Kind::Linie => {
                let middle = y + SWATCH / 2.0;
                polyline(canvas, series, &[(x, middle), (x + swatch, middle)]);
                marker(canvas, series, (x + swatch / 2.0, middle));
            }
        }
        canvas.text(&Text::new(x + swatch + GAP, y + SWATCH * 0.78, Anchor::Start, &name));
        x += width + 3.0 * GAP;
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_can_be_read_on_white() {
        for colour in COLOURS {
            let contrast = 1.05 / (luminance(colour) + 0.05);
            assert!(contrast >= 4.5, "{colour}: {contrast}");
        }
    }

    /// Relative luminance as WCAG defines it.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }
}
