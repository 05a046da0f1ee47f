//! The handler's share of a theme: the layout as `shell.html`, the answer templates, and a trial of each with sample data.

use serde_json::{Value, json};
use tera::{Context, Tera};

use crate::check::finished::place_of;
use crate::html::{self, Outline};
use crate::links::Targets;
use crate::problem::{Problem, Source};
use crate::theme::{Sources, Theme};

/// The answers that the handler gives, and the mails that it sends.
const REQUIRED: [&str; 9] = [
    "uebersicht.html",
    "befund.html",
    "eingang.html",
    "abweisung.html",
    "anmeldung.html",
    "anmeldeformular.html",
    "code.html",
    "mail-code.txt",
    "mail-meldung.txt",
];

// Private-use characters mark the open blocks while the layout is rendered; no text holds them.
const TITLE: &str = "\u{e000}";
const MAIN: &str = "\u{e001}";

/// Renders the site's layout once, with the blocks `title` and `main` left open and everything else made plain text for Tera.
pub fn shell(theme: &Theme, context: &Context) -> Result<String, Vec<Problem>> {
    let rendered = theme.render_base(TITLE, MAIN, context)?;
    for (mark, block) in [(TITLE, "title"), (MAIN, "main")] {
        if rendered.matches(mark).count() != 1 {
            let file = format!("{}/templates/base.html", theme.shown);
            let message = format!("Die Vorlage muss den Block „{block}“ genau einmal ausgeben.");
            return Err(vec![Problem::in_file(
                "E-VORLAGE",
                file,
                message,
                format!("Schreiben Sie {{% block {block} %}}{{% endblock %}} an die passende Stelle."),
            )]);
        }
    }
    Ok(escape_delimiters(&rendered)
        .replace(TITLE, "{% block title %}{% endblock %}")
        .replace(MAIN, "{% block main %}{% endblock %}"))
}

/// A brace that could open a Tera tag becomes an expression that prints a brace.
fn escape_delimiters(html: &str) -> String {
    let mut escaped = String::with_capacity(html.len());
    let mut characters = html.chars().peekable();
    while let Some(character) = characters.next() {
        let may_open = matches!(characters.peek(), None | Some('{' | '%' | '#'))
            || characters
                .peek()
                .is_some_and(|next| TITLE.contains(*next) || MAIN.contains(*next));
        if character == '{' && may_open {
            escaped.push_str("{{ \"{\" }}");
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Renders every answer template with sample data, as the handler will, and checks what comes out.
pub fn check(theme: &Theme, shell: &str, targets: &Targets<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut sources = Sources::default();
    sources.add(
        "shell.html",
        format!("{}/templates/base.html", theme.shown),
        shell.to_owned(),
    );
    for answer in &theme.answers {
        sources.add(&answer.name, answer.shown.clone(), answer.text.clone());
    }
    let is_missing = |required: &&&str| theme.answers.iter().all(|answer| answer.name != **required);
    for required in REQUIRED.iter().filter(is_missing) {
        problems.push(Problem::in_file(
            "E-VORLAGE-FEHLT",
            format!("{}/handler/{required}", theme.shown),
            "Diese Antwort braucht das Berichtstool.",
            "Legen Sie die Vorlage an.",
        ));
    }
    let mut tera = Tera::new();
    if let Err(error) = tera.add_raw_templates(sources.texts()) {
        problems.extend(sources.problems(&error, &theme.shown, None));
        return problems;
    }
    let layout = html::outline(shell);
    for (name, sample) in samples() {
        if !tera.contains_template(name) {
            continue;
        }
        let rendered = Context::from_serialize(&sample).and_then(|context| tera.render(name, &context));
        match rendered {
            Ok(mail) if name.ends_with(".txt") => problems.extend(check_mail(&mail, sources.source(name))),
            Ok(answer) => problems.extend(check_answer(&answer, &layout, &sources.with_included(name), targets)),
            Err(error) => problems.extend(sources.problems(&error, &theme.shown, Some("Beispieldaten"))),
        }
    }
    problems
}

/// What an answer adds to the layout leads to routes, pages or places in the answer itself, and runs nothing.
fn check_answer(answer: &str, layout: &Outline<'_>, templates: &[Source<'_>], targets: &Targets<'_>) -> Vec<Problem> {
    let outline = html::outline(answer);
    let mut problems = Vec::new();
    let mut report = |code, written: &str, message: String, remedy| {
        let placed = templates.iter().find_map(|template| {
            let offset = place_of(written, template.text)?;
            Some(template.error(code, offset, message.as_str(), remedy))
        });
        // What comes from a variable has no place of its own.
        let in_file = || {
            templates
                .first()
                .map(|template| Problem::in_file(code, template.file, message.as_str(), remedy))
        };
        problems.extend(placed.or_else(in_file));
    };
    for link in outline.links.iter().filter(|link| !layout.links.contains(link)) {
        let found = match link.strip_prefix('#') {
            Some(id) => outline.ids.contains(&id),
            None => {
                link.starts_with("https://")
                    || link.starts_with("mailto:")
                    || link.starts_with("tel:")
                    || targets.is_address(link)
            }
        };
        if !found {
            report(
                "E-VORLAGE-LINK",
                link,
                format!("Der Link „{link}“ führt nirgends hin."),
                "Prüfen Sie die Adresse in der Vorlage.",
            );
        }
    }
    for inline in outline.inline.iter().filter(|inline| !layout.inline.contains(inline)) {
        report(
            "E-CSP",
            inline,
            format!("„{inline}“ in der Seite verbietet die Content Security Policy."),
            "Verlegen Sie Stil und Skript in Dateien unter static/.",
        );
    }
    problems
}

/// A mail begins with its subject in a line, and has something to say after it.
fn check_mail(mail: &str, template: Source<'_>) -> Option<Problem> {
    let (head, body) = mail.trim_start().split_once('\n').unwrap_or_default();
    let subject = head.strip_prefix("Betreff: ").unwrap_or_default();
    (subject.trim().is_empty() || body.trim().is_empty()).then(|| {
        Problem::in_file(
            "E-VORLAGE-BETREFF",
            template.file,
            "Der E-Mail fehlt der Betreff oder der Text.",
            "Beginnen Sie die Vorlage mit einer Zeile „Betreff: …“, darunter steht der Text.",
        )
    })
}

/// Sample data for every answer, in the variants that look different.
fn samples() -> Vec<(&'static str, Value)> {
    let mut samples = Vec::new();
    samples.extend(uebersicht());
    samples.extend(befund());
    samples.extend(eingang());
    samples.push(("abweisung.html", json!({"status": 413, "ueberschrift": "Die Datei ist zu groß", "text": "Angenommen werden Dateien bis 10 MB.", "abhilfe": "Entfernen Sie Bilder aus der Datei.", "weiter": {"href": "/meldung/", "label": "Zurück"}})));
    samples.push(("abweisung.html", json!({"status": 404, "ueberschrift": "Diese Seite gibt es nicht", "text": "", "abhilfe": "", "weiter": {"href": "/berichtstool/", "label": "Zum Berichtstool"}})));
    samples.push(("anmeldung.html", json!({"meldung": "Die Anmeldung hat nicht geklappt.", "email": "a@beispiel.nrw", "schultraegernummer": "12345"})));
    samples.push((
        "anmeldung.html",
        json!({"meldung": "Warten Sie eine Viertelstunde.", "email": "", "schultraegernummer": ""}),
    ));
    samples.extend(code());
    samples.extend(mails());
    samples
}

fn code() -> Vec<(&'static str, Value)> {
    let page = |meldung: &str, falsch: bool| {
        (
            "code.html",
            json!({"meldung": meldung, "falsch": falsch, "minuten": 10}),
        )
    };
    vec![
        page("", false),
        page("Der Code stimmt nicht.", true),
        page("Warten Sie noch 40 Sekunden.", false),
    ]
}

fn mails() -> Vec<(&'static str, Value)> {
    let runde = json!({"title": "Chancenbudget 2026", "zeitraum": "1. Januar 2026 bis 31. Dezember 2026"});
    let meldung = |gilt: bool, ersetzt: bool| {
        let ersetzt_durch = if gilt { "" } else { "CB-2026-CD34" };
        let page = json!({
            "runde": runde, "nummer": "CB-2026-AB12", "eingegangen": "3. Februar 2027, 10:15 Uhr", "verspaetet": ersetzt, "gilt": gilt, "ersetzt": ersetzt,
            "ersetzt_durch": ersetzt_durch, "beispiel": ersetzt, "public_url": "https://www.beispiel.nrw"
        });
        ("mail-meldung.txt", page)
    };
    let code = json!({"code": "012345", "minuten": 10, "public_url": "https://www.beispiel.nrw"});
    vec![
        ("mail-code.txt", code),
        meldung(true, false),
        meldung(true, true),
        meldung(false, false),
    ]
}

fn traeger() -> Value {
    json!({"nummer": "12345", "name": "Stadt Musterstadt"})
}

/// A page's variables with those that every page in a session has.
fn in_session(mut page: Value) -> Value {
    page["anmeldung"] = json!({"bis": "14:35 Uhr", "sekunden": 1800});
    page["hoechstgroesse_bytes"] = json!(10_485_760);
    page
}

fn uebersicht() -> Vec<(&'static str, Value)> {
    let runde = |stand: &str, tage: i64, wartend: Value, meldungen: Value| {
        json!({
            "kennung": format!("runde-{stand}"), "title": "Chancenbudget 2026", "zeitraum": "1. Januar 2026 bis 31. Dezember 2026", "ab": "1. Januar 2027",
            "frist": "31. März 2027", "frist_iso": "2027-03-31", "verlaengert": stand == "verspaetet", "tage": tage, "stand": stand, "beispiel": stand == "offen",
            "formular": "/meldung/formular/chancenbudget-2026.xlsx", "schulen": 12, "wartend": wartend, "meldungen": meldungen
        })
    };
    let meldung = |gilt: bool| json!({"nummer": "CB-2026-AB12", "href": "/meldung/eingang/CB-2026-AB12", "eingegangen": "3. Februar 2027, 10:15 Uhr", "gilt": gilt, "verspaetet": !gilt, "zurueckgenommen": "", "unterschrift": if gilt { "20. Februar 2027" } else { "" }});
    let zurueckgenommen = json!({"nummer": "CB-2026-EF56", "href": "/meldung/eingang/CB-2026-EF56", "eingegangen": "3. Februar 2027, 10:15 Uhr", "gilt": false, "verspaetet": false, "zurueckgenommen": "5. Februar 2027", "unterschrift": ""});
    let runden = json!([
        runde(
            "offen",
            0,
            json!({"ueberschrift": "2 Angaben prüfen", "einleitung": "Bitte sehen Sie zwei Angaben noch einmal an.", "korrektur": "/meldung/korrektur/a1.xlsx",
                   "bestaetigen_id": "", "befunde": [finding(1, "fehler", "H14,H17"), finding(2, "hinweis", "")]}),
            json!([meldung(true), meldung(false)])
        ),
        runde(
            "verspaetet",
            -1,
            json!({"ueberschrift": "1 Angabe bestätigen oder ändern", "einleitung": "Stimmt sie?", "korrektur": "", "bestaetigen_id": "a1", "befunde": [finding(3, "bestaetigen", "H14")]}),
            json!([])
        ),
        runde("kommt", 40, Value::Null, json!([])),
        runde("geschlossen", -90, Value::Null, json!([meldung(true)])),
        runde("entfallen", 0, Value::Null, json!([zurueckgenommen])),
    ]);
    vec![
        (
            "uebersicht.html",
            in_session(json!({"traeger": traeger(), "runden": runden, "hoechstgroesse": "10 MB"})),
        ),
        (
            "uebersicht.html",
            in_session(json!({"traeger": traeger(), "runden": [], "hoechstgroesse": "10 MB"})),
        ),
    ]
}

/// What was found in a workbook, on two pages.
fn finding(nummer: u32, schwere: &str, zellen: &str) -> Value {
    let gruende = if schwere == "bestaetigen" {
        json!([{"code": "A", "label": "Die Angabe stimmt"}])
    } else {
        json!([])
    };
    json!({
        "code": "F-ZAHL", "schwere": schwere, "blatt": "Schulen", "zellen": zellen, "stelle": "Blatt „Schulen“, Zelle H14", "gelesen": "Eingetragen ist „ca. 12.000 €“.",
        "erwartet": "Erwartet wird ein Betrag als Zahl.", "abhilfe": "Geben Sie zum Beispiel 12000,00 ein.", "hilfe": "", "nummer": nummer, "gruende": gruende,
        "ueberblick": zellen.is_empty()
    })
}

fn befund() -> Vec<(&'static str, Value)> {
    let runde = json!({"kennung": "chancenbudget-2026", "title": "Chancenbudget 2026", "formular": "/meldung/formular/chancenbudget-2026.xlsx", "hoechstgroesse": "10 MB"});
    let page = |befunde: Value, korrektur: &str, bestaetigen_id: &str| {
        in_session(json!({
            "traeger": traeger(), "runde": runde, "datei": "meldung.xlsx", "ueberschrift": "2 Angaben prüfen", "einleitung": "Bitte sehen Sie zwei Angaben noch einmal an.",
            "befunde": befunde, "korrektur": korrektur, "bestaetigen_id": bestaetigen_id
        }))
    };
    vec![
        (
            "befund.html",
            page(
                json!([finding(1, "fehler", "H14,H17"), finding(2, "hinweis", "")]),
                "/meldung/korrektur/a1.xlsx",
                "",
            ),
        ),
        (
            "befund.html",
            page(
                json!([finding(1, "bestaetigen", "H14"), finding(2, "hinweis", "")]),
                "",
                "a1",
            ),
        ),
    ]
}

fn eingang() -> Vec<(&'static str, Value)> {
    let page = |frisch: bool, listen: Value, ersetzt_durch: &str, aenderung: &str| {
        let zurueckgenommen = if !frisch && ersetzt_durch.is_empty() {
            "5. Februar 2027"
        } else {
            ""
        };
        in_session(json!({
            "nummer": "CB-2026-AB12", "eingegangen": "3. Februar 2027, 10:15 Uhr", "eingegangen_iso": "2027-02-03T10:15:00+01:00", "frisch": frisch, "gilt": frisch,
            "ersetzt_durch": ersetzt_durch, "zurueckgenommen": zurueckgenommen, "zuruecknahme_grund": "Die Datei gehört zu einer anderen Runde.",
            "unterschrift": if frisch { "" } else { "20. Februar 2027" }, "einreichung": if frisch { "" } else { "Das Rathaus hat keinen Internetzugang." }, "verspaetet": !frisch, "traeger": traeger(),
            "runde": {"kennung": "chancenbudget-2026", "title": "Chancenbudget 2026", "zeitraum": "1. Januar 2026 bis 31. Dezember 2026", "frist": "31. März 2027", "verlaengert": !frisch},
            "formular": {"title": "Chancenbudget", "version": "1"}, "schulen": 12, "summen": [{"label": "Verausgabtes Chancenbudget", "wert": "12.345,67 €"}],
            "hinweise": listen["hinweise"], "bestaetigt": listen["bestaetigt"], "aenderung": aenderung, "sha256": "0".repeat(64), "kette": "1".repeat(64), "groesse": "34 KB", "beispiel": frisch
        }))
    };
    let voll = json!({"hinweise": [{"code": "H-REST", "stelle": "Blatt „Schulen“, Zelle K14", "text": "Es bleibt ein Rest."}], "bestaetigt": [{"stelle": "Blatt „Schulen“, Zelle H14", "grund": "Die Angabe stimmt"}]});
    let leer = json!({"hinweise": [], "bestaetigt": []});
    vec![
        ("eingang.html", page(true, leer.clone(), "", "")),
        ("eingang.html", page(false, leer, "", "")),
        (
            "eingang.html",
            page(false, voll, "CB-2026-CD34", "Zwei Beträge haben sich geändert."),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_of_the_layout_survive_a_second_rendering() {
        let layout = "a { b {{ c }} {% d %} {# e #} {{{ f {";
        let mut tera = Tera::new();
        tera.add_raw_template("shell.html", &escape_delimiters(layout))
            .expect("a template");
        assert_eq!(tera.render("shell.html", &Context::new()).expect("rendered"), layout);
    }
}
