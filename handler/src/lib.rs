//! Takes authenticated uploads, has each examined in a child process, and keeps what is clean in one SQLite file.
//!
//! `upload` tells the story of an upload. The outer world stands in few modules: `http` knows the socket, `store`
//! SQLite, `clock` the time, `child` and `sandbox` the process that reads strangers' files, `config` and `demo` the disk.

pub mod config;

pub mod app;
mod body;
pub mod http;
pub mod protokoll;
pub mod upload;

pub mod child;
pub mod pages;
pub mod rejection;
mod room;
pub mod sandbox;

pub mod store;

mod abgleich;
mod fristen;
mod mail;
pub mod outbox;
mod zugang;

pub mod bericht;

pub mod clock;
pub mod command;
pub mod demo;
mod einreichung;
mod lists;
