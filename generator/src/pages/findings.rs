//! What is wrong with a page, as far as the page alone shows it: in its text, and in what came out.

use std::collections::HashSet;

use crate::html::Outline;
use crate::links;
use crate::markdown::Document;
use crate::page::Page;
use crate::problem::{Problem, Source};
use crate::state::Record;
use crate::theme::Theme;

/// A template that leaves the text out would publish empty pages.
pub(super) fn lost_text(page: &Page, theme: &Theme) -> Problem {
    Problem::in_file(
        "E-VORLAGE-INHALT",
        format!("{}/templates/{}", theme.shown, page.template()),
        format!(
            "Die Vorlage gibt den Text der Seite nicht aus (bei {}).",
            page.source_file
        ),
        "Schreiben Sie {{ page.content }} an die Stelle, an der er stehen soll.",
    )
}

/// An expired page stands in the Archiv; somebody should have decided that.
pub(super) fn expired(page: &Page, has_archive: bool) -> Option<Problem> {
    let until = page.front_matter.valid_until.as_ref().filter(|_| page.is_archived)?;
    let day = form::day_text(until.value);
    let (message, remedy) = if has_archive {
        (
            format!("Die Seite galt nur bis zum {day}; sie steht jetzt im Archiv."),
            "Gilt sie weiter, setzen Sie valid_until auf einen späteren Tag.",
        )
    } else {
        (
            format!("Die Seite galt nur bis zum {day}, und die Site hat kein Archiv."),
            "Legen Sie archiv/index.md an, oder setzen Sie valid_until auf einen späteren Tag.",
        )
    };
    Some(
        page.source()
            .error("H-ABGELAUFEN", until.offset, message, remedy)
            .into_warning(),
    )
}

/// What a text shows to be wrong without a look at other pages.
pub(super) fn text_problems(source: Source<'_>, document: &Document, base_url: &str) -> Vec<Problem> {
    let foreign_images = document
        .links
        .iter()
        .filter(|link| link.is_image && links::is_foreign(&link.written))
        .map(|link| {
            let (code, message) = links::foreign_load(&link.written, base_url);
            source.error(
                code,
                link.offset,
                message,
                "Legen Sie die Datei unter content/<site>/ ab und verlinken Sie sie als /pfad/bild.png.",
            )
        });
    let elsewhere = document
        .links
        .iter()
        .filter(|link| !links::is_local(&link.written))
        .filter(|link| !link.is_image || !links::is_foreign(&link.written))
        .filter_map(|link| links::check_foreign(&link.written, source, link.offset));
    let pages = document.links.iter().filter(|link| links::is_image_of_page(link));
    let pages = pages.map(|link| {
        source.error(
            "E-BILD-DATEI",
            link.offset,
            format!("„{}“ ist eine Seite und kein Bild.", link.written),
            "Nennen Sie die Bilddatei mit ihrem Pfad unter content/<site>/, zum Beispiel /programm/bild.jpg.",
        )
    });
    foreign_images.chain(elsewhere).chain(pages).collect()
}

/// Everything wrong in a finished page that does not depend on other pages, and that its text alone does not show.
pub struct OutputFinding<'a> {
    pub code: &'static str,
    /// What to look for in the sources.
    pub value: &'a str,
    pub message: String,
    pub remedy: &'static str,
}

/// Judges the finished page by itself.
pub fn output_findings<'a>(
    page: &Page,
    document: &Document,
    outline: &Outline<'a>,
    record: &Record,
    base_url: &str,
) -> Vec<OutputFinding<'a>> {
    let mut findings = Vec::new();
    // Their digests are sorted, so that two of one id stand beside each other.
    if record.ids.windows(2).any(|pair| pair[0] == pair[1]) {
        findings.extend(repeated_ids(page, document, outline));
    }
    // Where it is written, it is reported already.
    let is_known = |value: &str| {
        document.links.iter().any(|link| link.written == value) || document.reported.iter().any(|known| known == value)
    };
    let foreign = foreign_loads(outline, base_url);
    findings.extend(
        foreign
            .chain(inline_findings(outline))
            .filter(|finding| !is_known(finding.value)),
    );
    findings
}

/// What a page loads from other hosts.
pub fn foreign_loads<'a>(outline: &Outline<'a>, base_url: &str) -> impl Iterator<Item = OutputFinding<'a>> {
    let foreign = outline.loads.iter().filter(|load| links::is_foreign(load));
    foreign.map(|load| {
        let (code, message) = links::foreign_load(load, base_url);
        OutputFinding {
            code,
            value: load,
            message,
            remedy: "Legen Sie die Datei in die Site oder in das Thema.",
        }
    })
}

/// Code and style within a page.
pub fn inline_findings<'a>(outline: &Outline<'a>) -> impl Iterator<Item = OutputFinding<'a>> {
    outline.inline.iter().map(|inline| OutputFinding {
        code: "E-CSP",
        value: inline,
        message: format!("„{inline}“ in der Seite verbietet die Content Security Policy."),
        remedy: "Verlegen Sie Stil und Skript in Dateien unter static/.",
    })
}

/// Ids that the template, the text or its HTML use twice; those of two headings are known from the Markdown.
fn repeated_ids<'a>(page: &Page, document: &Document, outline: &Outline<'a>) -> Vec<OutputFinding<'a>> {
    let mut seen = HashSet::with_capacity(outline.ids.len());
    let is_repeated = |id: &&'a str| !seen.insert(*id) && document.ids().filter(|own| own == id).count() < 2;
    let finding = |id| OutputFinding {
        code: "E-ID-DOPPELT",
        value: id,
        message: format!(
            "Die Kennung „{id}“ kommt auf der Seite {} noch einmal vor, in der Vorlage oder in HTML.",
            page.path
        ),
        remedy: "Geben Sie einer der beiden Stellen eine andere Kennung, einer Überschrift mit {#…}.",
    };
    let ids: Vec<&'a str> = outline.ids.iter().copied().filter(is_repeated).collect();
    ids.into_iter().map(finding).collect()
}
