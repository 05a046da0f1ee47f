//! `dist/<site>/server`: what a web server needs to know, generated from the same source as the notice that promises it.

use std::fmt::Write as _;

use form::loeschkonzept::{Ende, Frist, Loeschkonzept, Unit};

use crate::output::OutputFile;

/// Nothing but the site's own files, no script or style within a page, and no frame around it.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The Löschklasse of the web server's access log.
pub const ACCESS_LOG_KLASSE: &str = "serverprotokoll";

/// The headers of every answer, for the web server and for `serve` alike.
pub fn security_headers() -> [(&'static str, &'static str); 6] {
    [
        ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
        ("X-Content-Type-Options", "nosniff"),
        // Not "no-referrer": browsers would then send forms with "Origin: null".
        ("Referrer-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]
}

/// All files below `server/`. `redirects` are pairs of an old and a new address.
pub fn files(site: &str, redirects: &[(String, String)], loeschkonzept: Option<&Loeschkonzept>) -> Vec<OutputFile> {
    let frist = access_log_frist(loeschkonzept);
    vec![
        OutputFile::new("server/headers.conf", headers()),
        OutputFile::new("server/redirects.conf", redirect_rules(redirects)),
        OutputFile::new("server/log-format.conf", log_format(site, frist)),
        OutputFile::new(
            "server/logrotate.conf",
            frist.map_or_else(no_log, |frist| logrotate(site, frist)),
        ),
    ]
}

/// How long the access log may be kept; `None` when the deletion concept does not allow one.
pub fn access_log_frist(loeschkonzept: Option<&Loeschkonzept>) -> Option<Frist> {
    match loeschkonzept?.klasse(ACCESS_LOG_KLASSE)?.ende {
        Ende::Frist(frist) => Some(frist),
        Ende::Ereignis(_) => None,
    }
}

fn headers() -> String {
    let mut text = String::from("# Einbinden im Abschnitt server { … } mit: include …/headers.conf;\n");
    for (name, value) in security_headers() {
        let _ = writeln!(text, "add_header {name} \"{value}\" always;");
    }
    text.push_str("add_header Strict-Transport-Security \"max-age=31536000\" always;\n");
    text
}

fn redirect_rules(redirects: &[(String, String)]) -> String {
    let mut text = String::from("# Einbinden im Abschnitt server { … } mit: include …/redirects.conf;\n");
    for (from, to) in redirects {
        let _ = writeln!(text, "location = {from} {{ return 301 {to}; }}");
    }
    text
}

/// What follows a route below /meldung/ could be joined with the handler's event log, so it is left out.
fn log_format(site: &str, frist: Option<Frist>) -> String {
    let name = site.replace('-', "_");
    let access_log = match frist {
        Some(_) => format!("access_log /var/log/nginx/{site}.access.log {name};"),
        None => "access_log off;".to_owned(),
    };
    format!(
        "# Einbinden im Abschnitt http {{ … }} mit: include …/log-format.conf;\n\
         # Dazu im Abschnitt server {{ … }} dieser Site: {access_log}\n\
         map $uri ${name}_pfad {{\n    ~^(?<route>/meldung/[a-z]+)/ $route/…;\n    default $uri;\n}}\n\
         log_format {name} '$remote_addr [$time_iso8601] \"$request_method ${name}_pfad $server_protocol\" $status $body_bytes_sent \"$http_user_agent\"';\n"
    )
}

fn no_log() -> String {
    format!(
        "# loeschkonzept.toml nennt für „{ACCESS_LOG_KLASSE}“ keine Frist; es wird kein Zugriffsprotokoll geführt.\n"
    )
}

/// A file holds one interval, and the current one lies beside the rotated ones: n intervals are n - 1 rotated files.
fn logrotate(site: &str, frist: Frist) -> String {
    let (interval, count) = intervals(frist);
    format!(
        "# Frist der Löschklasse „{ACCESS_LOG_KLASSE}“: {}.\n\
         /var/log/nginx/{site}.access.log {{\n    {interval}\n    rotate {}\n    missingok\n    ifempty\n    nocompress\n    create 0640 root adm\n    sharedscripts\n    postrotate\n        [ ! -f /run/nginx.pid ] || kill -USR1 \"$(cat /run/nginx.pid)\"\n    endscript\n}}\n",
        frist.text(form::loeschkonzept::Fall::Nominativ),
        count.saturating_sub(1)
    )
}

/// The period in rotations; months and years are counted short, so that nothing is kept too long.
fn intervals(frist: Frist) -> (&'static str, u32) {
    let hours = match frist.unit {
        Unit::Minute => frist.count / 60,
        Unit::Stunde => frist.count,
        Unit::Tag => frist.count.saturating_mul(24),
        Unit::Woche => frist.count.saturating_mul(7 * 24),
        Unit::Monat => frist.count.saturating_mul(28 * 24),
        Unit::Jahr => frist.count.saturating_mul(365 * 24),
    };
    if hours % 24 == 0 && hours >= 48 {
        ("daily", hours / 24)
    } else {
        ("hourly", hours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn loeschkonzept(frist: &str) -> Loeschkonzept {
        let text = format!(
            "[[klasse]]\nid = \"serverprotokoll\"\nwas = \"a\"\nwo = \"b\"\nbeginn = \"c\"\n{frist}\nrechtsgrundlage = \"d\"\nausfuehrung = \"webserver\"\n"
        );
        Loeschkonzept::parse(&text).expect("a deletion concept")
    }

    #[test]
    fn seven_days_are_the_current_file_and_six_old_ones() {
        let frist = access_log_frist(Some(&loeschkonzept("frist = \"P7D\""))).expect("a period");
        expect![[r#"
            # Frist der Löschklasse „serverprotokoll“: sieben Tage.
            /var/log/nginx/muster.access.log {
                daily
                rotate 6
                missingok
                ifempty
                nocompress
                create 0640 root adm
                sharedscripts
                postrotate
                    [ ! -f /run/nginx.pid ] || kill -USR1 "$(cat /run/nginx.pid)"
                endscript
            }
        "#]]
        .assert_eq(&logrotate("muster", frist));
        assert_eq!(
            intervals(Frist {
                count: 48,
                unit: Unit::Stunde
            }),
            ("daily", 2)
        );
        assert_eq!(
            intervals(Frist {
                count: 12,
                unit: Unit::Stunde
            }),
            ("hourly", 12)
        );
    }

    #[test]
    fn without_a_period_there_is_no_access_log() {
        assert!(access_log_frist(Some(&loeschkonzept("bis = \"irgendwann\""))).is_none());
        assert!(log_format("muster", None).contains("access_log off;"));
    }
}
