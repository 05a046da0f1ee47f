//! Whatever is rightly filled in comes back as it was meant, however it was typed; whatever is broken is found at its
//! own cell and nowhere else.

#[path = "../common/mod.rs"]
mod common;

mod breaks;
mod forms;
mod plan;

use breaks::{break_rule, breaks, check_broken};
use form::{Cent, Value};
use forms::{alle_arten, chancenbudget, filled, spent};
use plan::{Plan, found, habits, text};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeSet;

fn check_round_trip(plan: &Plan, habits: &[u8]) -> Result<(), TestCaseError> {
    let examination = plan.examine(&plan.workbook(habits));
    prop_assert_eq!(&examination.findings, &[]);
    prop_assert_eq!(examination.rows, Some(plan.rows()));
    // What is stored says the same.
    let again = plan.examine(&examination.repacked);
    prop_assert_eq!(again.rows, Some(plan.rows()));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, rng_seed: RngSeed::Fixed(2026), ..ProptestConfig::default() })]

    #[test]
    fn the_real_form_comes_back_as_it_was_meant(schools in prop::option::weighted(0.9, vec(spent(), 3)), habits in habits()) {
        check_round_trip(&chancenbudget(schools.as_deref()), &habits)?;
    }

    #[test]
    fn a_form_with_all_kinds_of_fields_comes_back_as_it_was_meant(filled in filled(), habits in habits()) {
        check_round_trip(&alle_arten(&filled), &habits)?;
    }

    #[test]
    fn each_broken_cell_of_the_real_form_is_found_and_no_other(
        schools in vec(spent(), 3), habits in habits(), breaks in breaks()
    ) {
        check_broken(&chancenbudget(Some(&schools)), &habits, &breaks)?;
    }

    #[test]
    fn each_broken_cell_of_a_form_with_all_kinds_of_fields_is_found_and_no_other(
        filled in filled(), habits in habits(), breaks in breaks()
    ) {
        check_broken(&alle_arten(&filled), &habits, &breaks)?;
    }

    #[test]
    fn each_broken_rule_is_found_at_its_own_cell(
        filled in filled(), habits in habits(), broken in vec(0..9_usize, 4), front in vec(any::<bool>(), 3)
    ) {
        let mut plan = alle_arten(&filled);
        let mut expected = BTreeSet::new();
        for (line, which) in broken.into_iter().enumerate() {
            break_rule(&mut plan, line, which, &mut expected);
        }
        if front[0] {
            plan.mean("deckblatt", 0, "richtig", Value::YesNo(false));
            expected.insert(plan.expect("V8", "deckblatt", 0, "richtig"));
        }
        if front[1] {
            plan.mean("deckblatt", 0, "zahl", Value::Integer(-1));
            expected.insert(plan.expect("W1", "deckblatt", 0, "zahl"));
        }
        if front[2] {
            for line in 0..6 {
                plan.mean("zeilen", line, "was", text("etwas"));
                plan.mean("zeilen", line, "kosten", Value::Money(Cent(300_000)));
            }
            expected.insert(("W2".to_owned(), "Weitere Zeilen".to_owned(), String::new()));
        }
        prop_assert_eq!(found(&plan.examine(&plan.workbook(&habits))), expected);
    }
}
