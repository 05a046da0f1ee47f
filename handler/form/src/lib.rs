//! What a form is, and whether a workbook fills it.
//!
//! Bytes and values in, values out: this library opens no file, asks no clock and knows neither HTTP nor SQL.
//! A form on its way: `definition` (formular.toml) with a `Vordruck` (what one Träger's form is prefilled with) gives
//! a workbook (`write`). A workbook that comes back passes `guard`, is read into a `Grid` (`read`) and checked
//! (`check`); what is wrong with it comes as `Finding`s.

mod changes;
mod definition;
pub mod problem;

mod eintraege;
mod examine;
mod expression;
mod grid;
mod value;
mod vordruck;

mod write;

mod guard;
mod read;

mod check;
mod finding;
mod rule;

mod ausfuellhilfe;
mod beispiel;
pub mod bericht;
pub mod loeschkonzept;
pub mod routes;

#[cfg(feature = "testing")]
pub mod testing;

pub use ausfuellhilfe::{Ausfuellhilfe, ausfuellhilfe};
pub use beispiel::{Beispiel, beispiel, beispiel_vordruck};
pub use changes::{Change, changes};
pub use definition::{Choice, Field, FieldKind, Form, Prefill, Sheet, SheetKind};
pub use eintraege::{Eintraege, Pruefhinweis, Spot};
pub use examine::{Examination, examine};
pub use finding::{Finding, Place, Severity, can_be_corrected, code_words, runs};
pub use grid::{Cell, cell_name};
pub use guard::Unreadable;
pub use problem::Problem;
pub use rule::names_an_email;
pub use value::{Cent, Row, Rows, Schulnummer, Traegernummer, Value, date_text, day_text};
pub use vordruck::{Runde, Schule, Traeger, Vordruck};
pub use write::{WriteError, write};
