//! Judges what a text says while it passes by: links that say nothing, sentences that are too long, wrong spellings, HTML that does not close.

use std::ops::Range;

use crate::html::{self, FragmentKind};
use crate::links;
use crate::problem::{Problem, Source};
use crate::prose::{self, Spelling};

/// More words than this, and a sentence is no Leichte Sprache.
const MAX_WORDS: usize = 25;

/// What is kept of a text until it can be judged.
pub struct Judge<'a> {
    source: Source<'a>,
    spellings: &'a [Spelling],
    /// Of the site.
    base_url: &'a str,
    /// The text is in Leichte Sprache.
    is_simple: bool,
    /// The text of the block that is open, and where each piece of it stands in the file.
    block: String,
    block_pieces: Vec<(usize, usize)>,
    link: Option<OpenLink>,
    /// The HTML that the editor wrote, with the words between, and where each piece stands in the file.
    raw: String,
    pieces: Vec<(usize, usize)>,
    /// Where words stand in `raw` that are judged already.
    judged: Vec<Range<usize>>,
    problems: Vec<Problem>,
}

struct OpenLink {
    offset: usize,
    text: String,
}

/// What came of it.
pub struct Judged {
    pub problems: Vec<Problem>,
    /// Inline code and foreign addresses in the editor's own HTML, which need not be reported of the finished page again.
    pub reported: Vec<String>,
}

impl<'a> Judge<'a> {
    pub fn new(source: Source<'a>, spellings: &'a [Spelling], base_url: &'a str, is_simple: bool) -> Judge<'a> {
        Judge {
            source,
            spellings,
            base_url,
            is_simple,
            block: String::new(),
            block_pieces: Vec::new(),
            link: None,
            raw: String::new(),
            pieces: Vec::new(),
            judged: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Words that a reader sees.
    pub fn text(&mut self, text: &str, offset: usize) {
        if let Some(link) = &mut self.link {
            link.text.push_str(text);
        }
        if self.is_simple {
            self.block_pieces.push((self.block.len(), offset));
            self.block.push_str(text);
        }
        if !self.pieces.is_empty() {
            self.judged.push(self.raw.len()..self.raw.len() + text.len());
            self.raw.push_str(&text.replace(['<', '&'], " "));
        }
        // Entities and commands make text and source differ, and nearly always the source the longer one: each word stands there
        // or further on.
        let mut begin = offset;
        for (at, spelling, wrong) in prose::spellings(text, self.spellings) {
            let after = self.source.text.get(begin + at..).unwrap_or_default();
            begin += after.find(wrong).unwrap_or(0);
            self.problems
                .push(prose::spelling_problem(self.source, begin + at, spelling, wrong));
        }
    }

    /// Wrong spellings between the tags of the editor's own HTML.
    fn spellings_in_html(&mut self) {
        for range in html::texts(&self.raw) {
            for (at, spelling, wrong) in prose::spellings(&self.raw[range.clone()], self.spellings) {
                let at = range.start + at;
                if self.judged.iter().all(|judged| !judged.contains(&at)) {
                    let place = place_in_file(&self.pieces, at);
                    self.problems
                        .push(prose::spelling_problem(self.source, place, spelling, wrong));
                }
            }
        }
    }

    /// A block begins or ends here: no sentence goes beyond it.
    pub fn boundary(&mut self) {
        if !self.pieces.is_empty() {
            self.raw.push('\n');
        }
        if self.block.is_empty() {
            return;
        }
        let block = std::mem::take(&mut self.block);
        let pieces = std::mem::take(&mut self.block_pieces);
        self.long_sentences(&block, |at| place_in_file(&pieces, at));
    }

    /// Sentences between the tags of the editor's own HTML.
    fn sentences_in_html(&mut self) {
        for block in html::blocks(&self.raw) {
            let (mut text, mut pieces) = (String::new(), Vec::new());
            for range in block {
                for part in self.not_judged(range.clone()) {
                    // What stands between two parts is a block of its own.
                    if part.start > range.start {
                        text.push('\n');
                    }
                    pieces.push((text.len(), part.start));
                    text.push_str(&self.raw[part].replace('\n', " "));
                }
            }
            let places = std::mem::take(&mut self.pieces);
            self.long_sentences(&text, |at| place_in_file(&places, place_in_file(&pieces, at)));
            self.pieces = places;
        }
    }

    /// The parts of a piece of `raw` that have not passed by as text.
    fn not_judged(&self, piece: Range<usize>) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut at = piece.start;
        let first = self.judged.partition_point(|judged| judged.end <= piece.start);
        for judged in self.judged[first..]
            .iter()
            .take_while(|judged| judged.start < piece.end)
        {
            parts.push(at..judged.start.max(at));
            at = judged.end;
        }
        parts.push(at.min(piece.end)..piece.end);
        parts.retain(|part| !part.is_empty());
        parts
    }

    /// Reports those of a block; `place` says where in the file something of it stands.
    fn long_sentences(&mut self, block: &str, place: impl Fn(usize) -> usize) {
        for sentence in prose::long_sentences(block, MAX_WORDS) {
            self.problems.push(self.source.error(
                "E-SATZLAENGE",
                place(sentence.range.start),
                format!(
                    "Der Satz hat {} Wörter; in Leichter Sprache sind es höchstens {MAX_WORDS}.",
                    sentence.words
                ),
                "Machen Sie mehrere Sätze daraus.",
            ));
        }
    }

    pub fn link_start(&mut self, offset: usize) {
        self.link = Some(OpenLink {
            offset,
            text: String::new(),
        });
    }

    pub fn link_end(&mut self) {
        let Some(link) = self.link.take() else { return };
        if prose::says_nothing(&link.text) {
            let problem = link_text_problem(self.source, link.offset, link.text.trim());
            self.problems.push(problem);
        }
    }

    /// HTML as the editor wrote it.
    pub fn html(&mut self, html: &str, offset: usize) {
        self.pieces.push((self.raw.len(), offset));
        self.raw.push_str(html);
    }

    /// What was found; `last_level` is not needed: headings in HTML are not allowed at all.
    pub fn finish(mut self) -> Judged {
        self.boundary();
        let mut reported = Vec::new();
        if !self.pieces.is_empty() {
            let found = html::fragment(&self.raw);
            let outline = html::outline(&self.raw);
            let values = outline.inline.iter().chain(&outline.loads);
            reported.extend(values.map(|value| (*value).to_owned()));
            self.spellings_in_html();
            if self.is_simple {
                self.sentences_in_html();
            }
            for problem in found {
                let offset = place_in_file(&self.pieces, problem.offset);
                let problem = html_problem(self.source, offset, problem.kind, self.base_url);
                self.problems.push(problem);
            }
        }
        Judged {
            problems: self.problems,
            reported,
        }
    }
}

/// Where something stands in the file that was found at `at` in a text put together from pieces of it.
fn place_in_file(pieces: &[(usize, usize)], at: usize) -> usize {
    let piece = pieces.partition_point(|(begin, _)| *begin <= at).saturating_sub(1);
    pieces.get(piece).map_or(0, |(begin, offset)| offset + (at - begin))
}

fn link_text_problem(source: Source<'_>, offset: usize, text: &str) -> Problem {
    let message = if text.is_empty() {
        "Der Link hat keinen Text.".to_owned()
    } else {
        format!("Der Linktext „{text}“ sagt nicht, wohin der Link führt.")
    };
    source.error(
        "E-LINK-TEXT",
        offset,
        message,
        "Nennen Sie im Linktext das Ziel; wer sich nur die Links vorlesen lässt, hört sonst nichts davon.",
    )
}

fn html_problem(source: Source<'_>, offset: usize, kind: FragmentKind, base_url: &str) -> Problem {
    let unbalanced = "Öffnen und schließen Sie HTML-Elemente paarweise, das innere vor dem äußeren.";
    let (code, message, remedy) = match kind {
        FragmentKind::LoadsFromElsewhere { address } => {
            let (code, message) = links::foreign_load(&address, base_url);
            let remedy = "Legen Sie die Datei in die Site, oder nehmen Sie {{ zweiklick(…) }}.";
            (code, message, remedy)
        }
        FragmentKind::Unfinished => (
            "E-HTML",
            "Das HTML hört mitten in einem Element auf.".to_owned(),
            "Ergänzen Sie das fehlende > oder Anführungszeichen.",
        ),
        FragmentKind::NotClosed { tag } => ("E-HTML", format!("<{tag}> wird nicht geschlossen."), unbalanced),
        FragmentKind::NotOpen { tag } => ("E-HTML", format!("</{tag}> schließt nichts."), unbalanced),
        FragmentKind::WronglyNested { tag, around } => (
            "E-HTML",
            format!("<{tag}> steht in <{around}>, wird aber erst danach geschlossen."),
            unbalanced,
        ),
        FragmentKind::ImageWithoutAlt => (
            "E-BILD-ALT",
            "Dem Bild fehlt die Beschreibung für Menschen, die es nicht sehen.".to_owned(),
            "Ergänzen Sie alt=\"…\"; ist das Bild nur Schmuck, schreiben Sie alt=\"\".",
        ),
        FragmentKind::InlineStyle => (
            "E-CSP",
            "Stil innerhalb der Seite verbietet die Content Security Policy.".to_owned(),
            "Verlegen Sie Stil in eine Datei des Themas.",
        ),
        FragmentKind::InlineScript => (
            "E-CSP",
            "Ein Skript innerhalb der Seite verbietet die Content Security Policy.".to_owned(),
            "Verlegen Sie Skripte in eine Datei des Themas.",
        ),
        FragmentKind::EventHandler { name } => (
            "E-CSP",
            format!("„{name}“ in der Seite verbietet die Content Security Policy."),
            "Verlegen Sie Skripte in eine Datei des Themas.",
        ),
        FragmentKind::Base => (
            "E-CSP",
            "<base> verbiegt alle Adressen der Seite.".to_owned(),
            "Nehmen Sie das Element heraus.",
        ),
        FragmentKind::Heading { level } => (
            "E-UEBERSCHRIFT",
            format!("<h{level}> käme nicht ins Inhaltsverzeichnis."),
            "Schreiben Sie Überschriften in Markdown, mit ## am Anfang der Zeile.",
        ),
        FragmentKind::TableWithoutHeader => (
            "E-TABELLE-KOPF",
            "Die Tabelle hat keine Kopfzelle <th>.".to_owned(),
            "Schreiben Sie die Tabelle in Markdown, oder nehmen Sie für Überschriften der Spalten <th scope=\"col\">.",
        ),
        FragmentKind::LinkSaysNothing { text } => return link_text_problem(source, offset, &text),
    };
    source.error(code, offset, message, remedy)
}
