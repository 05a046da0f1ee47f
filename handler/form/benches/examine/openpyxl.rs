//! The same workbook, read and checked by a Python script.

use anyhow::{Context, Result, ensure};
use form::{FieldKind, Form, Vordruck};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const SCRIPT: &str = include_str!("openpyxl.py");

/// A workbook for openpyxl; nothing where that is not installed.
pub struct Reader {
    folder: Option<TempDir>,
    times: Vec<Duration>,
}

impl Reader {
    pub fn new(form: &Form, vordruck: &Vordruck, workbook: &[u8]) -> Result<Reader> {
        let installed = Command::new("python3")
            .args(["-c", "import openpyxl"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        let mut folder = None;
        if installed {
            let made = tempfile::tempdir()?;
            std::fs::write(made.path().join("form.xlsx"), workbook)?;
            std::fs::write(made.path().join("expected.json"), expected(form, vordruck).to_string())?;
            std::fs::write(made.path().join("check.py"), SCRIPT)?;
            folder = Some(made);
        }
        Ok(Reader {
            folder,
            times: Vec::new(),
        })
    }

    /// Lets the script read and check once; it times itself, so that Python's start does not count.
    pub fn measure(&mut self) -> Result<()> {
        // Slow enough that few runs say as much as many.
        let Some(folder) = self.folder.as_ref().filter(|_| self.times.len() < 5) else {
            return Ok(());
        };
        let path = |name: &str| -> PathBuf { folder.path().join(name) };
        let output = Command::new("python3")
            .args([path("check.py"), path("form.xlsx"), path("expected.json")])
            .output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let answer: Value = serde_json::from_slice(&output.stdout)?;
        ensure!(answer["findings"] == 0, "openpyxl's script found {answer}");
        self.times
            .push(Duration::from_secs_f64(answer["seconds"].as_f64().context("seconds")?));
        Ok(())
    }

    pub fn times(&mut self) -> Option<&mut [Duration]> {
        (!self.times.is_empty()).then_some(&mut self.times)
    }
}

/// What the script is to expect of each column of the sheet with one row per school.
fn expected(form: &Form, vordruck: &Vordruck) -> Value {
    let sheet = form.sheets.iter().find(|sheet| !sheet.is_once());
    let fields = sheet.into_iter().flat_map(|sheet| &sheet.fields).map(|field| {
        let kind = match &field.kind {
            FieldKind::Money => "money",
            FieldKind::Choice(_) => "choice",
            FieldKind::Schulnummer => "schulnummer",
            FieldKind::Integer => "integer",
            FieldKind::Computed(_) => "computed",
            _ => "text",
        };
        let choices: Vec<String> = match &field.kind {
            FieldKind::Choice(choices) => choices.iter().map(form::Choice::cell_text).collect(),
            _ => Vec::new(),
        };
        let prefilled = field.prefill.map(|prefill| {
            let values = (0..vordruck.schulen.len()).map(|line| match vordruck.prefill(prefill, line) {
                Some(form::Value::Money(cent)) => json!(cent.to_euros()),
                Some(form::Value::Text(code)) => {
                    json!(
                        choices
                            .iter()
                            .find(|choice| choice.split(' ').next() == Some(&code))
                            .unwrap_or(&code)
                    )
                }
                other => json!(other),
            });
            values.collect::<Vec<_>>()
        });
        json!({
            "id": field.id, "kind": kind, "required": field.required, "min": field.min, "max": field.max,
            "max_length": field.max_length, "choices": choices, "prefilled": prefilled,
        })
    });
    json!({ "sheet": sheet.map(|sheet| &sheet.title), "rows": vordruck.schulen.len(), "fields": fields.collect::<Vec<_>>() })
}
