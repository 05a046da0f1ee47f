//! The way of a site from content to `dist`: read -> parse -> make the pages -> check what only the whole shows -> publish.
//!
//! A page is made again only when something it was made from has changed: its file, what others show of it and it of them, the
//! theme, the day. What is known of the rest stands in the state of the last build; so a build after an edit gives what a first
//! build would give, sooner.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use jiff::civil::Date;
use rayon::prelude::*;

use crate::addresses::{self, Addresses};
use crate::check;
use crate::config::SiteConfig;
use crate::digest::Digest;
use crate::extras;
use crate::layout::Layouts;
use crate::links::{Places, Targets};
use crate::memory::Memory;
use crate::notice::NoticeMap;
use crate::output::{Listing, Lock, Output, Published, Stage};
use crate::pages::{Buffers, Workshop, output_findings};
use crate::problem::{self, Problem};
use crate::progress::Progress;
use crate::read::Sources;
use crate::render::Contexts;
use crate::site::Site;
use crate::state::{self, Chunks, LastBuild, NewState, Record, State, Summary};
use crate::theme::{Theme, ThemeFiles};

/// What a build depends on besides content and themes.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder that holds `content/` and `themes/`.
    pub root: PathBuf,
    pub today: Date,
    pub drafts: bool,
    /// Precompressed copies beside text files.
    pub compress: bool,
    /// Changes when this program does: what another release has made is made again.
    pub program: u64,
}

/// A site that is ready to be published, or not.
pub struct Prepared {
    site: String,
    pub summary: Summary,
    /// `None` when a problem stops it, or when there is nothing to do.
    work: Option<Work>,
    /// How many files lie there already, when there is nothing to do.
    unchanged: usize,
    used: Used,
}

/// What a site was made with. Giving back thousands of pages piece by piece takes time for which nobody who waits for them should
/// have to wait.
type Used = Vec<Box<dyn Send>>;

/// What is staged, and what it was made from.
struct Work {
    stage: Stage,
    outputs: Vec<Output>,
    whole: Whole,
    inputs: u64,
}

/// A site with all its pages made.
struct Whole {
    site: Site,
    pages: Vec<MadePage>,
}

/// The sites to build: those wanted, or every folder below `content/`.
pub fn sites(root: &Path, wanted: &[String]) -> Result<Vec<String>> {
    let content = root.join("content");
    let mut sites = Vec::new();
    for entry in std::fs::read_dir(&content).with_context(|| format!("{} lässt sich nicht lesen", content.display()))?
    {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && !name.starts_with('.') {
            sites.push(name);
        }
    }
    ensure!(!sites.is_empty(), "Unter content/ liegt keine Site");
    sites.sort();
    if let Some(missing) = wanted.iter().find(|wanted| !sites.contains(wanted)) {
        bail!(
            "Die Site „{missing}“ gibt es nicht. Vorhanden sind: {}",
            sites.join(", ")
        );
    }
    if !wanted.is_empty() {
        sites.retain(|site| wanted.contains(site));
    }
    Ok(sites)
}

/// Everything that is wrong with a site, sorted by place; nothing is written.
pub fn check(settings: &Settings, name: &str, progress: &Progress) -> Result<Vec<Problem>> {
    let inputs = Inputs::read(settings, name, &Memory::default());
    let made = make(settings, name, inputs, &HashMap::new(), &Stage::trial(), progress)?;
    Ok(made.summary.problems)
}

/// Whose the address of a page would be already: a page's, be it a draft, a redirect's or the handler's. What is wrong with the
/// site is for another command to say.
pub fn owner(settings: &Settings, name: &str, output_file: &str) -> Option<String> {
    let settings = Settings {
        drafts: true,
        ..settings.clone()
    };
    let inputs = Inputs::read(&settings, name, &Memory::default());
    let site = Site::parse(&settings, inputs.config?, inputs.sources, &mut Vec::new());
    if addresses::is_handlers(&site, output_file) {
        return Some("das Berichtstool".to_owned());
    }
    let addresses = Addresses::plan(&site, None, &mut Vec::new());
    addresses.owner(output_file).map(str::to_owned)
}

/// Makes and stages what has changed since the last build.
pub fn prepare(settings: &Settings, name: &str, out: &Path, lock: &Lock, progress: &Progress) -> Result<Prepared> {
    let state = State::read(&state_file(out, name));
    let (inputs, (before, listing)) = rayon::join(
        || Inputs::read(settings, name, &state.memory()),
        || {
            let before = state.left();
            let listing = Listing::read(out, name, &before);
            (before, listing)
        },
    );
    let digest = inputs.digest;
    if state.last.inputs == digest && matches!(listing, Listing::AsLeft) {
        return Ok(Prepared {
            site: name.to_owned(),
            summary: state.last.summary,
            work: None,
            unchanged: before.files.len(),
            used: vec![Box::new((before, inputs))],
        });
    }
    let stage = Stage::new(out, name, settings.compress, listing, before, lock);
    let known = state.records();
    let mut made = make(settings, name, inputs, &known, &stage, progress)?;
    made.used.push(Box::new((state, known)));
    let is_good = !problem::has_errors(&made.summary.problems);
    let work = match made.whole {
        Some(whole) if is_good => Some(Work {
            stage,
            outputs: made.outputs,
            whole,
            inputs: digest,
        }),
        whole => {
            made.used.push(Box::new(whole));
            None
        }
    };
    Ok(Prepared {
        site: name.to_owned(),
        unchanged: 0,
        work,
        summary: made.summary,
        used: made.used,
    })
}

/// Puts what is staged in its place, says so, and notes it for the next build: whoever waits for the pages need not wait for that.
pub fn publish(prepared: &mut Prepared, out: &Path, say: impl FnOnce(&Published) + Send) -> Result<()> {
    let Some(work) = prepared.work.take() else {
        say(&Published {
            unchanged: prepared.unchanged,
            ..Published::default()
        });
        return Ok(());
    };
    let Work {
        stage,
        outputs,
        whole,
        inputs,
    } = work;
    let path = state_file(out, &prepared.site);
    let (state, folders) = rayon::join(
        || NewState::begin(path, whole.site.remembered()?, whole.records()?),
        || {
            let (published, folders) = stage.publish(&outputs)?;
            say(&published);
            anyhow::Ok(folders)
        },
    );
    let folders = folders?;
    let file = |index: usize| Some((outputs[index].path.as_str(), &outputs[index].state));
    let files = state::chunks(outputs.len(), file)?;
    let folders = state::chunks(folders.len(), |index| Some(folders[index]))?;
    let last = LastBuild {
        inputs,
        summary: prepared.summary.clone(),
    };
    state?.finish(&last, files, folders)?;
    prepared.used.push(Box::new((whole, outputs)));
    Ok(())
}

fn state_file(out: &Path, site: &str) -> PathBuf {
    out.join(".stand").join(site)
}

/// Everything that a site is made from, as it was read.
struct Inputs {
    sources: Sources,
    config: Option<SiteConfig>,
    theme: Option<ThemeFiles>,
    problems: Vec<Problem>,
    /// Of all of it, the day and the program.
    digest: u64,
    /// Of all that every page depends on.
    shared: u64,
}

impl Inputs {
    fn read(settings: &Settings, name: &str, memory: &Memory) -> Inputs {
        let mut problems = Vec::new();
        let mut sources = Sources::read(&settings.root, name, memory, &mut problems);
        let site_digest = sources.site.as_ref().map_or(0, |source| source.digest);
        let konzept_digest = sources.loeschkonzept.as_ref().map_or(0, |source| source.digest);
        let config = match sources.site.take() {
            // Perhaps it is there.
            None if sources.inventory.is_unknown("site.toml") => None,
            site => SiteConfig::read(name, site, &mut problems),
        };
        let theme = match &config {
            Some(config) => ThemeFiles::read(&settings.root, config, &mut problems),
            None => None,
        };
        let shared = Digest::new()
            .number(settings.program)
            .text(&settings.today.to_string())
            .number(u64::from(settings.drafts))
            .number(u64::from(settings.compress))
            .number(theme.as_ref().map_or(0, |theme| theme.digest))
            .number(site_digest)
            .number(konzept_digest)
            .finish();
        Inputs {
            digest: Digest::new().number(shared).number(sources.digest).finish(),
            sources,
            config,
            theme,
            problems,
            shared,
        }
    }
}

/// What became of a site.
#[derive(Default)]
struct Made {
    summary: Summary,
    outputs: Vec<Output>,
    /// `None` when nobody can read what the site is.
    whole: Option<Whole>,
    used: Used,
}

impl Whole {
    /// What the next build may know of the pages.
    fn records(&self) -> Result<Chunks> {
        state::chunks(self.pages.len(), |index| {
            Some((self.site.pages[index].file.as_str(), &*self.pages[index].record))
        })
    }
}

/// Makes all that is not fresh, and finds everything that is wrong.
fn make(
    settings: &Settings,
    name: &str,
    inputs: Inputs,
    known: &HashMap<String, Arc<Record>>,
    stage: &Stage,
    progress: &Progress,
) -> Result<Made> {
    let mut problems = inputs.problems;
    let mut made = Made::default();
    if let Some(config) = inputs.config {
        let site = Site::parse(settings, config, inputs.sources, &mut problems);
        let theme = inputs.theme.and_then(|files| Theme::new(files, &mut problems));
        let contexts = Contexts::new(&site);
        let workshop = Workshop {
            site: &site,
            theme: theme.as_ref(),
            contexts: &contexts,
            layouts: Layouts::new(&site.config, theme.as_ref().map(|theme| &theme.usage)),
            digest: inputs.shared,
        };
        progress.begin(name, site.pages.len());
        let mut pages = make_pages(&workshop, known, stage, progress)?;
        made.outputs = judge_and_add(settings, &workshop, &pages, stage, &mut problems)?;
        made.summary.pages = site.pages.len();
        let notices = site.pages.iter().filter_map(|page| page.front_matter.notice.as_deref());
        made.summary.zu_bestaetigen = notices.map(NoticeMap::zu_bestaetigen).sum();
        made.outputs.reserve(pages.len());
        for page in &mut pages {
            problems.extend(page.record.problems.iter().cloned());
            made.outputs.append(&mut page.outputs);
        }
        check::finished::once_per_template(&mut problems);
        let as_warning = site.config.as_warning.iter();
        problem::lower(
            &mut problems,
            as_warning.map(|lower| (lower.code.value.as_str(), lower.reason.as_str())),
        );
        drop(workshop);
        drop(contexts);
        made.used.push(Box::new(theme));
        made.whole = Some(Whole { site, pages });
    }
    problem::sort(&mut problems);
    made.summary.problems = problems;
    Ok(made)
}

/// So many pages at most are one thread's: with more, one would still be busy when all others have nothing left to do.
const PAGES_AT_ONCE: usize = 64;

/// A page of this build.
struct MadePage {
    record: Arc<Record>,
    outputs: Vec<Output>,
    is_finished: bool,
}

/// Makes the pages that are not fresh, in parallel, straight into the staging area.
fn make_pages(
    workshop: &Workshop<'_>,
    known: &HashMap<String, Arc<Record>>,
    stage: &Stage,
    progress: &Progress,
) -> Result<Vec<MadePage>> {
    let pages = &workshop.site.pages;
    let make = |buffers: &mut Buffers, index: usize| {
        let record = known.get(&pages[index].file);
        let page = match record.and_then(|record| kept(workshop, index, record, stage)) {
            Some(kept) => kept,
            None => make_page(workshop, index, stage, buffers)?,
        };
        progress.step();
        Ok(page)
    };
    // Each into its place: a failure is rare, and memory for parts that are put together later is not free.
    let made: Vec<Result<MadePage>> = (0..pages.len())
        .into_par_iter()
        .with_max_len(PAGES_AT_ONCE)
        .map_init(Buffers::default, make)
        .collect();
    made.into_iter().collect()
}

/// A page that would come out as it lies there.
fn kept(workshop: &Workshop<'_>, index: usize, record: &Arc<Record>, stage: &Stage) -> Option<MadePage> {
    if !workshop.is_fresh(index, record) {
        return None;
    }
    let mut outputs = Vec::with_capacity(1);
    stage.keep(
        format!("www/{}", workshop.site.pages[index].output_file()),
        &mut outputs,
    )?;
    for path in &record.files {
        stage.keep(format!("www/{path}"), &mut outputs)?;
    }
    Some(MadePage {
        outputs,
        record: Arc::clone(record),
        is_finished: true,
    })
}

fn make_page(workshop: &Workshop<'_>, index: usize, stage: &Stage, buffers: &mut Buffers) -> Result<MadePage> {
    let page = &workshop.site.pages[index];
    let finished = workshop.finish(index, buffers);
    let mut outputs = Vec::with_capacity(1);
    let html = finished.html.unwrap_or_default();
    let seen = finished.seen();
    let mut record = workshop.record(index, &finished, &seen);
    let findings = output_findings(
        page,
        &finished.document,
        &seen.outline,
        &record,
        &workshop.site.config.base_url,
    );
    let placed = findings
        .into_iter()
        .map(|finding| check::finished::placed(finding, page, &finished, workshop.theme));
    record.problems.extend(placed);
    if !html.is_empty() {
        stage.put(format!("www/{}", page.output_file()), html.as_bytes(), &mut outputs)?;
    }
    for (path, bytes) in &finished.document.made.files {
        stage.put(format!("www/{path}"), bytes, &mut outputs)?;
    }
    Ok(MadePage {
        record: Arc::new(record),
        outputs,
        is_finished: !html.is_empty() && finished.content.is_some(),
    })
}

/// Judges what only the whole site shows, and adds all files that are not pages.
fn judge_and_add(
    settings: &Settings,
    workshop: &Workshop<'_>,
    pages: &[MadePage],
    stage: &Stage,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Output>> {
    let site = workshop.site;
    let records: Vec<&Record> = pages.iter().map(|page| &*page.record).collect();
    let (mut addresses, places) = rayon::join(
        || Addresses::plan(site, workshop.theme, problems),
        || Places::of(site, &records),
    );
    for (page, made) in site.pages.iter().zip(pages) {
        let byproducts = made.record.files.iter();
        problems.extend(byproducts.filter_map(|path| addresses.claim_byproduct(path, page)));
    }
    let headings = |index: usize| -> Vec<String> { workshop.document_of(index).ids().map(str::to_owned).collect() };
    let unfinished: HashSet<usize> = (0..pages.len()).filter(|&index| !pages[index].is_finished).collect();
    let targets = Targets::new(site, places, addresses.files(), unfinished, &headings);
    problems.extend(dead_links(workshop, pages, &targets));
    check::check_site(
        site,
        workshop.theme,
        workshop.contexts.relations(),
        settings.today,
        &records,
        &targets,
        problems,
    );
    extras::add(settings, workshop, &records, &targets, stage, problems)
}

/// Pages with a link that leads nowhere are looked at once more, to say which it is.
fn dead_links(workshop: &Workshop<'_>, pages: &[MadePage], targets: &Targets<'_>) -> Vec<Problem> {
    let is_dead = |index: &usize| {
        let record = &pages[*index].record;
        !pages[*index].is_finished || record.targets.iter().any(|place| targets.is_dead(*place))
    };
    let suspects: Vec<usize> = (0..pages.len()).into_par_iter().filter(is_dead).collect();
    let found: Vec<Vec<Problem>> = suspects
        .into_par_iter()
        .map(|index| {
            let mut buffers = Buffers::default();
            let finished = workshop.finish(index, &mut buffers);
            check::finished::dead_links(workshop.site, workshop.theme, index, &finished, targets)
        })
        .collect();
    found.into_iter().flatten().collect()
}
