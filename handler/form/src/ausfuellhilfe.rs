//! The Ausfüllhilfe: what belongs into each field, made from the form's definition.

mod allgemein;

use crate::definition::{Choice, Field, FieldKind, Form, Sheet, SheetKind};
use crate::finding::{self, Finding, Target};
use crate::value::Cent;
use serde::Serialize;

/// A form, explained for people.
#[derive(Debug, Serialize)]
pub struct Ausfuellhilfe {
    pub kennung: String,
    pub version: String,
    pub title: String,
    /// The hints that belong to no single field.
    pub allgemein: Vec<Abschnitt>,
    pub blaetter: Vec<Blatt>,
}

/// Hints of one kind.
#[derive(Debug, Serialize)]
pub struct Abschnitt {
    pub title: &'static str,
    pub hinweise: Vec<Hinweis>,
}

/// One sheet of it.
#[derive(Debug, Serialize)]
pub struct Blatt {
    pub title: String,
    pub art: String,
    pub felder: Vec<Feld>,
    /// What must fit together, in whole sentences.
    pub regeln: Vec<String>,
}

/// One field of a sheet.
#[derive(Debug, Serialize)]
pub struct Feld {
    pub label: String,
    pub art: &'static str,
    pub pflicht: bool,
    /// The value is there already and locked.
    pub vorbelegt: bool,
    pub hilfe: String,
    /// What the entry must keep to, each as the end of a sentence.
    pub grenzen: Vec<String>,
    /// What can be chosen; only for fields that people fill.
    pub auswahl: Vec<Choice>,
    /// Every hint that one can get for it, with an example.
    pub hinweise: Vec<Hinweis>,
}

/// A hint as the Berichtstool gives it.
#[derive(Debug, Serialize)]
pub struct Hinweis {
    pub code: String,
    /// What is to be done about it.
    pub folge: &'static str,
    pub text: String,
}

impl Hinweis {
    fn of(finding: Finding) -> Hinweis {
        Hinweis {
            folge: finding.severity.in_words(),
            text: finding.message(),
            code: finding.code,
        }
    }
}

/// Explains a form: every sheet, field and rule.
pub fn ausfuellhilfe(form: &Form) -> Ausfuellhilfe {
    Ausfuellhilfe {
        kennung: form.kennung.clone(),
        version: form.version.clone(),
        title: form.title.clone(),
        allgemein: allgemein::allgemein(form),
        blaetter: form.sheets.iter().map(|sheet| blatt(form, sheet)).collect(),
    }
}

fn blatt(form: &Form, sheet: &Sheet) -> Blatt {
    let rules = form.rules.iter().filter(|rule| rule.sheet == sheet.id);
    Blatt {
        title: sheet.title.clone(),
        art: art(sheet),
        felder: sheet.fields.iter().map(|field| feld(form, sheet, field)).collect(),
        regeln: rules.filter_map(|rule| rule.in_words(form)).collect(),
    }
}

fn art(sheet: &Sheet) -> String {
    let art = match sheet.kind {
        SheetKind::Once => "einmal auszufüllen",
        SheetKind::PerSchool => "eine Zeile je Schule",
        SheetKind::Free { .. } => "eine Zeile je Eintrag",
    };
    match sheet.only_if.as_ref().and_then(|only_if| sheet.field(only_if)) {
        Some(field) => format!(
            "{art}; nur dabei, wenn für eine Ihrer Schulen „{}“ vorgegeben ist",
            field.label
        ),
        None => art.to_owned(),
    }
}

fn feld(form: &Form, sheet: &Sheet, field: &Field) -> Feld {
    Feld {
        label: field.label.clone(),
        art: field.kind.in_words(),
        pflicht: field.required && field.is_input(),
        vorbelegt: !field.is_input(),
        hilfe: field.help.clone(),
        grenzen: grenzen(field),
        auswahl: match &field.kind {
            FieldKind::Choice(choices) if field.is_input() => choices.clone(),
            _ => Vec::new(),
        },
        hinweise: hinweise(form, sheet, field),
    }
}

/// A limit as people read it: amounts in euros.
fn limit_text(field: &Field, limit: i64) -> String {
    match field.kind {
        FieldKind::Money => Cent(limit.saturating_mul(100)).to_string(),
        _ => limit.to_string(),
    }
}

fn grenzen(field: &Field) -> Vec<String> {
    let at = example_target("", field);
    let min = field.min.map(|min| format!("mindestens {}", limit_text(field, min)));
    let max = field.max.map(|max| format!("höchstens {}", limit_text(field, max)));
    let length = field.max_length.map(|max| format!("höchstens {max} Zeichen"));
    let pattern = field
        .pattern
        .as_ref()
        .map(|_| finding::not_the_pattern(&at, "").expected);
    let all = [min, max, length, pattern];
    all.into_iter().flatten().filter(|_| field.is_input()).collect()
}

fn example_target<'a>(sheet: &'a str, field: &'a Field) -> Target<'a> {
    Target {
        sheet,
        cell: Some("B5".to_owned()),
        field: Some(field),
        ..Target::file()
    }
}

fn hinweise(form: &Form, sheet: &Sheet, field: &Field) -> Vec<Hinweis> {
    if !field.is_input() {
        return Vec::new();
    }
    let at = example_target(&sheet.title, field);
    let blank = field.required.then(|| finding::blank(&at));
    let rules = form
        .rules
        .iter()
        .filter(|rule| rule.sheet == sheet.id && rule.fields.contains(&field.id));
    let of_rules = rules.flat_map(|rule| rule.examples(form, sheet, field, &at));
    let findings = blank.into_iter().chain(of_kind(field, &at)).chain(of_rules);
    let mut hinweise: Vec<Hinweis> = Vec::new();
    for finding in findings {
        let hint = Hinweis::of(finding);
        if hinweise.iter().all(|known| known.text != hint.text) {
            hinweise.push(hint);
        }
    }
    hinweise
}

/// What the cell alone can be told.
fn of_kind(field: &Field, at: &Target<'_>) -> Vec<Finding> {
    let limits = || {
        let beyond = |limit: i64, step: i64| limit_text(field, limit.saturating_add(step));
        let small = field
            .min
            .map(|min| finding::too_small(at, &beyond(min, -1), &limit_text(field, min)));
        let large = field
            .max
            .map(|max| finding::too_large(at, &beyond(max, 1), &limit_text(field, max)));
        small.into_iter().chain(large)
    };
    match &field.kind {
        FieldKind::Money => [
            finding::no_amount(at, "ca. 12.000 €"),
            finding::ambiguous_amount(at, "12.000"),
            finding::too_many_decimals(at, "12,3456"),
        ]
        .into_iter()
        .chain(limits())
        .collect(),
        FieldKind::Integer => std::iter::once(finding::no_integer(at, "etwa 12"))
            .chain(limits())
            .collect(),
        FieldKind::Date => vec![finding::no_date(at, "Ende 2026"), finding::number_for_date(at, "2026")],
        FieldKind::YesNo => vec![finding::not_yes_or_no(at, "teilweise")],
        FieldKind::Choice(choices) => vec![finding::not_in_list(at, "etwas anderes", choices)],
        FieldKind::Schulnummer => vec![finding::no_number_of(at, "Schule 12", 6)],
        FieldKind::Traegernummer => vec![finding::no_number_of(at, "Stadt", 5)],
        FieldKind::Text => {
            let long = |max: usize| "Ein langer Text. ".chars().cycle().take(max + 1).collect::<String>();
            let too_long = field.max_length.map(|max| finding::too_long(at, &long(max), max));
            let other = field
                .pattern
                .as_ref()
                .map(|_| finding::not_the_pattern(at, "eine Angabe in anderer Form"));
            too_long.into_iter().chain(other).collect()
        }
        FieldKind::Computed(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::definition;

    #[test]
    fn every_code_that_a_hint_can_have_is_explained() {
        let form = Form::parse(include_str!("../tests/common/alle_arten.toml")).expect("a form");
        let help = serde_json::to_string(&ausfuellhilfe(&form)).expect("JSON");
        let texts = include_str!("finding/texts.rs");
        let codes: Vec<&str> = (texts.split('"').skip(1).step_by(2))
            .filter(|text| {
                text.len() > 1 && text.starts_with(['S', 'V', 'W']) && text[1..].bytes().all(|b| b.is_ascii_digit())
            })
            .collect();
        assert!(codes.len() > 40, "{codes:?}");
        for code in codes {
            assert!(help.contains(&format!("\"code\":\"{code}\"")), "{code}");
        }
        let unreadable = help.matches("die Datei wird nicht angenommen").count();
        assert_eq!(unreadable, crate::guard::Unreadable::ALL.len());
    }

    #[test]
    fn every_hint_of_a_field_stands_there_with_an_example() {
        let fields = r#"[[sheet.field]]
id = "betrag"
label = "Betrag"
kind = "money"
required = true
min = 0
[[rule]]
kind = "at_most"
sheet = "blatt"
field = "betrag"
bound = "12000"
severity = "bestaetigen"
"#;
        let form = Form::parse(&definition("once", fields)).expect("a form");
        let help = ausfuellhilfe(&form);
        let field = &help.blaetter[0].felder[0];
        assert_eq!(field.grenzen, ["mindestens 0,00 €"]);
        let shown: Vec<String> = field
            .hinweise
            .iter()
            .map(|hint| format!("{} {} ({})\n", hint.code, hint.text, hint.folge))
            .collect();
        expect_test::expect![[r#"
            V1 Die Zelle ist leer. Erwartet wird ein Betrag. Tragen Sie den Betrag ein, auch wenn er null ist. (zu ändern)
            V2 Eingetragen ist „ca. 12.000 €“. Erwartet wird ein Betrag als Zahl. Geben Sie nur die Zahl ein, zum Beispiel 12000,00. (zu ändern)
            V2 Eingetragen ist „12.000“. Erwartet wird ein Betrag, der sich nur auf eine Weise lesen lässt. Geben Sie bei vollen Euro 12000,00 ein, sonst den Betrag mit Komma und zwei Nachkommastellen. (zu ändern)
            V4 Eingetragen ist „12,3456“. Erwartet wird ein Betrag mit höchstens zwei Nachkommastellen. Runden Sie auf volle Cent. (zu ändern)
            V3 Eingetragen ist „-1,00 €“. Erwartet wird ein Betrag von mindestens 0,00 €. Geben Sie 0,00 € oder mehr ein. (zu ändern)
            V5 Eingetragen ist „12.500,00 €“. Erwartet wird höchstens 12.000,00 €, so viel stand zur Verfügung. Prüfen Sie den Betrag. Wurde mehr ausgegeben, tragen Sie nur den Teil ein, der aus dem Chancenbudget stammt. (zu ändern oder mit einem Grund zu bestätigen)
        "#]].assert_eq(&shown.concat());
    }
}
