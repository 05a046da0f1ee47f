//! `generator serve` as an editor starts it, on a copy of the real content, with the handler beside it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

pub struct Preview {
    pub url: String,
    generator: Child,
    folder: TempDir,
}

impl Preview {
    pub fn start() -> Preview {
        let program = Path::new(env!("CARGO_BIN_EXE_generator"));
        let handler = program.with_file_name("handler");
        assert!(
            handler.exists(),
            "{} is missing: run cargo build --workspace first",
            handler.display()
        );
        let folder = tempfile::tempdir().expect("a folder");
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for part in ["content", "themes"] {
            copy(&project.join(part), &folder.path().join(part));
        }
        let mut generator = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .current_dir(folder.path())
            // The demo's database lies in a folder of the test's own.
            .env("TMPDIR", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the generator starts");
        let mut lines = BufReader::new(generator.stdout.take().expect("its output")).lines();
        let (mut url, mut logins) = (None, 0);
        while url.is_none() || logins < 3 {
            let line = lines
                .next()
                .expect("the preview prints its address and three sample logins")
                .expect("a line");
            println!("{line}");
            logins += usize::from(line.contains("Schulträgernummer"));
            url = url.or(line.find("http://").map(|at| line[at..].trim().to_owned()));
        }
        std::thread::spawn(move || lines.for_each(drop));
        Preview {
            url: url.unwrap_or_default(),
            generator,
            folder,
        }
    }

    /// The demo's database, while the preview runs.
    pub fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(find(self.folder.path(), "demo.sqlite").expect("a database")).expect("a connection")
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.generator.id().to_string()).status();
        let _ = self.generator.wait();
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)
        } else {
            std::fs::copy(entry.path(), target).map(drop).expect("a copy")
        }
    }
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .find_map(|path| match path.is_dir() {
            true => find(&path, name),
            false => path.ends_with(name).then_some(path),
        })
}
