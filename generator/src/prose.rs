//! Judges German words: link texts that say nothing, sentences that go on too long, spellings that are not the agreed ones.

mod link_texts;
mod sentences;
mod spellings;

pub use link_texts::says_nothing;
pub use sentences::long_sentences;
pub use spellings::{Spelling, spelling_problem, spellings, spellings_in_value};
