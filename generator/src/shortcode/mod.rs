//! Commands in Markdown texts: `{{ frist(id="…") }}` within a sentence, `{{ download(…) }}` as a paragraph, `{% hinweis() %} … {% ende %}` around others.
//!
//! What a command needs to know is worked out here; what it looks like is the theme's template `kurzbefehle/<name>.html`.

mod call;
mod commands;
mod values;

pub use call::{Call, call, calls, is_end};
pub use commands::{block, inline, is_block, may_have_body};
pub use values::{date_value, sha256_text, size_text};

use form::loeschkonzept::{Klasse, Loeschkonzept};
use form::problem::nearest;

use crate::problem::Refusal;

/// The Löschklassen that a text can refer to.
#[derive(Debug, Clone, Copy)]
pub enum Klassen<'a> {
    /// The site has no deletion concept.
    Missing,
    /// It has one with problems of its own; what refers to it is not judged.
    Unreadable,
    Known(&'a Loeschkonzept),
}

impl<'a> Klassen<'a> {
    /// A Löschklasse by its id; `None` while the deletion concept cannot be read.
    pub fn find(self, id: &str) -> Result<Option<&'a Klasse>, Refusal> {
        let remedy = match self {
            Klassen::Unreadable => return Ok(None),
            Klassen::Missing => "Die Site hat keine loeschkonzept.toml; legen Sie sie neben site.toml an.".to_owned(),
            Klassen::Known(loeschkonzept) => match loeschkonzept.klasse(id) {
                Some(klasse) => return Ok(Some(klasse)),
                None => match nearest(
                    id,
                    &loeschkonzept
                        .klassen
                        .iter()
                        .map(|klasse| klasse.id.as_str())
                        .collect::<Vec<_>>(),
                ) {
                    Some(near) => format!("Meinten Sie „{near}“?"),
                    None => "Ergänzen Sie die Löschklasse in loeschkonzept.toml.".to_owned(),
                },
            },
        };
        Err((
            "E-LOESCHKLASSE",
            format!("Die Löschklasse „{id}“ steht nicht in loeschkonzept.toml."),
            remedy,
        ))
    }
}
