//! What pages of a site have in common. Most of what a template prints around a text depends on few things: the section, the navigation,
//! which values there are. Pages that agree in these share a layout, which is rendered and scanned once and then only filled.
//!
//! Which values a template only shows is read from the templates (`theme/usage.rs`). Debug builds render every page both ways and compare.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use tera::Value;

use crate::config::SiteConfig;
use crate::digest::Digest;
use crate::html::{self, Outline};
use crate::links;
use crate::render::{self, Contexts, FACTS, Fact, Facts};
use crate::theme::{Constant, Theme, Usage};

// Private-use characters around the name of a value, with a digest that no text has by accident.
const OPEN: char = '\u{e002}';
const CLOSE: char = '\u{e003}';

/// The layouts of a site, each made when a second page needs it.
pub struct Layouts {
    /// For each fact what it is compared with; `None` where it may decide anything.
    shown: [Option<Vec<String>>; FACTS.len()],
    known: RwLock<HashMap<u64, Known>>,
}

/// What is known of the pages of a class.
#[derive(Clone)]
enum Known {
    /// There is one. A layout for it alone would be work and memory for nothing.
    One,
    Layout(Arc<Layout>),
    /// Their template cannot be rendered like this.
    NoLayout,
}

/// The pages of a class but for the values that are only shown.
pub struct Layout {
    pieces: Vec<Piece>,
    rest: String,
    /// `None` where a value may change it.
    outline: Option<Common>,
}

/// Some of a layout's HTML, and the value that follows it.
struct Piece {
    html: String,
    /// Which of the facts.
    fact: usize,
    /// `iso` or `text` of a day.
    part: String,
}

/// What a browser would do with a layout, as in [`Outline`]. It has no frames, no inline code, and loads nothing from elsewhere.
struct Common {
    ids: Vec<String>,
    links: Vec<String>,
    loads: Vec<String>,
    /// The digests of where they lead on this site, from whatever page.
    targets: OnceLock<Vec<u64>>,
}

impl Layouts {
    /// No layouts yet. A site without a theme that fits together has none.
    pub fn new(config: &SiteConfig, usage: Option<&Usage>) -> Layouts {
        let text_of = |constant: &Constant| match constant {
            Constant::Text(text) => Some(text.clone()),
            Constant::OfSite(key) => render::site_text(config, key).map(str::to_owned),
        };
        let shown = |key| usage?.shown(key)?.iter().map(text_of).collect();
        Layouts {
            shown: FACTS.map(shown),
            known: RwLock::default(),
        }
    }

    /// The layout that a page shares with others; `None` where its template prints too much that is the page's own.
    pub fn of(&self, theme: &Theme, contexts: &Contexts<'_>, index: usize, facts: &Facts<'_>) -> Option<Arc<Layout>> {
        let class = self.class(contexts, index, facts)?;
        let known = self
            .known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&class)
            .cloned();
        let (now, layout) = match known {
            None => (Known::One, None),
            Some(Known::One) => match self.make(theme, contexts, index, facts, class).map(Arc::new) {
                Some(layout) => (Known::Layout(Arc::clone(&layout)), Some(layout)),
                None => (Known::NoLayout, None),
            },
            Some(Known::Layout(layout)) => return Some(layout),
            Some(Known::NoLayout) => return None,
        };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match now {
            Known::One => _ = known.entry(class).or_insert(now),
            _ => _ = known.insert(class, now),
        }
        layout
    }

    /// The digest of all that decides what a template prints. `None` where that is the text itself, or too rare to be shared.
    fn class(&self, contexts: &Contexts<'_>, index: usize, facts: &Facts<'_>) -> Option<u64> {
        let mut class = Digest::new();
        contexts.add_common(index, &mut class)?;
        for ((_, fact), shown) in facts.iter().zip(&self.shown) {
            match (shown, fact) {
                (Some(constants), _) if is_marked(fact, constants) => class.add_number(1),
                (None, Fact::Html(html)) if !html.is_empty() => return None,
                (_, Fact::Text(text) | Fact::Html(text)) => {
                    class.add_number(2);
                    class.add_text(text);
                }
                (_, Fact::Day(_) | Fact::Flag(_)) => {
                    class.add_number(2);
                    class.add_number(fact.number());
                }
            }
        }
        Some(class.finish())
    }

    /// Renders a page with marks for the values that are only shown.
    fn make(
        &self,
        theme: &Theme,
        contexts: &Contexts<'_>,
        index: usize,
        facts: &Facts<'_>,
        class: u64,
    ) -> Option<Layout> {
        let begin = format!("{OPEN}{class:016x}");
        let mark = |key: &str, part: &str| format!("{begin}{key}.{part}{CLOSE}");
        let value = |((key, fact), shown): (&(&'static str, Fact<'_>), &Option<Vec<String>>)| {
            let is_marked = shown.as_ref().is_some_and(|constants| is_marked(fact, constants));
            let value = match fact {
                _ if !is_marked => fact.value(),
                Fact::Html(_) => Value::safe_string(&mark(key, "")),
                Fact::Day(_) => Value::from(BTreeMap::from(["iso", "text"].map(|part| (part, mark(key, part))))),
                Fact::Text(_) | Fact::Flag(_) => Value::from(mark(key, "")),
            };
            (*key, value)
        };
        let context = contexts.common(index, facts.iter().zip(&self.shown).map(value));
        // What a template does wrong is said of the page that is rendered by itself then.
        let marked = theme.render(contexts.template(index), &context, "").ok()?;
        let mut pieces = marked.split(&begin);
        let mut html = pieces.next()?.to_owned();
        if html.contains(&begin[OPEN.len_utf8()..]) {
            return None;
        }
        let mut layout = Layout {
            pieces: Vec::new(),
            rest: String::new(),
            outline: Common::of(&marked, &begin),
        };
        for after in pieces {
            let (name, next) = after.split_once(CLOSE)?;
            let (key, part) = name.split_once('.')?;
            // Tera prints texts within others as something else.
            if next.contains(&begin[OPEN.len_utf8()..]) {
                return None;
            }
            layout.pieces.push(Piece {
                html: std::mem::replace(&mut html, next.to_owned()),
                fact: facts.iter().position(|(known, _)| *known == key)?,
                part: part.to_owned(),
            });
        }
        layout.rest = html;
        Some(layout)
    }
}

impl Layout {
    /// Writes a page. Returns where its text stands in it; a template may leave it out.
    pub fn fill(&self, facts: &Facts<'_>, html: &mut String) -> Option<Range<usize>> {
        html.clear();
        let mut content = None;
        for piece in &self.pieces {
            html.push_str(&piece.html);
            let (key, fact) = &facts[piece.fact];
            let start = html.len();
            fact.write(&piece.part, html);
            if *key == "content" {
                content = content.or(Some(start..html.len()));
            }
        }
        html.push_str(&self.rest);
        content
    }

    /// What a browser would do with all pages of this class, but for their texts and tables of contents.
    pub fn outline(&self) -> Option<Outline<'_>> {
        let common = self.outline.as_ref()?;
        fn slices(texts: &[String]) -> Vec<&str> {
            texts.iter().map(String::as_str).collect()
        }
        Some(Outline {
            ids: slices(&common.ids),
            links: slices(&common.links),
            loads: slices(&common.loads),
            ..Outline::default()
        })
    }

    /// Where the addresses of its outline lead that mean the same place from every page, as `target` knows it.
    pub fn targets(&self, target: impl Fn(&str) -> Option<u64>) -> &[u64] {
        let Some(common) = &self.outline else { return &[] };
        common.targets.get_or_init(|| {
            let addresses = common
                .links
                .iter()
                .chain(&common.loads)
                .filter(|address| !is_of_page(address));
            addresses.filter_map(|address| target(address)).collect()
        })
    }
}

/// Whether an address means a place on the page on which it stands.
pub fn is_of_page(address: &str) -> bool {
    address.starts_with('#')
}

impl Common {
    /// Reads it from a page with marks. `None` where a value may change it: in an address, in a name, in a script, or beside a quotation
    /// mark that is missing.
    fn of(marked: &str, mark: &str) -> Option<Common> {
        let all = html::quiet_places(marked, mark);
        if all.between_tags + all.in_values < marked.matches(mark).count() {
            return None;
        }
        // HTML would end a value, and ids that stand twice are no longer those that the text has.
        for (key, most) in [("content", 1), ("toc", usize::MAX)] {
            let own = html::quiet_places(marked, &format!("{mark}{key}."));
            if own.in_values > 0 || own.between_tags > most {
                return None;
            }
        }
        let Outline {
            ids,
            links,
            loads,
            frames,
            inline,
        } = html::outline(marked);
        let is_common = frames.is_empty() && inline.is_empty() && !loads.iter().any(|load| links::is_foreign(load));
        let texts = |slices: Vec<&str>| -> Option<Vec<String>> {
            let is_marked = slices.iter().any(|slice| slice.contains(mark));
            (!is_marked).then(|| slices.into_iter().map(str::to_owned).collect())
        };
        is_common.then_some(())?;
        Some(Common {
            ids: texts(ids)?,
            links: texts(links)?,
            loads: texts(loads)?,
            targets: OnceLock::new(),
        })
    }
}

/// Whether a template only shows this value, and it is none of those that it asks for.
fn is_marked(fact: &Fact<'_>, constants: &[String]) -> bool {
    match fact {
        Fact::Text(text) | Fact::Html(text) => !text.is_empty() && constants.iter().all(|constant| constant != text),
        Fact::Day(day) => day.is_some() && constants.is_empty(),
        Fact::Flag(_) => false,
    }
}
