//! The words of some HTML, as a person reads them.

use std::ops::Range;

use memchr::memchr;

use super::scanner::{Attribute, Markup, Scanner, lower_case};

/// The visible words of some HTML, one space between them and none where a tag stands within a word.
pub fn text(html: &str) -> String {
    words(html, false)
}

/// Where the texts between tags stand.
pub fn texts(html: &str) -> Vec<Range<usize>> {
    let mut texts = Vec::new();
    let mut scanner = Scanner::new(html);
    while scanner.next_markup().is_some() {
        texts.push(scanner.text.clone());
    }
    texts.push(scanner.text);
    texts
}

/// Where the texts between tags stand, one list for each block: a tag within a sentence does not end it.
pub fn blocks(html: &str) -> Vec<Vec<Range<usize>>> {
    let mut blocks = vec![Vec::new()];
    let mut scanner = Scanner::new(html);
    loop {
        let markup = scanner.next_markup();
        if let (Some(block), false) = (blocks.last_mut(), scanner.text.is_empty()) {
            block.push(scanner.text.clone());
        }
        match markup {
            None => return blocks,
            Some(Markup::Start(tag) | Markup::End(tag)) if !stands_within_sentences(&lower_case(tag)) => {
                blocks.push(Vec::new());
            }
            Some(_) => {}
        }
    }
}

/// The visible words, and where `with_labels` says so those that are read out in place of an image.
pub fn words(html: &str, with_labels: bool) -> String {
    let mut words = Words::default();
    let mut scanner = Scanner::new(html);
    while let Some(markup) = scanner.next_markup() {
        words.push(&html[scanner.text.clone()]);
        let (Markup::Start(tag) | Markup::End(tag)) = markup else {
            continue;
        };
        words.gap |= !stands_within_words(&lower_case(tag));
        if !with_labels {
            continue;
        }
        while let Some(Attribute { name, value }) = scanner.next_attribute() {
            if name.eq_ignore_ascii_case("alt") || name.eq_ignore_ascii_case("aria-label") {
                words.gap = true;
                words.push(value);
                words.gap = true;
            }
        }
    }
    words.push(&html[scanner.text.clone()]);
    // Where a word may be broken is nothing to search for.
    if words.text.contains(SOFT_HYPHEN) {
        words.text.retain(|c| c != SOFT_HYPHEN);
    }
    words.text
}

const SOFT_HYPHEN: char = '\u{ad}';

/// Text with one space between its words.
#[derive(Default)]
struct Words {
    text: String,
    /// What comes next is a word of its own.
    gap: bool,
}

impl Words {
    /// Adds text as it stands in HTML.
    fn push(&mut self, mut html: &str) {
        while let Some(at) = memchr(b'&', html.as_bytes()) {
            self.push_plain(&html[..at]);
            let (meant, length) = decode(&html[at..]);
            self.push_plain(meant.encode_utf8(&mut [0; 4]));
            html = &html[at + length..];
        }
        self.push_plain(html);
    }

    fn push_plain(&mut self, text: &str) {
        self.gap |= text.starts_with(char::is_whitespace);
        for word in text.split_whitespace() {
            if self.gap && !self.text.is_empty() {
                self.text.push(' ');
            }
            self.text.push_str(word);
            self.gap = true;
        }
        if let Some(last) = text.chars().next_back() {
            self.gap = last.is_whitespace();
        }
    }
}

/// Elements that may stand in the middle of a word. A raised number is a footnote's more often than part of a word.
#[rustfmt::skip] // One element a line would hide that it is one list.
fn stands_within_words(tag: &str) -> bool {
    matches!(
        tag,
        "a" | "abbr" | "b" | "bdi" | "bdo" | "cite" | "code" | "data" | "del" | "dfn" | "em" | "font" | "i" | "ins" | "kbd"
            | "mark" | "q" | "s" | "samp" | "small" | "span" | "strong" | "sub" | "time" | "u" | "var" | "wbr"
    )
}

fn stands_within_sentences(tag: &str) -> bool {
    stands_within_words(tag) || matches!(tag, "img" | "sup")
}

/// The character that an entity stands for, and the length of the entity; any other `&` stands for itself.
fn decode(html: &str) -> (char, usize) {
    const LONGEST: usize = 10;
    let itself = ('&', 1);
    let Some(end) = html.bytes().take(LONGEST).position(|byte| byte == b';') else {
        return itself;
    };
    let name = &html[1..end];
    let meant = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => number.parse().ok(),
        }
        .and_then(char::from_u32),
        None => NAMED.iter().find(|(known, _)| *known == name).map(|(_, meant)| *meant),
    };
    meant.map_or(itself, |meant| (meant, end + 1))
}

/// The entities that people write, and those that programs write.
const NAMED: [(&str, char); 22] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("shy", SOFT_HYPHEN),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("szlig", 'ß'),
    ("eacute", 'é'),
    ("euro", '€'),
    ("sect", '§'),
    ("ndash", '–'),
    ("hellip", '…'),
    ("bdquo", '„'),
    ("ldquo", '“'),
    ("rdquo", '”'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_people_read() {
        for (html, expected) in [
            (
                "<h2 id=a>Frist</h2>\n<p>bis  zum\n31. <b>März</b></p>",
                "Frist bis zum 31. März",
            ),
            ("Schul<wbr>tr&auml;ger<i>nummer</i>", "Schulträgernummer"),
            ("F&ouml;r&shy;der\u{ad}mittel", "Fördermittel"),
            ("<ul><li>A</li><li>B</li></ul>C<br>D<td>E<td>F", "A B C D E F"),
            (
                "a &lt; b &amp;amp; c&nbsp;d &quot;e&quot; &#39;f&#39; &#x27;g&#x27;",
                "a < b &amp; c d \"e\" 'f' 'g'",
            ),
            (
                "R & D, &unbekannt; &; & und &#xFFFFFFF;",
                "R & D, &unbekannt; &; & und &#xFFFFFFF;",
            ),
            (
                "a<!-- nie -->b<script>nie</script> <style>nie</style>c 1 < 2",
                "ab c 1 < 2",
            ),
            ("<img alt=nie src=a> Bild", "Bild"),
            ("", ""),
        ] {
            assert_eq!(text(html), expected, "{html}");
        }
    }
}
