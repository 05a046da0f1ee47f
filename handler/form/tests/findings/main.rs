//! What is wrong in a workbook is said at its place, once, with what to do.

#[path = "../common/mod.rs"]
mod common;

mod cells;
mod form_and_sheets;
mod rules;
mod words;

use common::{codes, codes_of, form, hints, schulen, vordruck};
use expect_test::Expect;
use form::testing::Typed;
use form::{Vordruck, examine};

fn check(workbook: &[u8], expected: Expect) {
    expected.assert_eq(&hints(workbook));
}

/// What is said about one cell of the sheet „Schulen“.
fn cell(name: &str, typed: Typed<'_>) -> String {
    codes(&schulen(&[(name, typed)]))
}

fn examined_as(change: impl FnOnce(&mut Vordruck), workbook: &[u8]) -> String {
    let mut vordruck = vordruck();
    change(&mut vordruck);
    codes_of(&examine(&form(), &vordruck, workbook).expect("readable"))
}
