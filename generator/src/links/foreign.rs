//! Addresses of other hosts and of people. Nobody fetches them; whether one can be right shows in its form.

use form::problem::nearest;

/// The schemes that a link may have.
const SCHEMES: [&str; 3] = ["https", "mailto", "tel"];

/// An address of another host or of a person that can be right.
pub fn is_elsewhere(written: &str) -> bool {
    scheme(written).is_some_and(|(scheme, rest)| SCHEMES.contains(&scheme) && fault(scheme, rest).is_none())
}

/// What is wrong with an address that is none on this site, and how to mend it; nothing when it can be right.
pub fn foreign_fault(written: &str) -> Option<(String, String)> {
    if let Some((scheme, rest)) = scheme(written) {
        if SCHEMES.contains(&scheme) {
            let (message, remedy) = fault(scheme, rest)?;
            return Some((format!("„{written}“ {message}"), remedy.to_owned()));
        }
        let small = scheme.to_ascii_lowercase();
        if small == "http" {
            let rest = rest.trim_start_matches('/');
            return Some((
                "Der Link ist unverschlüsselt.".to_owned(),
                format!("Schreiben Sie https://{rest}"),
            ));
        }
        if let Some(near) = nearest(&small, &SCHEMES) {
            let message = if near == small {
                format!("Das Protokoll „{scheme}:“ schreibt man klein.")
            } else {
                format!("Ein Protokoll „{scheme}:“ gibt es hier nicht.")
            };
            return Some((message, format!("Schreiben Sie {near}:{rest}")));
        }
    }
    Some(if written.starts_with("//") {
        (
            format!("„{written}“ nennt kein Protokoll."),
            format!("Schreiben Sie https:{written}"),
        )
    } else if written.is_empty() {
        (
            "Der Link hat kein Ziel.".to_owned(),
            "Tragen Sie zwischen den Klammern ein Ziel ein.".to_owned(),
        )
    } else {
        (
            format!("„{written}“ ist keine Adresse, die hier verwendet werden kann."),
            "Seiten werden als @/ordner/seite.md verlinkt, Dateien als /pfad/datei.pdf, fremde Seiten mit https://."
                .to_owned(),
        )
    })
}

/// What stands before the first colon, if that can be a scheme, and what follows it.
fn scheme(written: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = written.split_once(':')?;
    (!scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphabetic())).then_some((scheme, rest))
}

/// What is wrong with the rest of an address, as the end of a sentence, and how to mend it.
fn fault(scheme: &str, rest: &str) -> Option<(&'static str, &'static str)> {
    if rest.contains(|c: char| c.is_whitespace() || c.is_control()) || !has_whole_percent_signs(rest) {
        return Some((
            "enthält Zeichen, die in keiner Adresse stehen.",
            "Schreiben Sie ein Leerzeichen als %20 und ein Prozentzeichen als %25.",
        ));
    }
    match scheme {
        "https" => host_fault(rest),
        "mailto" => {
            let people = rest.split('?').next().unwrap_or(rest);
            (!people.split(',').all(is_mail_address)).then_some((
                "ist keine E-Mail-Adresse.",
                "Schreiben Sie zum Beispiel mailto:poststelle@schulministerium.nrw.",
            ))
        }
        _ => {
            let is_number = rest
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"+-./()".contains(&byte));
            let digits = rest.bytes().filter(u8::is_ascii_digit).count();
            (!is_number || digits < 3).then_some((
                "ist keine Telefonnummer.",
                "Schreiben Sie sie mit Ländervorwahl, zum Beispiel tel:+49-211-5867-40.",
            ))
        }
    }
}

fn has_whole_percent_signs(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'%', bytes).all(|at| {
        let digits = bytes.get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// What is wrong with what follows `https:`.
fn host_fault(rest: &str) -> Option<(&'static str, &'static str)> {
    let begin =
        "Eine fremde Seite beginnt mit https:// und dem Namen ihres Servers, zum Beispiel https://www.land.nrw/.";
    let Some(rest) = rest.strip_prefix("//") else {
        return Some(("nennt keinen Server.", begin));
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    if authority.contains('@') {
        return Some((
            "nennt Zugangsdaten, und die läsen alle.",
            "Lassen Sie weg, was vor dem @ steht.",
        ));
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') && !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_bracketed = host.starts_with('[') && host.ends_with(']');
    let is_named = host.split('.').all(is_label);
    if !is_bracketed && !is_named {
        return Some(("nennt keinen Server.", begin));
    }
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    port.is_some_and(|port| !is_port(port)).then_some((
        "nennt einen Anschluss (Port), den es nicht gibt.",
        "Lassen Sie die Zahl hinter dem Doppelpunkt weg, oder berichtigen Sie sie.",
    ))
}

fn is_label(label: &str) -> bool {
    !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}

fn is_mail_address(address: &str) -> bool {
    let Some((name, host)) = address.split_once('@') else {
        return false;
    };
    !name.is_empty() && host.contains('.') && host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_can_be_right_are_left_alone() {
        for right in [
            "https://www.land.nrw",
            "https://www.land.nrw/a%20b?c=d@e#f",
            "https://müller.de:8443/",
            "https://[2001:db8::1]/",
            "mailto:poststelle@msb.nrw.de",
            "mailto:a@b.de,c@d.de?subject=Frage",
            "tel:+49-211-5867-40",
            "tel:116117",
        ] {
            assert!(is_elsewhere(right), "{right}");
        }
    }

    #[test]
    fn addresses_that_cannot_be_right_are_told() {
        for wrong in [
            "https://",
            "https:///pfad",
            "https:www.land.nrw",
            "https://https://a.de",
            "https://a b.de",
            "https://a.de:99999/",
            "https://a.de:0",
            "https://a..de/",
            "https://a.de/%zz",
            "https://name:wort@a.de/",
            "HTTPS://a.de",
            "HTTP://a.de",
            "http://a.de",
            "htps://a.de",
            "mailto:",
            "mailto:amt",
            "mailto:a@b@c.de",
            "tel:",
            "tel:abc",
            "//a.de",
            "seite.md",
            "",
        ] {
            assert!(!is_elsewhere(wrong), "{wrong}");
            assert!(foreign_fault(wrong).is_some(), "{wrong}");
        }
    }
}
