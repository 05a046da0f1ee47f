//! A disk that is full or takes nothing more, mounted by the test itself: 503, nothing half-kept, and on again after it.

mod support;

use rusqlite::Connection;
use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_change, mount_remount, unmount};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Client, Server, filled, query, service};

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
        let _ = unmount(self.path(), UnmountFlags::DETACH);
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
    let (folder, database) = prepared_on(disk.path());
    disk.read_only(true);
    let said = service::serve(folder.path()).err().expect("it does not start");
    assert!(said.contains("lässt sich nicht"), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");

    disk.read_only(false);
    let process = service::serve(folder.path()).expect("it starts");
    let (client, cookie, form) = clerk(&process, &database);
    assert_eq!(client.upload(&cookie, &filled(&form, 1, "9000.01")).status, 303);
}

#[test]
#[ignore = "mounts a disk that fails, which needs root"]
fn a_disk_that_turns_read_only_refuses_uploads_and_shows_pages_until_it_is_mended() {
    let disk = FailingDisk::new();
    let (folder, database) = prepared_on(&disk.path());
    let process = service::serve(folder.path()).expect("it starts");
    let (client, cookie, form) = clerk(&process, &database);
    let first = client.upload(&cookie, &filled(&form, 1, "9000.01"));
    let paper = first.header("location").expect("a place").to_owned();
    let next = filled(&form, 1, "9111.01");

    // What was only in memory so far is written, so that the next change of it is one of the disk's, too.
    assert!(
        runs(Command::new("sync").arg("-f").arg(&database)),
        "all is on the disk"
    );
    disk.fail();
    for upload in [&next, &filled(&form, 1, "-1"), &next] {
        client.upload(&cookie, upload).assert_store_failed();
        assert_eq!(client.get("/meldung/", &cookie).status, 200);
        assert_eq!(client.get(&paper, &cookie).status, 200);
    }

    drop(process);
    disk.mend();
    for (table, rows) in [("meldung", 1), ("chancenbudget_schulen", 1), ("wartend", 0)] {
        let sql = format!("SELECT count(*) FROM {table}");
        assert_eq!(query::<i64>(&database, &sql), rows, "{table}");
    }
    assert_eq!(query::<String>(&database, "PRAGMA integrity_check"), "ok");
    let process = service::serve(folder.path()).expect("it starts again");
    let (client, cookie, _) = clerk(&process, &database);
    assert_eq!(client.get(&paper, &cookie).status, 200);
    assert_eq!(client.upload(&cookie, &next).status, 303);
}

/// What a service needs, with its database on a disk of its own.
fn prepared_on(disk: &Path) -> (tempfile::TempDir, PathBuf) {
    let folder = service::prepare("meldungen.sqlite");
    let database = disk.join("meldungen.sqlite");
    std::fs::copy(folder.path().join("meldungen.sqlite"), &database).expect("a copy");
    let written = std::fs::File::open(&database).and_then(|file| file.sync_all());
    written.expect("it lies on the disk");
    let config = folder.path().join("handler.toml");
    let text = std::fs::read_to_string(&config).expect("the configuration");
    let place = format!("database = \"{}\"", database.display());
    std::fs::write(&config, text.replace("database = \"meldungen.sqlite\"", &place)).expect("a configuration");
    (folder, database)
}

/// Somebody who has logged in, with the own form.
fn clerk(process: &service::Running, database: &Path) -> (Client, String, Vec<u8>) {
    let (address, runde) = (process.address, query(database, "SELECT kennung FROM runde"));
    let client = Client { address, runde };
    let cookie = client.log_in(SMALL);
    let form = client.own_form(&cookie);
    (client, cookie, form)
}

/// A disk that takes nothing more after its first error, as servers set theirs up. Where the machine lends no device for
/// it, its files are made unchangeable instead, which whoever has them open notices in the same way.
struct FailingDisk {
    folder: tempfile::TempDir,
    is_mounted: bool,
}

impl FailingDisk {
    fn new() -> FailingDisk {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let mut disk = FailingDisk {
            folder,
            is_mounted: false,
        };
        std::fs::create_dir(disk.path()).expect("a folder");
        let image = std::fs::File::create(disk.image()).expect("a file");
        image.set_len(64 << 20).expect("room");
        assert!(
            runs(Command::new("mkfs.ext4").arg("-q").arg(disk.image())),
            "a file system"
        );
        disk.is_mounted = disk.mount();
        if !disk.is_mounted {
            eprintln!("No loop device: the files are made unchangeable instead.");
        }
        disk
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("platte")
    }

    fn image(&self) -> PathBuf {
        self.folder.path().join("abbild")
    }

    fn mount(&self) -> bool {
        let options = ["-o", "loop,errors=remount-ro"];
        runs(Command::new("mount").args(options).arg(self.image()).arg(self.path()))
    }

    fn fail(&self) {
        if !self.is_mounted {
            return self.change_files("+i");
        }
        let mounts = std::fs::read_to_string("/proc/self/mounts").expect("the mounts");
        let place = self.path().display().to_string();
        let line = mounts.lines().find(|line| line.contains(&place)).expect("our mount");
        let device = line.trim_start_matches("/dev/").split(' ').next().expect("its device");
        std::fs::write(format!("/sys/fs/ext4/{device}/trigger_fs_error"), "1").expect("root lets it fail");
    }

    fn mend(&self) {
        if !self.is_mounted {
            return self.change_files("-i");
        }
        unmount(self.path(), UnmountFlags::empty()).expect("nobody uses it");
        runs(Command::new("e2fsck").arg("-fy").arg(self.image()));
        assert!(self.mount(), "it is sound again");
    }

    fn change_files(&self, how: &str) {
        for entry in std::fs::read_dir(self.path()).expect("the folder") {
            let path = entry.expect("an entry").path();
            // This one is memory that processes share; a disk is never asked about it again.
            if path.to_string_lossy().ends_with("-shm") {
                continue;
            }
            assert!(runs(Command::new("chattr").arg(how).arg(path)), "root changes it");
        }
    }
}

impl Drop for FailingDisk {
    fn drop(&mut self) {
        if self.is_mounted {
            let _ = unmount(self.path(), UnmountFlags::DETACH);
        } else {
            let _ = Command::new("chattr").args(["-R", "-i"]).arg(self.path()).output();
        }
    }
}

fn runs(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}
