//! `.well-known/security.txt` (RFC 9116): whom to call, and until when that holds.

use jiff::Timestamp;

use crate::html;
use crate::links;
use crate::problem::{Problem, Source};

/// When `.well-known/security.txt` ends, nobody may rely on it any more (RFC 9116).
pub fn check(shown: &str, text: &str, now: Timestamp) -> Vec<Problem> {
    let source = Source { file: shown, text };
    // Each line with this name: where its value stands, and the value.
    let fields = |name: &'static str| {
        let lines = text.split_inclusive('\n').filter_map(move |line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        });
        lines.map(|value| (html::offset_in(text, value), value))
    };
    let mut problems = Vec::new();
    if fields("Contact").next().is_none() {
        problems.push(source.error_at(
            "E-SECURITY-TXT",
            0,
            0,
            "In security.txt steht nicht, wer Sicherheitslücken entgegennimmt.",
            "Ergänzen Sie eine Zeile Contact: mailto:…",
        ));
    }
    for (offset, _) in fields("Contact").filter(|(_, contact)| !links::is_elsewhere(contact)) {
        problems.push(source.error(
            "E-SECURITY-TXT",
            offset,
            "Bei Contact wird eine Adresse erwartet, unter der jemand zu erreichen ist.",
            "Schreiben Sie sie mit mailto:, https:// oder tel:, zum Beispiel Contact: mailto:sicherheit@beispiel.nrw",
        ));
    }
    for (offset, _) in fields("Expires").skip(1) {
        problems.push(source.error(
            "E-SECURITY-TXT",
            offset,
            "Expires steht schon weiter oben; welcher Zeitpunkt gilt, weiß niemand.",
            "Lassen Sie nur eine Zeile mit Expires stehen.",
        ));
    }
    let example = "Schreiben Sie einen Zeitpunkt in höchstens einem Jahr: Expires: 2027-10-31T22:00:00Z";
    match fields("Expires")
        .next()
        .map(|(offset, value)| (offset, value.parse::<Timestamp>()))
    {
        None => problems.push(source.error_at(
            "E-SECURITY-TXT",
            0,
            0,
            "In security.txt steht nicht, wie lange sie gilt.",
            example,
        )),
        Some((offset, Err(_))) => problems.push(source.error(
            "E-SECURITY-TXT",
            offset,
            "Bei Expires wird ein Zeitpunkt erwartet.",
            example,
        )),
        Some((offset, Ok(end))) if end <= now => {
            problems.push(source.error("E-SECURITY-TXT", offset, "security.txt gilt nicht mehr.", example));
        }
        Some((offset, Ok(end))) if end <= now + jiff::SignedDuration::from_hours(30 * 24) => {
            let message = "security.txt gilt keine 30 Tage mehr.";
            problems.push(source.error("H-SECURITY-TXT", offset, message, example).into_warning());
        }
        Some(_) => {}
    }
    problems
}
