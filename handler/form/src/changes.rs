//! What a new version of a form means for a Runde that is running, sentence by sentence.

use crate::definition::{Choice, Field, FieldKind, Form, Sheet, SheetKind};
use crate::finding::Severity;
use crate::rule::{Rule, RuleKind};

/// One difference between two versions of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What is different, as people read it.
    pub sentence: String,
    /// Workbooks that were handed out or accepted in the old version would also do in the new one.
    pub is_compatible: bool,
}

/// Every difference, in the order of the form. Two versions fit together when all of them are compatible.
pub fn changes(old: &Form, new: &Form) -> Vec<Change> {
    let mut changes = Changes(Vec::new());
    changes.of_texts(old, new);
    for sheet in &old.sheets {
        match new.sheet(&sheet.id) {
            Some(now) => changes.of_sheet(sheet, now),
            None => changes.breaking(format!("Das Blatt „{}“ entfällt.", sheet.title)),
        }
    }
    for sheet in new.sheets.iter().filter(|sheet| old.sheet(&sheet.id).is_none()) {
        changes.breaking(format!("Das Blatt „{}“ kommt hinzu.", sheet.title));
    }
    changes.of_rules(old, new);
    changes.of_reasons(&old.gruende, &new.gruende);
    changes.0
}

struct Changes(Vec<Change>);

impl Changes {
    fn harmless(&mut self, sentence: String) {
        self.0.push(Change {
            sentence,
            is_compatible: true,
        });
    }

    fn breaking(&mut self, sentence: String) {
        self.0.push(Change {
            sentence,
            is_compatible: false,
        });
    }

    fn of_texts(&mut self, old: &Form, new: &Form) {
        if old.kennung != new.kennung {
            self.breaking(format!(
                "Die Kennung des Formulars lautet „{}“ statt „{}“.",
                new.kennung, old.kennung
            ));
        }
        if old.version != new.version {
            self.harmless(format!("Die Fassung {} wird zu {}.", old.version, new.version));
        }
        if old.title != new.title {
            self.harmless(format!("Das Formular heißt „{}“ statt „{}“.", new.title, old.title));
        }
        if old.hinweise != new.hinweise {
            self.harmless("Der Text des Blattes „Hinweise“ ist geändert.".to_owned());
        }
    }

    fn of_sheet(&mut self, old: &Sheet, new: &Sheet) {
        if old.title != new.title {
            self.harmless(format!("Das Blatt „{}“ heißt jetzt „{}“.", old.title, new.title));
        }
        let title = &new.title;
        match (old.kind, new.kind) {
            (SheetKind::Free { rows: before }, SheetKind::Free { rows: now }) if now > before => {
                self.harmless(format!("Das Blatt „{title}“ hat {now} statt {before} Zeilen."));
            }
            (SheetKind::Free { rows: before }, SheetKind::Free { rows: now }) if now < before => {
                self.breaking(format!("Das Blatt „{title}“ hat nur noch {now} statt {before} Zeilen."));
            }
            (before, now) if before != now => {
                self.breaking(format!("Das Blatt „{title}“ ist anders aufgebaut."));
            }
            _ => {}
        }
        if old.only_if != new.only_if {
            self.breaking(format!(
                "Das Blatt „{title}“ ist unter anderen Bedingungen im Formular."
            ));
        }
        for field in &old.fields {
            match new.field(&field.id) {
                Some(now) => self.of_field(field, now, title),
                None => self.breaking(format!(
                    "Das Feld „{}“ (id {}) im Blatt „{title}“ entfällt.",
                    field.label, field.id
                )),
            }
        }
        for field in new.fields.iter().filter(|field| old.field(&field.id).is_none()) {
            let name = format!("Das Feld „{}“ (id {}) im Blatt „{title}“", field.label, field.id);
            if field.required && field.is_input() {
                self.breaking(format!("{name} kommt hinzu und muss ausgefüllt werden."));
            } else {
                self.harmless(format!("{name} kommt hinzu."));
            }
        }
        let kept = |one: &Sheet, other: &Sheet| -> Vec<String> {
            let ids = one.fields.iter().map(|field| field.id.clone());
            ids.filter(|id| other.field(id).is_some()).collect()
        };
        if kept(old, new) != kept(new, old) {
            self.harmless(format!("Die Reihenfolge der Felder im Blatt „{title}“ ist geändert."));
        }
    }

    fn of_field(&mut self, old: &Field, new: &Field, sheet: &str) {
        let name = format!("„{}“ im Blatt „{sheet}“", new.label);
        if old.label != new.label {
            self.harmless(format!(
                "Das Feld „{}“ im Blatt „{sheet}“ heißt jetzt „{}“.",
                old.label, new.label
            ));
        }
        if old.help != new.help {
            self.harmless(format!("Die Erläuterung zu {name} ist geändert."));
        }
        match (old.required, new.required) {
            (false, true) => self.breaking(format!("{name} muss jetzt ausgefüllt werden.")),
            (true, false) => self.harmless(format!("{name} darf jetzt leer bleiben.")),
            _ => {}
        }
        if old.prefill != new.prefill {
            let what = match (old.prefill, new.prefill) {
                (None, _) => "ist jetzt vorbelegt",
                (_, None) => "ist nicht mehr vorbelegt",
                _ => "ist aus einer anderen Quelle vorbelegt",
            };
            self.breaking(format!("{name} {what}."));
        }
        if old.only_if_prefilled != new.only_if_prefilled {
            self.breaking(format!("{name} wird unter anderen Bedingungen gezeigt."));
        }
        self.of_kind(&old.kind, &new.kind, &name);
        // A lower minimum is wider, so its sign is turned round.
        let turned = |limit: Option<i64>| limit.map(|limit| -i128::from(limit));
        self.of_limit(&name, "mindestens", turned(old.min), turned(new.min), |limit| -limit);
        let wide = |limit: Option<i64>| limit.map(i128::from);
        self.of_limit(&name, "höchstens", wide(old.max), wide(new.max), |limit| limit);
        let length = |length: Option<usize>| length.map(|length| length as i128);
        self.of_limit(
            &format!("Die Zahl der Zeichen von {name}"),
            "höchstens",
            length(old.max_length),
            length(new.max_length),
            |limit| limit,
        );
        let pattern = |field: &Field| field.pattern.as_ref().map(|pattern| pattern.as_str().to_owned());
        match (pattern(old), pattern(new)) {
            (before, now) if before == now => {}
            (_, None) => self.harmless(format!("{name} braucht keine bestimmte Form mehr.")),
            (_, Some(_)) if !new.pattern_hint.is_empty() => {
                self.breaking(format!("{name} braucht jetzt diese Form: {}.", new.pattern_hint));
            }
            _ => self.breaking(format!("{name} braucht eine andere Form als bisher.")),
        }
    }

    /// A larger limit is wider.
    fn of_limit(&mut self, name: &str, word: &str, old: Option<i128>, new: Option<i128>, shown: impl Fn(i128) -> i128) {
        let was = |limit: i128| format!("bisher {word} {}", shown(limit));
        match (old, new) {
            (None, Some(now)) => self.breaking(format!(
                "{name}: jetzt {word} {}, bisher ohne diese Grenze.",
                shown(now)
            )),
            (Some(before), None) => self.harmless(format!("{name}: {}, jetzt ohne diese Grenze.", was(before))),
            (Some(before), Some(now)) if now > before => {
                self.harmless(format!("{name}: jetzt {word} {}, {}.", shown(now), was(before)));
            }
            (Some(before), Some(now)) if now < before => {
                self.breaking(format!("{name}: jetzt {word} {}, {}.", shown(now), was(before)));
            }
            _ => {}
        }
    }

    fn of_kind(&mut self, old: &FieldKind, new: &FieldKind, name: &str) {
        match (old, new) {
            (FieldKind::Choice(before), FieldKind::Choice(now)) => self.of_choices(before, now, name),
            (FieldKind::Computed(before), FieldKind::Computed(now)) if before != now => self.breaking(format!(
                "{name} wird anders berechnet als in den Meldungen, die schon da sind."
            )),
            (before, now) if before != now => self.breaking(format!(
                "{name} ist von anderer Art: {} statt {}.",
                now.in_words(),
                before.in_words()
            )),
            _ => {}
        }
    }

    fn of_choices(&mut self, old: &[Choice], new: &[Choice], name: &str) {
        let find = |choices: &[Choice], code: &str| choices.iter().find(|choice| choice.code == code).cloned();
        for choice in old {
            match find(new, &choice.code) {
                None => self.breaking(format!("{name}: Der Eintrag „{}“ entfällt.", choice.cell_text())),
                // A cell holds the label too.
                Some(now) if now.label != choice.label => self.breaking(format!(
                    "{name}: Der Eintrag „{}“ heißt jetzt „{}“.",
                    choice.cell_text(),
                    now.cell_text()
                )),
                Some(_) => {}
            }
        }
        for choice in new.iter().filter(|choice| find(old, &choice.code).is_none()) {
            self.harmless(format!("{name}: Der Eintrag „{}“ kommt hinzu.", choice.cell_text()));
        }
    }

    fn of_rules(&mut self, old: &Form, new: &Form) {
        let mut left: Vec<(String, &Rule)> = new.rules.iter().map(|rule| (words(rule, new), rule)).collect();
        for rule in &old.rules {
            let said = words(rule, new);
            let same = left
                .iter()
                .position(|(words, now)| *words == said && now.sheet == rule.sheet);
            let Some(same) = same else {
                let sentence = format!("Nicht mehr geprüft wird: {}", words(rule, old));
                // Without it, blanks no longer count as zero.
                if matches!(rule.kind, RuleKind::ZeroIf) {
                    self.breaking(sentence);
                } else {
                    self.harmless(sentence);
                }
                continue;
            };
            let (_, now) = left.remove(same);
            let sentence = format!(
                "Jetzt {}, bisher {}: {said}",
                now.severity.in_words(),
                rule.severity.in_words()
            );
            // The strictest comes first.
            match now.severity.cmp(&rule.severity) {
                std::cmp::Ordering::Less => self.breaking(sentence),
                std::cmp::Ordering::Greater => self.harmless(sentence),
                std::cmp::Ordering::Equal => {}
            }
        }
        for (said, rule) in left {
            let sentence = format!("Neu geprüft wird ({}): {said}", rule.severity.in_words());
            if rule.severity == Severity::Hinweis {
                self.harmless(sentence);
            } else {
                self.breaking(sentence);
            }
        }
    }

    fn of_reasons(&mut self, old: &[Choice], new: &[Choice]) {
        for reason in old {
            let known = new.iter().find(|known| known.code == reason.code);
            match known {
                None => self.breaking(format!("Der Grund „{}“ entfällt.", reason.cell_text())),
                Some(now) if now.label != reason.label => self.harmless(format!(
                    "Der Grund „{}“ heißt jetzt „{}“.",
                    reason.cell_text(),
                    now.cell_text()
                )),
                Some(_) => {}
            }
        }
        for reason in new.iter().filter(|new| old.iter().all(|known| known.code != new.code)) {
            self.harmless(format!("Der Grund „{}“ kommt hinzu.", reason.cell_text()));
        }
    }
}

/// What a rule asks for, with the labels of a form; a new label alone makes no new rule.
fn words(rule: &Rule, form: &Form) -> String {
    rule.in_words(form).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::definition;

    const FIELDS: &str = r#"rows = 10
[[sheet.field]]
id = "betrag"
label = "Betrag"
kind = "money"
min = 0
max = 100
[[sheet.field]]
id = "art"
label = "Art"
kind = "choice"
choices = [{ code = "A", label = "Eins" }, { code = "B", label = "Zwei" }]
[[sheet.field]]
id = "text"
label = "Text"
kind = "text"
max_length = 50
[[rule]]
kind = "at_most"
sheet = "blatt"
field = "betrag"
bound = "50"
severity = "hinweis"
[[grund]]
code = "G1"
label = "Geprüft"
"#;

    /// Replaces texts of the base, and says what that means: `+` fits, `-` does not.
    fn said(replaced: &[(&str, &str)]) -> String {
        let parse = |source: &str| Form::parse(source).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let base = definition("free", FIELDS);
        let source = replaced.iter().fold(base.clone(), |source, (old, new)| {
            assert!(source.contains(old), "{old}");
            source.replacen(old, new, 1)
        });
        let line = |change: Change| format!("{} {}\n", if change.is_compatible { '+' } else { '-' }, change.sentence);
        changes(&parse(&base), &parse(&source)).into_iter().map(line).collect()
    }

    #[test]
    fn the_same_form_has_no_changes() {
        assert_eq!(said(&[]), "");
    }

    #[test]
    fn texts_wider_limits_and_optional_fields_fit_a_running_runde() {
        expect_test::expect![[r#"
            + Die Fassung 1 wird zu 2.
            + Das Formular heißt „Neue Probe“ statt „Probe“.
            + Das Blatt „Blatt“ hat 20 statt 10 Zeilen.
            + Das Feld „Betrag“ im Blatt „Blatt“ heißt jetzt „Betrag in Euro“.
            + Die Erläuterung zu „Betrag in Euro“ im Blatt „Blatt“ ist geändert.
            + „Betrag in Euro“ im Blatt „Blatt“: jetzt mindestens -5, bisher mindestens 0.
            + „Betrag in Euro“ im Blatt „Blatt“: jetzt höchstens 200, bisher höchstens 100.
            + „Art“ im Blatt „Blatt“: Der Eintrag „C – Drei“ kommt hinzu.
            + Die Zahl der Zeichen von „Text“ im Blatt „Blatt“: jetzt höchstens 80, bisher höchstens 50.
            + Das Feld „Mehr“ (id mehr) im Blatt „Blatt“ kommt hinzu.
        "#]]
        .assert_eq(&said(&[
            ("version = \"1\"", "version = \"2\""),
            ("title = \"Probe\"", "title = \"Neue Probe\""),
            (
                "label = \"Betrag\"",
                "label = \"Betrag in Euro\"\nhelp = \"Alle Ausgaben.\"",
            ),
            ("min = 0", "min = -5"),
            ("max = 100", "max = 200"),
            ("max_length = 50", "max_length = 80"),
            ("rows = 10", "rows = 20"),
            (
                "label = \"Zwei\" }",
                "label = \"Zwei\" }, { code = \"C\", label = \"Drei\" }",
            ),
            (
                "[[rule]]",
                "[[sheet.field]]\nid = \"mehr\"\nlabel = \"Mehr\"\nkind = \"text\"\n[[rule]]",
            ),
        ]));
    }

    #[test]
    fn what_makes_filled_workbooks_wrong_does_not_fit() {
        expect_test::expect![[r#"
            - Das Blatt „Blatt“ hat nur noch 5 statt 10 Zeilen.
            - „Betrag“ im Blatt „Blatt“ muss jetzt ausgefüllt werden.
            - „Betrag“ im Blatt „Blatt“: jetzt mindestens 1, bisher mindestens 0.
            - „Betrag“ im Blatt „Blatt“: jetzt höchstens 90, bisher höchstens 100.
            - „Art“ im Blatt „Blatt“: Der Eintrag „A – Eins“ heißt jetzt „A – Erstens“.
            - „Art“ im Blatt „Blatt“: Der Eintrag „B – Zwei“ entfällt.
            - Die Zahl der Zeichen von „Text“ im Blatt „Blatt“: jetzt höchstens 40, bisher höchstens 50.
            - „Text“ im Blatt „Blatt“ braucht eine andere Form als bisher.
            - Das Feld „Mehr“ (id mehr) im Blatt „Blatt“ kommt hinzu und muss ausgefüllt werden.
            - Jetzt zu ändern, bisher nur ein Hinweis: „Betrag“ ist nicht höher als 50.
        "#]]
        .assert_eq(&said(&[
            ("rows = 10", "rows = 5"),
            ("min = 0", "min = 1\nrequired = true"),
            ("max = 100", "max = 90"),
            ("max_length = 50", "max_length = 40\npattern = \"[a-z]+\""),
            (
                "{ code = \"A\", label = \"Eins\" }",
                "{ code = \"A\", label = \"Erstens\" }",
            ),
            (", { code = \"B\", label = \"Zwei\" }", ""),
            ("severity = \"hinweis\"", "severity = \"fehler\""),
            (
                "[[rule]]",
                "[[sheet.field]]\nid = \"mehr\"\nlabel = \"Mehr\"\nkind = \"text\"\nrequired = true\n[[rule]]",
            ),
        ]));
        expect_test::expect![[r#"
            - „Art“ im Blatt „Blatt“ ist von anderer Art: Datum statt Auswahl aus einer Liste.
            - Das Feld „Text“ (id text) im Blatt „Blatt“ entfällt.
            + Das Feld „Text“ (id anmerkung) im Blatt „Blatt“ kommt hinzu.
            + Nicht mehr geprüft wird: „Betrag“ ist nicht höher als 50.
            + Neu geprüft wird (nur ein Hinweis): „Betrag“ ist nicht höher als 40, wenn gilt: „Betrag“ ist größer als 3.
            - Der Grund „G1 – Geprüft“ entfällt.
            + Der Grund „G2 – Geprüft“ kommt hinzu.
        "#]]
        .assert_eq(&said(&[
            ("id = \"text\"", "id = \"anmerkung\""),
            (
                "kind = \"choice\"\nchoices = [{ code = \"A\", label = \"Eins\" }, { code = \"B\", label = \"Zwei\" }]",
                "kind = \"date\"",
            ),
            ("code = \"G1\"", "code = \"G2\""),
            ("bound = \"50\"", "bound = \"40\"\nwenn = \"betrag > 3\""),
        ]));
        expect_test::expect![[r#"
            - Die Kennung des Formulars lautet „andere“ statt „probe“.
            + Das Blatt „Blatt“ heißt jetzt „Neues Blatt“.
            + „Betrag“ im Blatt „Neues Blatt“: bisher höchstens 100, jetzt ohne diese Grenze.
            - Jetzt zu ändern oder mit einem Grund zu bestätigen, bisher nur ein Hinweis: „Betrag“ ist nicht höher als 50.
        "#]].assert_eq(&said(&[
            ("max = 100\n", ""),
            ("kennung = \"probe\"", "kennung = \"andere\""),
            ("title = \"Blatt\"", "title = \"Neues Blatt\""),
            ("severity = \"hinweis\"", "severity = \"bestaetigen\""),
        ]));
    }
}
