//! The tags of a template, word by word: enough to see which values it reads, and no more than Tera's own grammar.

/// What stands between `{{` and `}}`, or between `{%` and `%}`.
#[derive(Debug, PartialEq)]
pub(super) struct Tag<'t> {
    /// `{{ … }}`.
    pub prints: bool,
    pub tokens: Vec<Token<'t>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A word, or words joined by dots: `if`, `page.stand.iso`.
    Word(&'t str),
    /// A quoted text without its quotation marks; one with characters that mean something else is a sign.
    Text(&'t str),
    /// A number or a sign, or a part of one.
    Sign(&'t str),
}

impl<'t> Token<'t> {
    pub(super) fn word(self) -> Option<&'t str> {
        match self {
            Token::Word(word) => Some(word),
            Token::Text(_) | Token::Sign(_) => None,
        }
    }
}

/// All tags of a template in their order, without comments and without what `raw` prints as it is. `None` where one does not end; Tera
/// says so then.
pub(super) fn tags(template: &str) -> Option<Vec<Tag<'_>>> {
    let mut tags = Vec::new();
    let mut rest = template;
    while let Some(open) = next_open(rest) {
        let (sign, inside) = rest[open..].split_at(2);
        if sign == "{#" {
            rest = inside.split_once("#}")?.1;
            continue;
        }
        let (tag, after) = tag(inside, sign == "{{")?;
        rest = after;
        if !tag.prints && tag.tokens == [Token::Word("raw")] {
            rest = after_raw(rest)?;
            continue;
        }
        tags.push(tag);
    }
    Some(tags)
}

fn next_open(text: &str) -> Option<usize> {
    let opens = ["{{", "{%", "{#"];
    text.match_indices('{')
        .map(|(at, _)| at)
        .find(|at| opens.iter().any(|open| text[*at..].starts_with(open)))
}

/// What follows `{% endraw %}`.
fn after_raw(text: &str) -> Option<&str> {
    let mut ends = text.match_indices("{%").filter_map(|(at, _)| {
        let inside = &text[at + 2..];
        let inside = inside.strip_prefix('-').unwrap_or(inside).trim_start();
        let end = inside.strip_prefix("endraw")?.trim_start();
        end.strip_prefix('-').unwrap_or(end).strip_prefix("%}")
    });
    ends.next()
}

/// The tag that begins here, and what follows it.
fn tag(inside: &str, prints: bool) -> Option<(Tag<'_>, &str)> {
    let end = if prints { "}}" } else { "%}" };
    let mut tokens = Vec::new();
    let mut rest = inside.strip_prefix('-').unwrap_or(inside);
    loop {
        rest = rest.trim_start();
        let closing = rest.strip_prefix('-').unwrap_or(rest);
        if let Some(after) = closing.strip_prefix(end) {
            return Some((Tag { prints, tokens }, after));
        }
        let first = rest.chars().next()?;
        let (token, after) = match first {
            '"' | '\'' | '`' => quoted(&rest[1..], first)?,
            _ if is_of_word(first) => {
                let (word, after) = rest.split_at(end_of_words(rest));
                (Token::Word(word), after)
            }
            _ => {
                let (sign, after) = rest.split_at(first.len_utf8());
                (Token::Sign(sign), after)
            }
        };
        tokens.push(token);
        rest = after;
    }
}

/// The text up to its quotation mark, and what follows it.
fn quoted(text: &str, mark: char) -> Option<(Token<'_>, &str)> {
    let mut is_escaped = false;
    let end = text.find(|c: char| {
        let is_end = c == mark && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_end
    })?;
    let (quoted, after) = (&text[..end], &text[end + 1..]);
    let token = if quoted.contains('\\') {
        Token::Sign(quoted)
    } else {
        Token::Text(quoted)
    };
    Some((token, after))
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where words end that are joined by dots.
fn end_of_words(text: &str) -> usize {
    let mut end = 0;
    loop {
        let rest = &text[end..];
        end += rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
        match text[end..].strip_prefix('.') {
            Some(after) if after.starts_with(is_of_word) => end += 1,
            _ => return end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Token::{Sign, Text, Word};
    use super::*;

    #[test]
    fn tags_are_read_word_by_word() {
        let template = "a {b} {{- page.title -}} {# {{ no #} {% raw %}{{ it's endraw %}{%- endraw-%}\
            {% if page.path!='/x}}/' %}{{ `\\``}}";
        let read = tags(template).expect("all tags end");
        let tokens: Vec<&[Token<'_>]> = read.iter().map(|tag| tag.tokens.as_slice()).collect();
        let expected: [&[Token<'_>]; 3] = [
            &[Word("page.title")],
            &[Word("if"), Word("page.path"), Sign("!"), Sign("="), Text("/x}}/")],
            &[Sign("\\`")],
        ];
        assert_eq!(tokens, expected);
    }

    #[test]
    fn what_does_not_end_is_left_to_tera() {
        for template in [
            "{{ page.title",
            "{% if page.path == \"a\\\" %}",
            "{# offen",
            "{% raw %}{{",
        ] {
            assert_eq!(tags(template), None, "{template}");
        }
    }
}
