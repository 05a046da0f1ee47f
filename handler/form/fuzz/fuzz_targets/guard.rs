//! Any bytes as an upload.
#![no_main]

mod common;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|upload: &[u8]| common::examined(upload));
