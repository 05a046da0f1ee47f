//! What finished HTML says: to a browser that follows, loads and runs it, and to a person who reads it.

mod fragment;
mod outline;
mod quiet;
mod scanner;
mod words;

pub use fragment::{FragmentKind, fragment};
pub use outline::{Outline, is_script, outline, outline_around};
pub use quiet::quiet_places;
pub use words::{blocks, text, texts};

/// Where a slice of the page begins.
pub fn offset_in(html: &str, slice: &str) -> usize {
    slice.as_ptr().addr() - html.as_ptr().addr()
}
