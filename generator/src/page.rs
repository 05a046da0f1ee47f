//! A page between reading and rendering, and the tree that the pages of a site form.

use std::collections::BTreeMap;

use form::Form;
use jiff::civil::Date;
use rayon::prelude::*;

use crate::build::Settings;
use crate::digest::Digest;
use crate::front_matter::{self, FrontMatter};
use crate::links;
use crate::markdown;
use crate::memory::Stamp;
use crate::problem::{Problem, Source};
use crate::source_files::SourceText;

/// Where pages go whose `valid_until` is past.
const ARCHIV: &str = "/archiv/";

/// A page of a site with its head; its text is read when the page is made.
#[derive(Debug)]
pub struct Page {
    /// Path below `content/<site>/`, as it is written in `@/…`.
    pub file: String,
    /// Path from the project root, for messages.
    pub source_file: String,
    /// `/a/b/`.
    pub path: String,
    pub is_section: bool,
    /// The file up to its Markdown; all of it where that cannot be found.
    pub head: String,
    /// Of the whole file.
    pub digest: u64,
    /// `None` where the file may have changed since it was read without its showing.
    pub stamp: Option<Stamp>,
    pub front_matter: FrontMatter,
    /// The form that lies beside the page.
    pub form: Option<Box<Form>>,
    pub form_digest: u64,
    /// Its head or its form could not be read: what hangs on the missing part is not judged.
    pub is_incomplete: bool,
    /// Its `valid_until` is past: it stands in the Archiv.
    pub is_archived: bool,
    pub left_out: Option<LeftOut>,
}

/// Why a page is not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    Draft,
    /// It appears on this day.
    Until(Date),
    /// A section has its address.
    Taken,
}

impl Page {
    /// Parses the head of a Markdown file.
    pub fn parse(file: &str, source: SourceText, site_language: &str, problems: &mut Vec<Problem>) -> Page {
        let is_readable = source.text.is_some();
        let head = source.text.unwrap_or_default();
        let place = Source {
            file: &source.shown,
            text: &head,
        };
        let front_matter = match front_matter::split(place) {
            Ok(range) => front_matter::parse(place, range, site_language, problems),
            Err(problem) => {
                problems.extend(is_readable.then_some(*problem));
                None
            }
        };
        Page {
            path: links::address(file),
            is_section: file == "index.md" || file.ends_with("/index.md"),
            file: file.to_owned(),
            is_incomplete: front_matter.is_none(),
            front_matter: front_matter.unwrap_or_default(),
            form: None,
            form_digest: 0,
            is_archived: false,
            left_out: None,
            source_file: source.shown,
            head,
            digest: source.digest,
            stamp: source.stamp,
        }
    }

    /// Decides what the day makes of the page.
    pub fn settle(&mut self, settings: &Settings) {
        let head = &self.front_matter;
        self.left_out = match head.date {
            _ if settings.drafts => None,
            _ if head.draft => Some(LeftOut::Draft),
            Some(date) if date > settings.today => Some(LeftOut::Until(date)),
            _ => None,
        };
        let until = head.valid_until.as_ref();
        self.is_archived = until.is_some_and(|until| until.value < settings.today);
    }

    /// Where problems of its head are shown.
    pub fn source(&self) -> Source<'_> {
        self.source_in(&self.head)
    }

    /// Where problems of its text are shown; `text` is the whole file.
    pub fn source_in<'a>(&'a self, text: &'a str) -> Source<'a> {
        Source {
            file: &self.source_file,
            text,
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

    /// The address of the feed of a section of news.
    pub fn feed_path(&self) -> String {
        format!("{}feed.xml", self.path)
    }

    /// What the page is called where others point to it.
    pub fn title_for_menus(&self) -> &str {
        if self.path == "/" {
            "Startseite"
        } else {
            &self.front_matter.title
        }
    }

    /// Changes when anything changes that other pages show of this one.
    pub fn facts(&self) -> u64 {
        let head = &self.front_matter;
        Digest::new()
            .text(&self.path)
            .text(&head.title)
            .text(&head.description)
            .text(&head.summary)
            .text(&head.language)
            .number(day_number(head.stand.as_ref().map(|stand| stand.value)))
            .number(day_number(head.date))
            .number(u64::from(self.is_archived))
            .finish()
    }
}

/// A number for each day; 0 is none.
pub fn day_number(day: Option<Date>) -> u64 {
    day.map_or(0, |day| {
        (day.year().unsigned_abs() as u64) << 16 | (day.month() as u64) << 8 | day.day() as u64
    })
}

/// Who stands above and below whom. Indexes count in the slice of pages it was made from.
#[derive(Debug)]
pub struct Tree {
    archive: Option<usize>,
    parents: Vec<Option<usize>>,
    children: Vec<Vec<usize>>,
}

impl Tree {
    /// Gives each page its section, and each section its children: by weight, then title; newest first where there is a feed.
    pub fn new(pages: &[Page]) -> Tree {
        let sections: BTreeMap<&str, usize> = pages
            .iter()
            .enumerate()
            .filter(|(_, page)| page.is_section)
            .map(|(index, page)| (page.path.as_str(), index))
            .collect();
        let archive = sections.get(ARCHIV).copied();
        let parent_of = |page: &Page| match archive {
            // What the Archiv itself stands in stays where it is.
            Some(archive) if page.is_archived && !ARCHIV.starts_with(&page.path) => Some(archive),
            _ => parent(&page.path, &sections),
        };
        let parents: Vec<Option<usize>> = pages.iter().map(parent_of).collect();
        let mut children = vec![Vec::new(); pages.len()];
        for (index, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                children[*parent].push(index);
            }
        }
        children.par_iter_mut().enumerate().for_each(|(section, children)| {
            let is_feed = pages[section].front_matter.feed;
            children.sort_by_cached_key(|&index| {
                let page = &pages[index];
                let newest_first = page.front_matter.date.filter(|_| is_feed).map(std::cmp::Reverse);
                // A page without a date stands after those that have one.
                let undated = is_feed && newest_first.is_none();
                (
                    undated,
                    newest_first,
                    page.front_matter.weight,
                    markdown::slug(&page.front_matter.title),
                    page.path.clone(),
                )
            });
        });
        Tree {
            archive,
            parents,
            children,
        }
    }

    /// The section for pages that are past their day.
    pub fn archive(&self) -> Option<usize> {
        self.archive
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
