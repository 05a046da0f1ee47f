//! What people type to log in, brought into the one form in which it is kept and compared.

use unicode_normalization::UnicodeNormalization;

/// An e-mail address without case, without blanks around it and without characters that nobody sees. Wide characters
/// and decomposed umlauts become the usual ones.
pub fn plain_email(typed: &str) -> String {
    let visible: String = typed.nfkc().filter(|c| !is_invisible(*c)).collect();
    visible.trim().to_lowercase().nfkc().collect()
}

/// A Schulträgernummer or a code: no blanks anywhere, digits as ASCII.
pub fn plain_number(typed: &str) -> String {
    typed
        .nfkc()
        .filter(|c| !c.is_whitespace() && !is_invisible(*c))
        .collect()
}

/// What comes along when an address is copied out of a mail or a document: marks of direction, places to break a word.
fn is_invisible(c: char) -> bool {
    let mark = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    mark || (c.is_control() && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_the_same_however_they_were_typed_or_copied() {
        for typed in [
            "müller@köln.example",
            "\u{a0}MÜLLER@KÖLN.example\u{3000}",
            "mu\u{308}ller@ko\u{308}ln.example",
            "\u{202a}müller@köln.example\u{202c}",
            "m\u{ad}üller@köln\u{200b}.example\u{feff}",
            "ｍüｌｌｅｒ＠köln．example\t",
        ] {
            assert_eq!(plain_email(typed), "müller@köln.example", "{typed:?}");
        }
        assert_ne!(plain_email("mueller@köln.example"), plain_email("müller@köln.example"));
        assert_ne!(plain_email("a b@example.org"), plain_email("ab@example.org"));
    }

    #[test]
    fn numbers_lose_their_blanks() {
        for typed in ["10054", " 100 54", "１００５４", "100\u{a0}54\u{3000}", "\u{200b}10054"] {
            assert_eq!(plain_number(typed), "10054", "{typed:?}");
        }
    }
}
