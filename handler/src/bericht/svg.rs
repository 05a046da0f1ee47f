//! Bars, drawn as SVG: a file that looks the same in any browser and on paper.

use form::Cent;
use std::fmt::Write;

const WIDTH: usize = 800;
const LABEL: usize = 320;
const VALUE: usize = 130;
const LINE: usize = 30;
const TOP: usize = 34;

/// One bar for each line, from the left; the same numbers stand in the table beside it.
pub fn bars(title: &str, lines: &[(String, Cent)]) -> String {
    let largest = lines.iter().map(|(_, cent)| cent.0).max().unwrap_or(0).max(1);
    let height = TOP + lines.len() * LINE + 8;
    let room = (WIDTH - LABEL - VALUE) as i128;
    // The attributes are for paper and for programs that know no style.
    let dark = "@media (prefers-color-scheme: dark) { .paper { fill: #101f23 } text { fill: #e6eeee } .bar { fill: #7fd0d6 } line { stroke: #a9bfc2 } }";
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" font-family=\"Arial, Helvetica, sans-serif\" font-size=\"14\">\n<title>{0}</title>\n<style>{dark}</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n<text x=\"0\" y=\"18\" font-weight=\"bold\" fill=\"#13272b\">{0}</text>\n",
        escaped(title)
    );
    for (n, (label, cent)) in lines.iter().enumerate() {
        let y = TOP + n * LINE;
        let length = i128::from(cent.0.max(0)) * room / i128::from(largest);
        let end = LABEL as i128 + length + 8;
        // Writing to a text cannot fail.
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#13272b\">{}</text><rect class=\"bar\" x=\"{LABEL}\" y=\"{}\" width=\"{}\" height=\"18\" fill=\"#00565f\"/><text x=\"{end}\" y=\"{}\" fill=\"#13272b\">{}</text>",
            LABEL - 10,
            y + 15,
            escaped(&shortened(label)),
            y + 1,
            length.max(1),
            y + 15,
            whole_euros(*cent)
        );
    }
    let bottom = height - 6;
    let _ = writeln!(
        svg,
        "<line x1=\"{LABEL}\" y1=\"{}\" x2=\"{LABEL}\" y2=\"{bottom}\" stroke=\"#465c61\"/>\n</svg>",
        TOP - 4
    );
    svg
}

/// Rounded half up; exact amounts stand in the table.
fn whole_euros(cent: Cent) -> String {
    let euros = Cent((cent.0 + 50).div_euclid(100) * 100).text();
    format!("{} €", euros.strip_suffix(",00").unwrap_or(&euros))
}

/// What fits beside the bars.
fn shortened(label: &str) -> String {
    const LETTERS: usize = 42;
    if label.chars().count() <= LETTERS {
        return label.to_owned();
    }
    let start: String = label.chars().take(LETTERS - 1).collect();
    format!("{}…", start.trim_end_matches([' ', ',']))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_fills_the_room_and_the_others_their_share() {
        let svg = bars(
            "A & B",
            &[("x<y".to_owned(), Cent(10_000)), ("z".to_owned(), Cent(5_000))],
        );
        assert!(svg.contains("A &amp; B") && svg.contains("x&lt;y"));
        assert!(
            svg.contains("width=\"350\" height=\"18\"") && svg.contains("width=\"175\" height=\"18\""),
            "{svg}"
        );
        assert!(svg.contains(">100 €<") && svg.contains(">50 €<"), "{svg}");
    }
}
