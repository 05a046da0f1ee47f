//! Tables for people: columns under their heads, no wider than the terminal.

use super::say;
use anyhow::Result;
use std::io::IsTerminal;

/// Rows under heads. Columns in which nothing stands are left out.
pub(super) struct Table<'a> {
    pub heads: Vec<&'a str>,
    pub rows: Vec<Vec<String>>,
    /// The column that is shortened where the terminal is too narrow …
    pub gives_way: usize,
    /// … and those that are left out where that is not enough, one after the other.
    pub dispensable: &'static [usize],
}

/// A shortened name still says who is meant.
const NARROWEST: usize = 12;

impl Table<'_> {
    pub(super) fn print(&self) -> Result<()> {
        let width = terminal_width();
        for line in self.lines(width) {
            say(line)?;
        }
        let left_out = self.left_out(width);
        if !left_out.is_empty() {
            say(format_args!("\nFür dieses Fenster zu breit: {}.", left_out.join(", ")))?;
        }
        Ok(())
    }

    /// The lines, whole where there is no terminal.
    fn lines(&self, width: Option<usize>) -> Vec<String> {
        let widths = self.fitted(width);
        let line = |cells: Vec<&str>| {
            let shown = cells.iter().zip(&widths).filter(|(_, width)| **width > 0);
            let padded: Vec<String> = shown
                .map(|(cell, width)| format!("{:width$}", shortened(cell, *width)))
                .collect();
            padded.join("  ").trim_end().to_owned()
        };
        let head = line(self.heads.clone());
        let rows = self
            .rows
            .iter()
            .map(|row| line(row.iter().map(String::as_str).collect()));
        std::iter::once(head).chain(rows).collect()
    }

    /// Heads of columns for which there is no place.
    fn left_out(&self, width: Option<usize>) -> Vec<&str> {
        let all = self.widths().into_iter().zip(self.fitted(width));
        let heads = self.heads.iter().zip(all);
        let missing = heads.filter(|(_, (whole, fitted))| *whole > 0 && *fitted == 0);
        missing.map(|(head, _)| *head).collect()
    }

    /// How wide each column is shown.
    fn fitted(&self, width: Option<usize>) -> Vec<usize> {
        let mut widths = self.widths();
        if let Some(width) = width {
            for column in self.dispensable {
                if too_wide(&widths, width) > widths[self.gives_way].saturating_sub(NARROWEST) {
                    widths[*column] = 0;
                }
            }
            let over = too_wide(&widths, width);
            let name = &mut widths[self.gives_way];
            *name = name.saturating_sub(over).max(NARROWEST.min(*name));
        }
        widths
    }

    /// How wide each column is; 0 where nothing stands in it.
    fn widths(&self) -> Vec<usize> {
        let of_column = |(n, head): (usize, &&str)| {
            let widest = self
                .rows
                .iter()
                .filter_map(|row| row.get(n))
                .map(|cell| cell.chars().count());
            match widest.max() {
                None | Some(0) => 0,
                Some(widest) => widest.max(head.chars().count()),
            }
        };
        self.heads.iter().enumerate().map(of_column).collect()
    }
}

/// By how much columns with their gaps are wider than the terminal.
fn too_wide(widths: &[usize], terminal: usize) -> usize {
    let shown = widths.iter().filter(|width| **width > 0);
    shown.map(|width| width + 2).sum::<usize>().saturating_sub(terminal + 2)
}

fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}

fn terminal_width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_terminal_shortens_names_and_nothing_else() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let table = Table {
            heads: vec!["Nummer", "Träger", "Stand"],
            rows: vec![
                row(["10054", "Stadt Duisburg", "fehlt"]),
                row(["10039", "Herne, Quinoa Schulen der Zukunft gUG", "eingegangen"]),
            ],
            gives_way: 1,
            dispensable: &[2],
        };
        expect_test::expect![[r#"
            Nummer  Träger                Stand
            10054   Stadt Duisburg        fehlt
            10039   Herne, Quinoa Schul…  eingegangen"#]]
        .assert_eq(&table.lines(Some(41)).join("\n"));
        expect_test::expect![[r#"
            Nummer  Träger
            10054   Stadt Duisburg
            10039   Herne, Quinoa…"#]]
        .assert_eq(&table.lines(Some(22)).join("\n"));
        assert_eq!(table.left_out(Some(22)), ["Stand"]);
        assert!(table.lines(None)[2].contains("Herne, Quinoa Schulen der Zukunft gUG"));
    }
}
