//! Caddy as Debian packages it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::server::WebServer;

pub struct Caddy;

impl WebServer for Caddy {
    fn configure(folder: &Path, _: &[(String, String)], www: &Path, listen: SocketAddr) {
        let text = format!(
            "{{\n    admin off\n    auto_https off\n}}\nhttp://:{port} {{\n    bind 127.0.0.1\n    root * {www}\n    import Caddyfile\n}}\n",
            port = listen.port(),
            www = www.display(),
        );
        std::fs::write(folder.join("alle-sites"), text).expect("the configuration");
    }

    fn check(folder: &Path) -> Command {
        caddy(folder, "validate")
    }

    fn run(folder: &Path) -> Command {
        let mut command = caddy(folder, "run");
        command.stderr(Stdio::null());
        command
    }
}

fn caddy(folder: &Path, verb: &str) -> Command {
    let mut command = Command::new("caddy");
    command.arg(verb).arg("--config").arg(folder.join("alle-sites"));
    command.args(["--adapter", "caddyfile"]);
    command
        .env("HOME", folder)
        .env("XDG_DATA_HOME", folder)
        .env("XDG_CONFIG_HOME", folder);
    command
}
