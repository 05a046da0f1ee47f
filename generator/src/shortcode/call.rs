//! How a command is written: `name(key="value", other="value")` between `{{ }}` or `{% %}`.

use std::ops::Range;

use crate::problem::Refusal;

/// A command as it is written.
#[derive(Debug, PartialEq, Eq)]
pub struct Call<'t> {
    pub name: &'t str,
    pub arguments: Vec<(&'t str, &'t str)>,
}

const USAGE: &str =
    "Schreiben Sie Befehle so: {{ frist(id=\"serverprotokoll\") }}, mit jedem Wert in geraden Anführungszeichen.";

impl<'t> Call<'t> {
    /// The value of an argument.
    pub fn get(&self, key: &str) -> Option<&'t str> {
        self.arguments
            .iter()
            .find(|(known, _)| *known == key)
            .map(|(_, value)| *value)
    }
}

/// Every `{{ … }}` of a text, with its place, braces included.
pub fn calls(text: &str) -> Vec<(Range<usize>, Result<Call<'_>, Refusal>)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find("{{").map(|at| from + at) {
        let Some(close) = text[open..].find("}}").map(|at| open + at) else {
            let message = "Nach „{{“ fehlt „}}“ in derselben Zeile.".to_owned();
            found.push((open..text.len(), Err(("E-KURZBEFEHL", message, USAGE.to_owned()))));
            break;
        };
        found.push((open..close + 2, inner(text[open + 2..close].trim())));
        from = close + 2;
    }
    found
}

/// A text that is one command, in `{{ }}` or `{% %}`.
pub fn call(text: &str) -> Result<Call<'_>, Refusal> {
    inner(text.get(2..text.len().saturating_sub(2)).unwrap_or_default().trim())
}

/// Whether this is `{% ende %}`.
pub fn is_end(text: &str) -> bool {
    text.strip_prefix("{%")
        .and_then(|rest| rest.strip_suffix("%}"))
        .is_some_and(|inner| inner.trim() == "ende")
}

fn inner(text: &str) -> Result<Call<'_>, Refusal> {
    let unreadable = || {
        (
            "E-KURZBEFEHL",
            format!("„{text}“ lässt sich nicht lesen."),
            USAGE.to_owned(),
        )
    };
    let (name, rest) = text.split_once('(').ok_or_else(unreadable)?;
    let mut rest = rest.strip_suffix(')').ok_or_else(unreadable)?.trim();
    let mut arguments = Vec::new();
    while !rest.is_empty() {
        let (key, value) = rest.split_once('=').ok_or_else(unreadable)?;
        let value = value.trim_start().strip_prefix('"').ok_or_else(unreadable)?;
        let (value, after) = value.split_once('"').ok_or_else(unreadable)?;
        arguments.push((key.trim(), value));
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after.is_empty() => after,
            None => return Err(unreadable()),
        };
    }
    Ok(Call {
        name: name.trim(),
        arguments,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_may_hold_commas_and_brackets() {
        let call = call("{{ zitat(von=\"A, B (C)\" , quelle=\"\") }}").expect("a call");
        assert_eq!(call.name, "zitat");
        assert_eq!(call.arguments, [("von", "A, B (C)"), ("quelle", "")]);
    }

    #[test]
    fn what_is_half_written_is_refused() {
        for text in [
            "{{ frist }}",
            "{{ frist(id=x) }}",
            "{{ frist(id=\"x) }}",
            "{{ frist(id=\"x\" fall=\"y\") }}",
        ] {
            assert!(call(text).is_err(), "{text}");
        }
    }
}
