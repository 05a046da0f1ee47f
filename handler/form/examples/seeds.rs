//! Writes what fuzzing starts from, made by our own writer: `seeds FOLDER`.

#[path = "../fuzz/fuzz_targets/common.rs"]
mod common;

use form::testing::part;
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or_else(|| "corpus".into()));
    let workbook = common::empty();
    common::examined(&workbook);
    let sheet = part(&workbook, "xl/worksheets/sheet3.xml");
    std::fs::write(folder.join("guard/empty.xlsx"), &workbook)?;
    std::fs::write(folder.join("sheet/schulen.xml"), sheet)?;
    std::fs::write(folder.join("definition/alle_arten.toml"), common::DEFINITION)
}
