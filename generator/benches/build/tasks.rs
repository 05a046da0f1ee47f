//! What is measured: the floor, the generator's three kinds of builds, and the full builds of others.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use anyhow::Result;

use crate::content::Page;
use crate::contestants::{self, SITE};
use crate::measure::Run;

/// Content says of which day it is, so the day of the build is fixed too.
const TODAY: &str = "2026-11-22";

/// Something that is run again and again, and what came of it.
pub struct Task {
    pub name: String,
    run: Run,
    before: Before,
    pub peak_kibibytes: Option<u64>,
    pub times: Vec<Duration>,
    /// Each time as a multiple of the floor's in the same round.
    pub ratios: Vec<f64>,
    /// Why there is nothing measured.
    pub failure: Option<String>,
}

/// What happens to the files before a run; it is not timed.
enum Before {
    /// The output starts empty.
    Remove(PathBuf),
    Nothing,
    /// The text of a page becomes another one.
    Edit(PathBuf),
}

impl Task {
    fn new(name: impl Into<String>, run: Run, before: Before) -> Task {
        Task {
            name: name.into(),
            run,
            before,
            peak_kibibytes: None,
            times: Vec::new(),
            ratios: Vec::new(),
            failure: None,
        }
    }

    /// A run that is not timed: it fills the caches and tells the peak of memory. Whoever fails here is not measured.
    pub fn warm_up(&mut self) -> Result<()> {
        self.prepare(0)?;
        match self.run.peak_kibibytes() {
            Ok(peak) => self.peak_kibibytes = peak,
            Err(error) => self.failure = Some(format!("{error:#}")),
        }
        Ok(())
    }

    pub fn measure(&mut self, round: usize) -> Result<()> {
        if self.failure.is_none() {
            self.prepare(round)?;
            self.times.push(self.run.time()?);
        }
        Ok(())
    }

    /// Sets the last time against the floor's.
    pub fn compare(&mut self, floor: Duration) {
        let time = self.times.last();
        self.ratios
            .extend(time.map(|time| time.as_secs_f64() / floor.as_secs_f64()));
    }

    fn prepare(&self, round: usize) -> Result<()> {
        match &self.before {
            Before::Remove(out) if out.exists() => fs::remove_dir_all(out)?,
            Before::Remove(_) | Before::Nothing => {}
            Before::Edit(page) => {
                let text = fs::read_to_string(page)?;
                fs::write(page, format!("{text}\nZuletzt geändert in Runde {round}.\n"))?;
            }
        }
        Ok(())
    }
}

/// The floor, which comes first, and the generator's builds.
pub fn own(generator: &Path, root: &Path, edited: &Page) -> Result<Vec<Task>> {
    let content = root.join("content").join(SITE);
    let out = |name: &str| root.join("out").join(name);
    let floor = Run::new(env::current_exe()?)
        .argument("--floor")
        .argument(&content)
        .argument(out("floor"));
    let build = |name| {
        let run = Run::new(generator)
            .argument("build")
            .argument("--today")
            .argument(TODAY);
        run.argument("--root")
            .argument(root)
            .argument("--out")
            .argument(out(name))
    };
    // The builds that find something to start from share their output.
    build("kept").time()?;
    let edit = Before::Edit(content.join(&edited.file));
    Ok(vec![
        Task::new(
            "floor: read, render Markdown, write",
            floor,
            Before::Remove(out("floor")),
        ),
        Task::new("generator, everything", build("full"), Before::Remove(out("full"))),
        Task::new("generator, nothing changed", build("kept"), Before::Nothing),
        Task::new("generator, one page changed", build("kept"), edit),
    ])
}

/// The full builds of other generators, and the names of those that are not here.
pub fn of_others(pages: &[Page], root: &Path) -> Result<(Vec<Task>, Vec<&'static str>)> {
    let (mut tasks, mut absent) = (Vec::new(), Vec::new());
    match version("hugo", "version") {
        None => absent.push("Hugo"),
        Some(version) => {
            let (source, out) = (root.join("hugo"), root.join("out/hugo"));
            contestants::write_hugo(pages, &source)?;
            let run = Run::new("hugo")
                .argument("--quiet")
                .argument("--source")
                .argument(source);
            let run = run.argument("--destination").argument(&out);
            tasks.push(Task::new(format!("{version}, everything"), run, Before::Remove(out)));
        }
    }
    match version("zola", "--version") {
        None => absent.push("Zola"),
        Some(version) => {
            let (source, out) = (root.join("zola"), root.join("out/zola"));
            contestants::write_zola(pages, &source)?;
            let run = Run::new("zola").argument("--root").argument(source).argument("build");
            let run = run.argument("--output-dir").argument(&out);
            tasks.push(Task::new(format!("{version}, everything"), run, Before::Remove(out)));
        }
    }
    Ok((tasks, absent))
}

/// The first two words of what a program says of itself; `None` when it is not installed.
fn version(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let words: Vec<&str> = text.split([' ', '-', '+']).take(2).map(str::trim).collect();
    Some(words.join(" "))
}
