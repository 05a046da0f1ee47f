//! A disk that is full or takes nothing more, mounted by the test itself: 503, nothing half-kept, and on again after it.

mod support;

use rusqlite::Connection;
use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_change, mount_remount, unmount};
use std::io::Write;
use std::path::{Path, PathBuf};
use support::{Answer, Client, Server, filled, query, service};

/// A Träger with one school.
const SMALL: &str = "10039";

/// A small disk in memory; gone with the test.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    fn new(size: &str) -> Disk {
        let folder = tempfile::tempdir().expect("a folder");
        let options = std::ffi::CString::new(format!("size={size}")).expect("text");
        mount("tmpfs", folder.path(), "tmpfs", MountFlags::empty(), options.as_c_str()).expect("root mounts a disk");
        mount_change(folder.path(), MountPropagationFlags::PRIVATE).expect("a mount of its own");
        Disk { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves no byte free, and gives the file to delete.
    fn fill(&self) -> PathBuf {
        let path = self.path().join("voll");
        let mut file = std::fs::File::create(&path).expect("a file");
        for size in [1 << 16, 1 << 12, 1] {
            while file.write_all(&vec![1; size]).is_ok() {}
        }
        path
    }

    fn read_only(&self, on: bool) {
        let flags = if on { MountFlags::RDONLY } else { MountFlags::empty() };
        mount_remount(self.path(), flags, c"").expect("root mounts it anew");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = unmount(self.path(), rustix::mount::UnmountFlags::DETACH);
    }
}

/// A running server whose database lies on the disk.
fn server_on(disk: &Disk) -> Server {
    let mut server = Server::start();
    server.end();
    let database = disk.path().join("meldungen.sqlite");
    let connection = Connection::open(&server.database).expect("the database");
    connection
        .execute("VACUUM INTO ?", [database.to_str().expect("a path")])
        .expect("a copy");
    drop(connection);
    server.restart_with(|config| config.database = database)
}

/// What a failed upload must leave as it was.
fn kept(server: &Server) -> [i64; 4] {
    ["meldung", "journal", "chancenbudget_schulen", "wartend"].map(|table| server.count(table))
}

#[test]
#[ignore = "mounts a small disk, which needs root"]
fn a_full_disk_refuses_uploads_shows_pages_and_takes_them_again() {
    let disk = Disk::new("8m");
    let server = server_on(&disk);
    let cookie = server.log_in(SMALL);
    let form = server.own_form(&cookie);
    let first = server.upload(&cookie, &filled(&form, 1, "9000.01"));
    let paper = first.header("location").expect("a place").to_owned();
    let before = kept(&server);
    server.advance(5);

    let filler = disk.fill();
    let next = filled(&form, 1, "9111.01");
    let faulty = filled(&form, 1, "-1");
    for upload in [&next, &faulty, &next] {
        server.upload(&cookie, upload).assert_store_failed();
    }
    assert_eq!(server.get("/meldung/", &cookie).status, 200);
    assert_eq!(server.get(&paper, &cookie).status, 200);

    std::fs::remove_file(filler).expect("room again");
    assert_eq!(kept(&server), before);
    assert_eq!(server.upload(&cookie, &next).status, 303);
    assert_eq!(server.count("meldung"), 2);
    assert_eq!(server.query::<String>("PRAGMA integrity_check"), "ok");
}

#[test]
#[ignore = "mounts a small disk, which needs root"]
fn on_a_read_only_disk_the_service_says_so_and_starts_once_it_is_mended() {
    let disk = Disk::new("64m");
    let folder = service::prepare("meldungen.sqlite");
    let database = disk.path().join("meldungen.sqlite");
    std::fs::copy(folder.path().join("meldungen.sqlite"), &database).expect("a copy");
    let config = folder.path().join("handler.toml");
    let text = std::fs::read_to_string(&config).expect("the configuration");
    let place = format!("database = \"{}\"", database.display());
    std::fs::write(&config, text.replace("database = \"meldungen.sqlite\"", &place)).expect("a configuration");

    disk.read_only(true);
    let said = service::serve(folder.path()).err().expect("it does not start");
    assert!(said.contains("lässt sich nicht"), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");

    disk.read_only(false);
    let process = service::serve(folder.path()).expect("it starts");
    let address = process.address;
    let runde = query(&database, "SELECT kennung FROM runde");
    let client = Client { address, runde };
    let cookie = client.log_in(SMALL);
    let form = client.own_form(&cookie);
    assert_eq!(client.upload(&cookie, &filled(&form, 1, "9000.01")).status, 303);
}
