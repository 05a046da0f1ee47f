//! Words within XML, as charts (SVG) and feeds (Atom) need them.

/// Escapes what XML would read as markup, and leaves out the control characters that no XML file may hold.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => escaped.push(character),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_and_control_characters_are_left_out() {
        assert_eq!(
            escape("Schule & Träger <b>\"a\"</b>\u{b}\n"),
            "Schule &amp; Träger &lt;b&gt;&quot;a&quot;&lt;/b&gt;\n"
        );
    }
}
