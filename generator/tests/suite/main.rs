//! The generator as editors meet it: a small project in a temporary folder, the real binary, and what it says.

mod project;

mod checks;
mod edits;
mod foreign;
mod notices;
mod output;
mod serve;
mod shipped_sites;
mod sources;
