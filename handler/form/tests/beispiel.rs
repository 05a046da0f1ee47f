//! The workbooks that everybody may look at.

mod common;

use common::form;
use form::{Cent, beispiel, beispiel_vordruck, examine};

#[test]
fn the_filled_example_of_the_real_form_has_nothing_to_correct() {
    let day = "2026-11-22".parse().expect("a day");
    let made = beispiel(&form(), day).expect("workbooks").expect("a day");
    let workbook = made.ausgefuellt.expect("a filled example");
    let vordruck = beispiel_vordruck(day).expect("made-up data");
    let examination = examine(&form(), &vordruck, &workbook).expect("a readable workbook");
    assert_eq!(examination.findings, []);
    let rows = examination.rows.expect("rows");
    assert_eq!(rows["schulen"].len(), 3);
    for school in &rows["schulen"] {
        assert!(school.money("verausgabt").expect("an amount") > Cent(0));
        assert!(school.text("schwerpunkt").is_some(), "{school:?}");
    }
    let again = beispiel(&form(), day).expect("workbooks").expect("a day");
    assert_eq!((again.muster, again.ausgefuellt), (made.muster, Some(workbook)));
}
