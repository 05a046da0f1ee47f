//! What templates do with each value of a page: show it, or let it decide what comes out.

use std::collections::{BTreeMap, BTreeSet};

use super::tags::{Tag, Token, tags};
use crate::render;

/// How all templates of a theme together use the values of a page.
#[derive(Debug, Default)]
pub struct Usage {
    /// Values that may decide anything; all others are shown.
    decide: BTreeSet<String>,
    /// What those are compared with that are shown.
    compared: BTreeMap<String, Vec<Constant>>,
    /// There is something in the templates that hides what they do.
    is_unknown: bool,
}

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Constant {
    Text(String),
    /// `site.…`, without the `site.`
    OfSite(String),
}

impl Usage {
    /// Reads the templates.
    pub(super) fn of<'t>(templates: impl Iterator<Item = &'t str>) -> Usage {
        let mut usage = Usage::default();
        for template in templates {
            match tags(template) {
                Some(tags) => tags.iter().for_each(|tag| usage.take(tag)),
                None => usage.is_unknown = true,
            }
        }
        usage
    }

    /// What the value under this key is compared with, if templates do no more with it than that: print it as it is, ask whether it is
    /// empty, and compare it. `None` when they do more.
    pub fn shown(&self, key: &str) -> Option<&[Constant]> {
        if self.is_unknown || self.decide.contains(key) {
            return None;
        }
        Some(self.compared.get(key).map_or(&[], Vec::as_slice))
    }

    fn take(&mut self, tag: &Tag<'_>) {
        let tokens = tag.tokens.as_slice();
        match tokens {
            [Token::Word(word)] if tag.prints && is_printed_as_it_is(word) => return,
            [Token::Word("super"), Token::Sign("("), Token::Sign(")")] if tag.prints => return,
            _ => {}
        }
        // What stands in brackets may be compared as a whole.
        let has_brackets = tokens.iter().any(|token| matches!(token, Token::Sign("(" | "[" | "{")));
        let is_condition = !tag.prints && !has_brackets && matches!(tokens.first(), Some(Token::Word("if" | "elif")));
        self.is_unknown |= !tag.prints && !is_followed(tokens);
        for (at, token) in tokens.iter().enumerate() {
            let Token::Word(word) = token else { continue };
            let mut parts = word.split('.');
            match (parts.next(), parts.next()) {
                // Whoever hands on all of it may do anything with it, and so whoever has what a block has printed.
                (Some("page" | "site"), None) | (Some("__tera_context" | "super"), _) => self.is_unknown = true,
                (Some("page"), Some(key)) => {
                    let is_whole = parts.next().is_none();
                    match compared(tokens, at).filter(|_| is_condition && is_whole) {
                        Some(with) => self.compared.entry(key.to_owned()).or_default().extend(with),
                        None => _ = self.decide.insert(key.to_owned()),
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether printing this is printing a text of a page as it is; a whole day is none.
fn is_printed_as_it_is(word: &str) -> bool {
    let is_day = |key: &str| render::DAY_KEYS.contains(&key);
    match word.split('.').collect::<Vec<_>>()[..] {
        ["page", key] => !is_day(key),
        ["page", key, "iso" | "text"] => is_day(key),
        _ => false,
    }
}

/// Tags whose effect shows in their words. Others could catch what is printed within them, and do more with it.
fn is_followed(tokens: &[Token<'_>]) -> bool {
    match tokens {
        [Token::Word("set" | "set_global"), ..] => tokens.contains(&Token::Sign("=")),
        [Token::Word(word), ..] => matches!(
            *word,
            "if" | "elif" | "else" | "endif" | "for" | "endfor" | "block" | "endblock" | "extends" | "include"
        ),
        _ => false,
    }
}

/// What the value at this place of a condition is compared with, and nothing where it is asked for being there; `None` when there is
/// more to it.
fn compared(tokens: &[Token<'_>], at: usize) -> Option<Option<Constant>> {
    let begins = |token: &Token<'_>| matches!(token, Token::Word("if" | "elif" | "and" | "or" | "not"));
    let ends = |token: Option<&Token<'_>>| matches!(token, None | Some(Token::Word("and" | "or")));
    if !tokens.get(at.checked_sub(1)?).is_some_and(begins) {
        return None;
    }
    if ends(tokens.get(at + 1)) {
        return Some(None);
    }
    let (Some([Token::Sign("=" | "!"), Token::Sign("="), with]), true) =
        (tokens.get(at + 1..at + 4), ends(tokens.get(at + 4)))
    else {
        return None;
    };
    match with {
        Token::Text(text) => Some(Some(Constant::Text((*text).to_owned()))),
        Token::Word(word) => Some(Some(Constant::OfSite(word.strip_prefix("site.")?.to_owned()))),
        Token::Sign(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(template: &str) -> Option<Vec<Constant>> {
        Usage::of([template].into_iter())
            .shown("title")
            .map(<[Constant]>::to_vec)
    }

    #[test]
    fn printing_asking_and_comparing_is_showing() {
        for template in [
            "{{ page.title }}",
            "{%- if page.title -%}{{- page.title -}}{% endif %}{{ super() }}",
            "{% if not page.title and page.title or page.path | length %}",
            "{% set a = site.title %}{% for b in page.toc %}{{ b }}{% endfor %}",
        ] {
            assert_eq!(shown(template), Some(Vec::new()), "{template}");
        }
        assert_eq!(
            shown("{% if page.title == \"Start\" or page.title != site.title %}"),
            Some(vec![Constant::Text("Start".into()), Constant::OfSite("title".into())])
        );
    }

    #[test]
    fn of_a_day_only_its_parts_are_shown() {
        let of_date = |template| Usage::of([template].into_iter()).shown("date").is_some();
        assert!(of_date(
            "{% if page.date %}{{ page.date.iso }}{{ page.date.text }}{% endif %}"
        ));
        assert!(!of_date("{{ page.date }}"));
        assert!(!of_date("{{ page.date.jahr }}"));
    }

    #[test]
    fn whatever_else_a_template_does_decides() {
        for template in [
            "{{ page.title | upper }}",
            "{{ page.title ~ site.title }}",
            "{{ asset(path=page.title) }}",
            "{% if page.title is starting_with(\"A\") %}",
            "{% if page.title | length > 3 %}",
            "{% if \"Start\" == page.title %}",
            "{% if page.title == page.summary %}",
            "{% if page.title == \"a\" ~ site.title %}",
            "{% if (page.title) == \"Start\" %}",
            "{% if (site.title or page.title) == \"Start\" %}",
            "{% if (site.title or page.title or site.name) == \"Start\" %}",
            "{% if [page.title or site.title] == [\"Start\"] %}",
            "{{ page.title }}{{ super() | upper }}",
            "{{ page.title }}{% if super() == \"Start\" %}",
            "{{ page.title.iso }}",
            "{% if page.title.first %}",
            "{% for letter in page.title %}",
            "{% set title = page.title %}",
            "{% set titel %}{{ page.title }}{% endset %}",
            "{% filter upper %}{{ page.title }}{% endfilter %}",
            "{% for key, value in page %}",
            "{{ page[\"title\"] }}",
            "{{ page?.title }}",
            "{{ __tera_context }}",
            "{% for site in page.children %}{% if page.title == site.title %}",
            "{% if page.title == \"a",
            "{% if page.title == \"a\\\"b\" %}",
            "{% raw %}endraw %}{# {% endraw %} {{ page.title | upper }} #}",
        ] {
            assert_eq!(shown(template), None, "{template}");
        }
    }
}
