//! A copy of the project in `tests/fixture`, which has no problems, to be changed by a test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use expect_test::Expect;
use tempfile::TempDir;

/// A project of its own for one test.
pub struct Project {
    folder: TempDir,
}

impl Project {
    pub fn new() -> Project {
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture"),
            folder.path(),
        );
        Project { folder }
    }

    /// Writes a file, given from `content/muster` or, beginning with `themes/`, from the root.
    pub fn write(&self, file: &str, bytes: impl AsRef<[u8]>) -> &Project {
        let path = self.path(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        fs::write(path, bytes).expect("the file");
        self
    }

    /// Replaces a text that must be there.
    pub fn replace(&self, file: &str, old: &str, new: &str) -> &Project {
        let text = fs::read_to_string(self.path(file)).expect("the file");
        assert!(text.contains(old), "{old} in {file}");
        self.write(file, text.replacen(old, new, 1))
    }

    pub fn remove(&self, file: &str) -> &Project {
        fs::remove_file(self.path(file)).expect("the file");
        self
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    fn path(&self, file: &str) -> PathBuf {
        if file.starts_with("themes/") {
            self.root().join(file)
        } else {
            self.root().join("content/muster").join(file)
        }
    }

    /// Runs the generator in this project.
    pub fn run(&self, arguments: &[&str]) -> Output {
        run(self.root(), arguments)
    }

    /// Builds, expecting no problem, and returns what it says.
    pub fn build(&self) -> String {
        let output = self.run(&["build", "--today", "2026-11-22"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    }

    /// A published file of the site.
    pub fn published(&self, file: &str) -> String {
        fs::read_to_string(self.root().join("dist/muster").join(file)).expect(file)
    }

    /// Every published file with its bytes.
    pub fn dist(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let dist = self.root().join("dist/muster");
        files_below(&dist)
            .into_iter()
            .map(|file| {
                (
                    file.strip_prefix(&dist).expect("below dist").to_owned(),
                    fs::read(&file).expect("the file"),
                )
            })
            .collect()
    }

    /// Checks, and compares the problems: code, place, and message with the marked source.
    pub fn check(&self, expected: Expect) {
        self.check_on("2026-11-22", expected);
    }

    /// The same on another day.
    pub fn check_on(&self, today: &str, expected: Expect) {
        let output = self.run(&["check", "--format", "json", "--today", today]);
        let problems: Vec<serde_json::Value> =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
        let has_errors = problems.iter().any(|problem| problem["severity"] == "error");
        assert_eq!(output.status.code(), Some(i32::from(has_errors)));
        expected.assert_eq(&problems.iter().map(shown).collect::<String>());
    }
}

/// Adds one file to the project and compares the problems.
pub fn check(file: &str, text: &str, expected: Expect) {
    Project::new().write(file, text).check(expected);
}

/// Adds a page with this Markdown below its front matter, which ends on line 3.
pub fn check_text(markdown: &str, expected: Expect) {
    check("seite.md", &page(markdown), expected);
}

/// A page with this Markdown below its front matter, which ends on line 3.
pub fn page(markdown: &str) -> String {
    format!("+++\ntitle = \"Seite\"\n+++\n{markdown}\n")
}

/// Runs the generator in any project.
pub fn run(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_generator"))
        .arg("--root")
        .arg(root)
        .args(arguments)
        .output()
        .expect("the generator")
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// "CODE file:line:column ‹what stands there›: message. Remedy".
fn shown(problem: &serde_json::Value) -> String {
    let field = |key: &str| problem[key].as_str().unwrap_or_default().to_owned();
    let file = field("file").replace("content/muster/", "");
    assert!(!field("remedy").is_empty(), "{problem} has no remedy");
    let column = problem["column"].as_u64().unwrap_or_default();
    let place = match problem["line"].as_u64() {
        Some(0) | None => file,
        Some(line) => {
            let at: String = field("source")
                .chars()
                .skip(usize::try_from(column).expect("a column") - 1)
                .take(16)
                .collect();
            format!("{file}:{line}:{column} ‹{at}›")
        }
    };
    format!("{} {place}: {} {}\n", field("code"), field("message"), field("remedy"))
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the fixture") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// All files below a folder, sorted.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}
