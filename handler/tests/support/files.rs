//! What lies in folders.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Every file of a folder and of those in it, by its name from there.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            let inner = self::files(&path).into_iter();
            files.extend(inner.map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            files.insert(name, std::fs::read(&path).expect("a file"));
        }
    }
    files
}

/// The same for a folder with a database that this process holds open. Another process makes copies to read, because
/// whoever closes a file loses each lock that SQLite holds on it in his process.
pub fn files_in_use(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let copies = tempfile::tempdir().expect("a folder");
    let copied = Command::new("cp").arg("-rT").arg(folder).arg(copies.path()).status();
    assert!(copied.expect("cp runs").success(), "{}", folder.display());
    files(copies.path())
}
