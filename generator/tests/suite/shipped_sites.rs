//! The sites and the theme that this repository publishes.

use std::path::Path;

use crate::project::{run, text};

#[test]
fn the_shipped_sites_have_no_problems() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = run(&root, &["check"]);
    assert_eq!(text(&output.stderr), "");
    assert_eq!(text(&output.stdout), "Alles in Ordnung.\n");
    assert!(output.status.success());
}
