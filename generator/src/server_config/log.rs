//! The access log: what stands in it, and how long it is kept.

use form::loeschkonzept::{Ende, Fall, Frist, Loeschkonzept};

use super::ServerInput;
use super::nginx::variable;

/// The Löschklasse of the web server's access log.
pub const ACCESS_LOG_KLASSE: &str = "serverprotokoll";

/// How long the access log may be kept; `None` when the deletion concept does not allow one.
pub fn access_log_frist(loeschkonzept: Option<&Loeschkonzept>) -> Option<Frist> {
    match loeschkonzept?.klasse(ACCESS_LOG_KLASSE)?.ende {
        Ende::Frist(frist) => Some(frist),
        Ende::Ereignis(_) => None,
    }
}

/// Where nginx logs.
pub fn directive(input: &ServerInput<'_>) -> String {
    let site = input.site;
    match access_log_frist(input.loeschkonzept) {
        Some(_) => format!("access_log /var/log/nginx/{site}.access.log {};", variable(site)),
        None => "access_log off;".to_owned(),
    }
}

/// What follows a route below /meldung/ could be joined with the handler's event log, so it is left out.
pub fn format(input: &ServerInput<'_>) -> String {
    let name = variable(input.site);
    let directive = directive(input);
    format!(
        "# Einbinden im Abschnitt http {{ … }} mit: include …/log-format.conf;\n\
         # Dazu im Abschnitt server {{ … }} dieser Site, wenn dort nicht site.conf steht: {directive}\n\
         map $uri ${name}_pfad {{\n    ~^(?<route>/meldung/[a-z]+)/ $route/...;\n    default $uri;\n}}\n\
         log_format {name} '$remote_addr [$time_iso8601] \"$request_method ${name}_pfad $server_protocol\" $status $body_bytes_sent \"$http_user_agent\"';\n"
    )
}

/// When logrotate begins a new file, and deletes an old one.
pub fn rotation(input: &ServerInput<'_>) -> String {
    match access_log_frist(input.loeschkonzept) {
        Some(frist) => logrotate(input.site, frist),
        None => format!(
            "# loeschkonzept.toml nennt für „{ACCESS_LOG_KLASSE}“ keine Frist; es wird kein Zugriffsprotokoll geführt.\n"
        ),
    }
}

/// A file holds one interval, and the current one lies beside the rotated ones: n intervals are n - 1 rotated files.
fn logrotate(site: &str, frist: Frist) -> String {
    let (interval, count) = intervals(frist);
    format!(
        "# Frist der Löschklasse „{ACCESS_LOG_KLASSE}“: {}.\n\
         /var/log/nginx/{site}.access.log {{\n    {interval}\n    rotate {}\n    missingok\n    ifempty\n    nocompress\n    create 0640 root adm\n    sharedscripts\n    postrotate\n        [ ! -f /run/nginx.pid ] || kill -USR1 \"$(cat /run/nginx.pid)\"\n    endscript\n}}\n",
        frist.text(Fall::Nominativ),
        count.saturating_sub(1)
    )
}

/// The period in rotations.
fn intervals(frist: Frist) -> (&'static str, u32) {
    let hours = u32::try_from(frist.at_least_seconds() / 3600).unwrap_or(u32::MAX);
    if hours.is_multiple_of(24) && hours >= 48 {
        ("daily", hours / 24)
    } else {
        ("hourly", hours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use form::loeschkonzept::Unit;

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
        let konzept = loeschkonzept("bis = \"irgendwann\"");
        assert!(access_log_frist(Some(&konzept)).is_none());
        let input = ServerInput {
            site: "muster",
            base_url: "https://www.muster.nrw",
            redirects: &[],
            loeschkonzept: Some(&konzept),
            has_handler: false,
            frames: &[],
            is_compressed: false,
        };
        assert!(format(&input).contains("access_log off;"));
        assert!(super::super::nginx::site(&input).contains("\naccess_log off;\n"));
    }
}
