//! The generator as editors meet it: a small project in a temporary folder, the real binary, and what it says.

mod project;

mod checks;

mod accessibility;
mod commands;
mod notices;
mod raw_html;
mod site;
mod sources;
mod theme;
mod words;

mod edits;
mod features;
mod foreign;
mod languages;
mod output;
mod serve;
mod shipped_sites;
