//! The handler's cookies: one for a session, one for a login that waits for its code. Both hold a random token only and
//! end with the browser.

use crate::config::Config;
use hyper::header::{self, HeaderMap};

#[derive(Debug, Clone, Copy)]
pub(super) enum Cookie {
    Sitzung,
    Anmeldung,
}

impl Cookie {
    /// Browsers bind a name with this prefix to host and https.
    fn name(self, config: &Config) -> &'static str {
        match (self, config.is_https()) {
            (Cookie::Sitzung, true) => "__Host-sitzung",
            (Cookie::Sitzung, false) => "sitzung",
            (Cookie::Anmeldung, true) => "__Host-anmeldung",
            (Cookie::Anmeldung, false) => "anmeldung",
        }
    }

    /// The token that the browser sent.
    pub(super) fn of(self, headers: &HeaderMap, config: &Config) -> Option<String> {
        let name = self.name(config);
        let lines = headers.get_all(header::COOKIE).into_iter();
        // Another program on the same host may have set a cookie that is not ASCII; ours is.
        lines
            .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
            .filter_map(|pair| std::str::from_utf8(pair.trim_ascii()).ok()?.split_once('='))
            .find_map(|(key, token)| (key == name).then(|| token.to_owned()))
    }

    /// `Set-Cookie` with a token.
    pub(super) fn set(self, token: &str, config: &Config) -> String {
        self.line(token, "", config)
    }

    /// `Set-Cookie` that makes the browser forget.
    pub(super) fn clear(self, config: &Config) -> String {
        self.line("", "; Max-Age=0", config)
    }

    fn line(self, token: &str, lifetime: &str, config: &Config) -> String {
        let secure = if config.is_https() { "; Secure" } else { "" };
        format!(
            "{}={token}; Path=/; HttpOnly; SameSite=Strict{lifetime}{secure}",
            self.name(config)
        )
    }
}
