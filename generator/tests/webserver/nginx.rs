//! nginx as Debian packages it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::server::WebServer;

pub struct Nginx;

impl WebServer for Nginx {
    fn configure(folder: &Path, pieces: &[(String, String)], www: &Path, listen: SocketAddr) {
        // site.conf contains the other pieces for the section of the server.
        let wanted = ["http.conf", "log-format.conf", "site.conf"];
        let includes = |section: &str| -> String {
            let belongs = |(name, text): &&(String, String)| {
                let first_line = text.lines().next().unwrap_or_default();
                wanted.contains(&name.as_str()) && first_line.contains(&format!("Abschnitt {section} {{ … }}"))
            };
            let pieces = pieces.iter().filter(belongs);
            pieces.map(|(name, _)| format!("include {name};\n")).collect()
        };
        let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temporary: String = folders.map(|name| format!("{name}_temp_path {name};\n")).concat();
        let text = format!(
            "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log log/error.log;\nevents {{}}\n\
             http {{\ninclude /etc/nginx/mime.types;\ndefault_type application/octet-stream;\n{temporary}gzip on;\n{http}\
             server {{\nlisten {listen};\nserver_name www.muster.nrw;\nroot {www};\n{server}}}\n}}\n",
            http = includes("http"),
            server = includes("server"),
            www = www.display(),
        );
        std::fs::write(folder.join("nginx.conf"), text).expect("the configuration");
    }

    fn check(folder: &Path) -> Command {
        let mut command = Nginx::run(folder);
        command.arg("-t").stderr(Stdio::piped());
        command
    }

    fn run(folder: &Path) -> Command {
        let mut command = Command::new("nginx");
        command
            .arg("-p")
            .arg(folder)
            .args(["-c", "nginx.conf", "-e", "log/error.log"]);
        command.env(
            "PATH",
            format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default()),
        );
        command
    }
}
