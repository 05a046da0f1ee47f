//! Any text as the sheet of schools in a workbook that is right apart from it.
#![no_main]

mod common;

use form::testing::edit;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static WORKBOOK: LazyLock<Vec<u8>> = LazyLock::new(common::empty);

fuzz_target!(|text: &str| {
    common::examined(&edit(&WORKBOOK, "xl/worksheets/sheet3.xml", |_| text.to_owned()));
});
