//! Tables for people: columns under their heads, no wider than the terminal.

use super::say;
use anyhow::Result;
use std::io::IsTerminal;

/// Rows under heads. Where the terminal is too narrow, one column gives way.
pub(super) struct Table {
    pub heads: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
    /// The column that is shortened.
    pub gives_way: usize,
}

/// A shortened name still says who is meant.
const NARROWEST: usize = 12;

impl Table {
    pub(super) fn print(&self) -> Result<()> {
        for line in self.lines(terminal_width()) {
            say(line)?;
        }
        Ok(())
    }

    /// The lines, whole where there is no terminal.
    fn lines(&self, width: Option<usize>) -> Vec<String> {
        let mut widths: Vec<usize> = self.heads.iter().map(|head| head.chars().count()).collect();
        for row in &self.rows {
            for (known, cell) in widths.iter_mut().zip(row) {
                *known = (*known).max(cell.chars().count());
            }
        }
        let total: usize = widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1);
        if let (Some(width), Some(column)) = (width, widths.get_mut(self.gives_way)) {
            *column = column
                .saturating_sub(total.saturating_sub(width))
                .max(NARROWEST.min(*column));
        }
        let line = |cells: Vec<&str>| {
            let padded: Vec<String> = cells
                .iter()
                .zip(&widths)
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
        };
        expect_test::expect![[r#"
            Nummer  Träger                Stand
            10054   Stadt Duisburg        fehlt
            10039   Herne, Quinoa Schul…  eingegangen"#]]
        .assert_eq(&table.lines(Some(41)).join("\n"));
        assert!(table.lines(None)[2].contains("Herne, Quinoa Schulen der Zukunft gUG"));
    }
}
