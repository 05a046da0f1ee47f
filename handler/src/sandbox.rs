//! What a child gives up before it reads a byte: files, network, other processes, memory and time.

use anyhow::{Context, Result, ensure};
use landlock::{ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus};
use rustix::process::{Resource, Rlimit, setrlimit};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::os::unix::process::CommandExt;

/// What happens on a machine whose kernel lacks Landlock or seccomp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sandbox {
    /// Nothing is examined there.
    #[default]
    Strikt,
    /// Examined with what there is.
    SoweitMoeglich,
}

const MEMORY_BYTES: u64 = 160 << 20;
const CPU_SECONDS: u64 = 2;
/// Standard input, output and error.
const OPEN_FILES: u64 = 3;

/// What reading bytes, calculating and writing an answer needs, and nothing that opens, connects or starts anything.
const SYSTEM_CALLS: [i64; 28] = [
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_lseek,
    libc::SYS_fcntl,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_tgkill,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

impl Sandbox {
    /// As the child's argument.
    pub fn argument(self) -> &'static str {
        match self {
            Sandbox::Strikt => "strikt",
            Sandbox::SoweitMoeglich => "soweit-moeglich",
        }
    }

    /// Whatever is no other word is meant strictly.
    pub fn of_argument(argument: Option<&str>) -> Sandbox {
        if argument == Some(Sandbox::SoweitMoeglich.argument()) {
            Sandbox::SoweitMoeglich
        } else {
            Sandbox::Strikt
        }
    }

    /// Gives everything up, for good. What cannot be given up is an error where it is meant strictly.
    pub fn enter(self) -> Result<()> {
        // In this order: making Landlock's rules takes a file descriptor, and setting limits a system call.
        let no_paths = forbid_paths_and_network();
        limit_resources()?;
        let few_calls = forbid_system_calls();
        if self == Sandbox::Strikt {
            no_paths.and(few_calls)
        } else {
            Ok(())
        }
    }
}

fn limit_resources() -> Result<()> {
    let limits = [
        (Resource::As, MEMORY_BYTES),
        (Resource::Cpu, CPU_SECONDS),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nofile, OPEN_FILES),
    ];
    for (resource, value) in limits {
        setrlimit(
            resource,
            Rlimit {
                current: Some(value),
                maximum: Some(value),
            },
        )?;
    }
    Ok(())
}

/// Landlock with no rule at all: no path, no port.
fn forbid_paths_and_network() -> Result<()> {
    let newest = ABI::V5;
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(newest))?
        .handle_access(AccessNet::from_all(newest))?
        .create()?
        .restrict_self()?;
    ensure!(status.ruleset != RulesetStatus::NotEnforced, "Landlock fehlt");
    Ok(())
}

fn forbid_system_calls() -> Result<()> {
    let allowed: BTreeMap<i64, Vec<_>> = SYSTEM_CALLS.into_iter().map(|call| (call, Vec::new())).collect();
    let refuse = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let filter = SeccompFilter::new(
        allowed,
        refuse,
        SeccompAction::Allow,
        std::env::consts::ARCH.try_into()?,
    )?;
    let program: BpfProgram = filter.try_into()?;
    seccompiler::apply_filter(&program).context("seccomp fehlt")
}

/// Tries from inside what must be forbidden. Gives what was not, in words.
pub fn still_possible() -> Vec<&'static str> {
    // Forbidden, not only out of reach for some other reason.
    fn forbidden<T>(tried: std::io::Result<T>) -> bool {
        tried.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
    }
    let tried = [
        ("Dateien öffnen", forbidden(std::fs::File::open("/"))),
        ("das Netz benutzen", forbidden(std::net::UdpSocket::bind("127.0.0.1:0"))),
        // The same system calls as for a process.
        ("abzweigen", forbidden(std::thread::Builder::new().spawn(|| {}))),
        (
            "Programme starten",
            forbidden::<()>(Err(std::process::Command::new("/bin/true").exec())),
        ),
        ("die Umgebung lesen", std::env::vars_os().next().is_none()),
        ("2 GiB Speicher belegen", !can_reserve(2 << 30)),
    ];
    tried
        .into_iter()
        .filter(|(_, held)| !held)
        .map(|(what, _)| what)
        .collect()
}

/// The compiler leaves out memory that nobody looks at, and the wall would seem open.
fn can_reserve(bytes: usize) -> bool {
    let mut memory = Vec::<u8>::new();
    let reserved = memory.try_reserve_exact(std::hint::black_box(bytes)).is_ok();
    std::hint::black_box(&memory);
    reserved
}
