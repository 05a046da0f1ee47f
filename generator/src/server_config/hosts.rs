//! `_headers` and `_redirects`, as hosts of static sites read them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{
    CACHE_FOR_GOOD, CONTENT_SECURITY_POLICY, ServerInput, TRANSPORT_SECURITY, encoded, policy_with_frames,
    security_headers,
};

/// Some hosts join what several rules say of one header, and a browser obeys both of two policies: so all pages get the same one, and
/// only what hosts do not say by themselves, that assets may be kept, stands in a second rule.
pub fn headers(input: &ServerInput<'_>) -> String {
    let mut text =
        String::from("# Für Hosts wie Netlify und Cloudflare Pages: neben die Seiten kopieren, nach www/_headers.\n");
    let hosts: BTreeSet<&String> = input.frames.iter().flat_map(|(_, hosts)| hosts).collect();
    let hosts: Vec<String> = hosts.into_iter().cloned().collect();
    let policy = if hosts.is_empty() {
        CONTENT_SECURITY_POLICY.to_owned()
    } else {
        text.push_str(
            "# Solche Hosts kennen nur eine Vorgabe für alle Seiten: frame-src nennt, was irgendeine Seite nach einem Klick zeigt.\n",
        );
        policy_with_frames(&hosts)
    };
    let _ = write!(text, "/*\n  Content-Security-Policy: {policy}\n");
    let others = security_headers().into_iter().skip(1).chain([TRANSPORT_SECURITY]);
    for (name, value) in others {
        let _ = writeln!(text, "  {name}: {value}");
    }
    let _ = write!(text, "/assets/*\n  Cache-Control: {CACHE_FOR_GOOD}\n");
    text
}

/// Where a host puts files before rules, the published page at the old address leads on.
pub fn redirects(input: &ServerInput<'_>) -> String {
    let mut text =
        String::from("# Für Hosts wie Netlify und Cloudflare Pages: neben die Seiten kopieren, nach www/_redirects.\n");
    if input.has_handler {
        text.push_str(
            "# Das Berichtstool unter /meldung/ braucht einen eigenen Server; ein solcher Host kann es nicht anbieten.\n",
        );
    }
    for (from, to) in input.redirects {
        let _ = writeln!(text, "{} {} 301", encoded(from), encoded(to));
    }
    text
}
