//! Names that templates read and that nobody gives them. Tera is silent about them in conditions and before some filters, and a page
//! would come out empty.

use std::collections::{BTreeMap, BTreeSet};

use super::tags::{Tag, Token};
use crate::render::{CHILD_KEYS, DAY_KEYS, PAGE_KEYS, SITE_KEYS};

/// What every page template has besides `page` and `site`.
const GLOBALS: [&str; 6] = ["page", "site", "email", "schultraegernummer", "loop", "__tera_context"];

/// Words of the language.
const WORDS: [&str; 18] = [
    "if", "elif", "else", "and", "or", "not", "in", "is", "true", "false", "none", "True", "False", "None", "null",
    "super", "for", "set",
];

/// A name that is read and not given, and the names that are given in its place.
pub(super) struct Unknown<'t> {
    /// As it stands in the template, or the key in `page["…"]`.
    pub written: &'t str,
    /// In full: `page.titel`.
    pub name: String,
    pub object: String,
    pub known: Vec<&'static str>,
}

/// The names that a template binds itself.
pub(super) fn bound<'t>(tags: &[Tag<'t>]) -> BTreeSet<&'t str> {
    let mut bound = BTreeSet::new();
    for tag in tags.iter().filter(|tag| !tag.prints) {
        match tag.tokens.as_slice() {
            [Token::Word("for"), rest @ ..] => {
                let names = rest.iter().take_while(|token| **token != Token::Word("in"));
                bound.extend(names.filter_map(|token| token.word()));
            }
            [Token::Word("set" | "set_global"), Token::Word(name), ..] => _ = bound.insert(*name),
            _ => {}
        }
    }
    bound
}

/// Every name in a template that it does not have. `bound` are the names that all templates bind: what includes another shares them.
pub(super) fn unknown<'t>(tags: &[Tag<'t>], bound: &BTreeSet<&str>) -> Vec<Unknown<'t>> {
    let objects = objects(tags);
    let mut unknown = Vec::new();
    for tag in tags {
        let tokens = tag.tokens.as_slice();
        for at in values(tag) {
            let Token::Word(word) = tokens[at] else { continue };
            let mut parts = word.split('.');
            let object = parts.next().unwrap_or_default();
            let Some(keys) = objects.get(object) else {
                if !GLOBALS.contains(&object) && !bound.contains(object) {
                    let (written, name) = (word, object.to_owned());
                    unknown.push(Unknown {
                        written,
                        name,
                        object: String::new(),
                        known: GLOBALS.to_vec(),
                    });
                }
                continue;
            };
            let quoted = match tokens.get(at + 1..at + 4) {
                Some([Token::Sign("["), Token::Text(key), Token::Sign("]")]) => Some(*key),
                _ => None,
            };
            let Some(key) = parts.next().or(quoted) else { continue };
            let part = parts.next().filter(|_| DAY_KEYS.contains(&key));
            let day = ["iso", "text"];
            if !keys.contains(&key) {
                let written = quoted.unwrap_or(word);
                let object = object.to_owned();
                unknown.push(Unknown {
                    written,
                    name: format!("{object}.{key}"),
                    object,
                    known: keys.clone(),
                });
            } else if let Some(part) = part.filter(|part| !day.contains(part)) {
                let object = format!("{object}.{key}");
                unknown.push(Unknown {
                    written: word,
                    name: format!("{object}.{part}"),
                    object,
                    known: day.to_vec(),
                });
            }
        }
    }
    unknown
}

/// Objects with the keys that they have: `page`, `site`, their aliases, and the variables of loops over known lists.
fn objects(tags: &[Tag<'_>]) -> BTreeMap<String, Vec<&'static str>> {
    let mut objects = BTreeMap::from([
        ("page".to_owned(), PAGE_KEYS.to_vec()),
        ("site".to_owned(), SITE_KEYS.to_vec()),
    ]);
    let mut is_unclear = BTreeSet::new();
    for tag in tags.iter().filter(|tag| !tag.prints) {
        let (name, keys) = match tag.tokens.as_slice() {
            [
                Token::Word("for"),
                Token::Word(name),
                Token::Word("in"),
                Token::Word(list),
            ] => (name, keys_of(list)),
            [
                Token::Word("set" | "set_global"),
                Token::Word(name),
                Token::Sign("="),
                Token::Word(of),
            ] => (name, objects.get(*of).cloned()),
            [
                Token::Word("for"),
                Token::Word(name),
                Token::Sign(","),
                Token::Word(value),
                ..,
            ] => {
                is_unclear.insert((*name).to_owned());
                (value, None)
            }
            [Token::Word("for" | "set" | "set_global"), Token::Word(name), ..] => (name, None),
            _ => continue,
        };
        match keys {
            Some(keys) => objects.entry((*name).to_owned()).or_default().extend(keys),
            None => _ = is_unclear.insert((*name).to_owned()),
        }
    }
    objects.retain(|name, _| !is_unclear.contains(name));
    objects
}

/// The keys of what a known list holds.
fn keys_of(list: &str) -> Option<Vec<&'static str>> {
    Some(match list {
        "page.children" | "page.translations" | "page.standard_language" => CHILD_KEYS.to_vec(),
        "page.breadcrumbs" | "site.feeds" => vec!["title", "path"],
        "site.menu" | "site.service" | "site.footer" => vec!["title", "path", "current"],
        "page.letters" => vec!["letter", "pages"],
        _ => return None,
    })
}

/// Where values stand in a tag.
fn values(tag: &Tag<'_>) -> impl Iterator<Item = usize> {
    let tokens = tag.tokens.as_slice();
    let begin = match tokens.first() {
        _ if tag.prints => 0,
        Some(Token::Word("if" | "elif")) => 1,
        Some(Token::Word("for")) => tokens
            .iter()
            .position(|token| *token == Token::Word("in"))
            .unwrap_or(tokens.len()),
        Some(Token::Word("set" | "set_global")) => tokens
            .iter()
            .position(|token| *token == Token::Sign("="))
            .unwrap_or(tokens.len()),
        _ => tokens.len(),
    };
    (begin..tokens.len()).filter(move |at| is_value(tokens, *at))
}

fn is_value(tokens: &[Token<'_>], at: usize) -> bool {
    let Token::Word(word) = tokens[at] else { return false };
    let before = |back: usize| at.checked_sub(back).map(|at| tokens[at]);
    let is_equals = |token: Option<&Token<'_>>| token == Some(&Token::Sign("="));
    let is_named = is_equals(tokens.get(at + 1)) && !is_equals(tokens.get(at + 2));
    let is_test = before(1) == Some(Token::Word("is"))
        || before(1) == Some(Token::Word("not")) && before(2) == Some(Token::Word("is"));
    !WORDS.contains(&word)
        && !word.starts_with(|c: char| c.is_ascii_digit())
        && !is_named
        && !is_test
        // Filters and functions are Tera's to know.
        && before(1) != Some(Token::Sign("|"))
        && before(1) != Some(Token::Sign("."))
        && tokens.get(at + 1) != Some(&Token::Sign("("))
}

#[cfg(test)]
mod tests {
    use super::super::tags::tags;
    use super::*;

    fn names(template: &str) -> Vec<String> {
        let tags = tags(template).expect("tags");
        let bound = bound(&tags);
        unknown(&tags, &bound).into_iter().map(|unknown| unknown.name).collect()
    }

    #[test]
    fn what_a_template_has_is_left_alone() {
        for template in [
            "{% extends \"base.html\" %}{% block title %}{{ page.title | default(value=\"a\") }}{% endblock title %}",
            "{% for child in page.children %}{{ child.stand.iso | safe }}{{ loop.index }}{% endfor %}",
            "{% for blatt in page.formular.blaetter %}{% for feld in blatt.felder %}{{ feld.label }}{% endfor %}{% endfor %}",
            "{% set ebene = 2 %}{% if ebene == 2 and page.path is not starting_with(pat=\"/a/\") %}{{ ebene + 1 }}{% endif %}",
            "{% set p = page %}{{ p.title }}{{ page[\"title\"] }}{{ asset(path=\"a.css\") }}{{ super() }}",
            "{% for key, value in page %}{{ key }}{{ value.was }}{% endfor %}{% if not email or true %}{% endif %}",
            "{{ 1.5 + page.toc | length }}{{ \"a\" if page.toc else none }}",
        ] {
            assert_eq!(names(template), [""; 0], "{template}");
        }
    }

    #[test]
    fn what_a_template_does_not_have_is_found() {
        for (template, name) in [
            ("{{ contnt | safe }}", "contnt"),
            ("{% if nix %}", "nix"),
            ("{{ page[\"titel\"] | safe }}", "page.titel"),
            ("{% if page.stand.txt %}", "page.stand.txt"),
            ("{% set p = page %}{{ p.contnt | safe }}", "p.contnt"),
            ("{% for c in page.children %}{% if c.titel %}", "c.titel"),
            ("{% for e in site.menu %}{{ e.nix | safe }}", "e.nix"),
            ("{% for c in page.kinder %}", "page.kinder"),
            ("{{ site.title ~ tilte }}", "tilte"),
        ] {
            assert_eq!(names(template), [name], "{template}");
        }
    }
}
