//! A page between reading and rendering, and the tree that the pages of a site form.

use std::collections::BTreeMap;

use form::Form;

use crate::front_matter::{self, FrontMatter};
use crate::links;
use crate::markdown::{self, Document};
use crate::problem::{Problem, Source};
use crate::shortcode::Klassen;

/// A page of a site.
#[derive(Debug)]
pub struct Page {
    /// Path below `content/<site>/`, as it is written in `@/…`.
    pub file: String,
    /// Path from the project root, for messages.
    pub source_file: String,
    /// `/a/b/`.
    pub path: String,
    pub is_section: bool,
    /// The whole file.
    pub text: String,
    pub front_matter: FrontMatter,
    pub document: Document,
    /// The form that lies beside the page.
    pub form: Option<Form>,
    /// Its head or its form could not be read: what hangs on the missing part is not judged.
    pub is_incomplete: bool,
}

impl Page {
    /// Parses the text of one Markdown file; `None` is a file that could not be read.
    pub fn parse(
        file: &str,
        source_file: String,
        text: Option<String>,
        site_language: &str,
        klassen: Klassen<'_>,
        problems: &mut Vec<Problem>,
    ) -> Page {
        let is_readable = text.is_some();
        let text = text.unwrap_or_default();
        let source = Source {
            file: &source_file,
            text: &text,
        };
        let (front_matter, document) = match front_matter::split(source) {
            Ok((head, body)) => (
                front_matter::parse(source, head, site_language, problems),
                markdown::render(source, body, klassen, problems),
            ),
            Err(problem) => {
                problems.extend(is_readable.then_some(*problem));
                (None, Document::default())
            }
        };
        let path = links::address(file);
        let is_section = file == "index.md" || file.ends_with("/index.md");
        Page {
            file: file.to_owned(),
            path,
            is_section,
            is_incomplete: front_matter.is_none(),
            front_matter: front_matter.unwrap_or_default(),
            document,
            form: None,
            source_file,
            text,
        }
    }

    /// Where problems of this page are shown.
    pub fn source(&self) -> Source<'_> {
        Source {
            file: &self.source_file,
            text: &self.text,
        }
    }

    /// The template that renders it.
    pub fn template(&self) -> &str {
        match &self.front_matter.template {
            Some(template) => &template.value,
            None if self.front_matter.notice.is_some() => "notice.html",
            None if self.form.is_some() => "formular.html",
            None if self.is_section => "section.html",
            None => "page.html",
        }
    }

    /// The file it becomes below `www/`.
    pub fn output_file(&self) -> String {
        format!("{}index.html", &self.path[1..])
    }
}

/// Who stands above and below whom. Indexes count in the slice of pages it was made from.
#[derive(Debug)]
pub struct Tree {
    parents: Vec<Option<usize>>,
    children: Vec<Vec<usize>>,
}

impl Tree {
    /// Gives each page its section, and each section its children in order of weight, then title.
    pub fn new(pages: &[Page]) -> Tree {
        let sections: BTreeMap<&str, usize> = pages
            .iter()
            .enumerate()
            .filter(|(_, page)| page.is_section)
            .map(|(index, page)| (page.path.as_str(), index))
            .collect();
        let parents: Vec<Option<usize>> = pages.iter().map(|page| parent(&page.path, &sections)).collect();
        let mut children = vec![Vec::new(); pages.len()];
        for (index, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                children[*parent].push(index);
            }
        }
        let key = |index: &usize| {
            let page = &pages[*index];
            (
                page.front_matter.weight,
                markdown::slug(&page.front_matter.title),
                page.path.clone(),
            )
        };
        children
            .iter_mut()
            .for_each(|children| children.sort_by_cached_key(key));
        Tree { parents, children }
    }

    /// The pages directly below a section.
    pub fn children(&self, page: usize) -> &[usize] {
        &self.children[page]
    }

    /// The section that a page stands in.
    pub fn parent(&self, page: usize) -> Option<usize> {
        self.parents[page]
    }

    /// The sections above a page, outermost first.
    pub fn ancestors(&self, page: usize) -> Vec<usize> {
        let mut ancestors: Vec<usize> =
            std::iter::successors(self.parents[page], |&section| self.parents[section]).collect();
        ancestors.reverse();
        ancestors
    }
}

fn parent(path: &str, sections: &BTreeMap<&str, usize>) -> Option<usize> {
    let mut above = path;
    while let Some(slash) = above.trim_end_matches('/').rfind('/') {
        above = &above[..=slash];
        if let Some(&section) = sections.get(above) {
            return Some(section);
        }
    }
    None
}
