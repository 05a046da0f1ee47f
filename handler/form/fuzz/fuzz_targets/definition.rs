//! Any text as a form's definition.
#![no_main]

use form::Form;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    if let Ok(form) = Form::parse(source) {
        form::ausfuellhilfe(&form);
    }
});
