//! What a sheet and a field may ask for: only what Excel can show, and only what their kind reads.

use super::{PREFILLS, RawChoice, RawField, RawSheet, Reader, is_alike};
use crate::definition::{Field, Prefill, SheetKind};
use toml::Spanned;

/// Excel's limit for the name of a sheet, in the units of UTF-16.
const LONGEST_TITLE: usize = 31;
const FORBIDDEN_IN_TITLES: [char; 8] = ['[', ']', ':', '*', '?', '/', '\\', '\''];
/// Excel shows no more entries of a list.
const MOST_CHOICES: usize = 32_767;
/// Excel's limit for one entry of a list.
const LONGEST_CHOICE: usize = 255;
/// Excel's limit for the text of a cell.
const LONGEST_CELL: usize = 32_767;
/// More lines than anybody fills by hand; each of them costs room in every workbook.
const MOST_ROWS: u32 = 20_000;

impl Reader<'_> {
    pub(super) fn check_sheet(&mut self, raw: &RawSheet) {
        let (title, at) = (raw.title.get_ref(), raw.title.span().start);
        let length = title.encode_utf16().count();
        if title.trim().is_empty() {
            self.report(
                at,
                "Das Blatt hat keinen Namen.",
                "Schreiben Sie zum Beispiel title = \"Schulen\".",
            );
        }
        if length > LONGEST_TITLE {
            self.report(
                at,
                format!("Der Blattname hat {length} Zeichen, Excel erlaubt {LONGEST_TITLE}."),
                "Kürzen Sie den Namen.",
            );
        }
        if let Some(forbidden) = title.chars().find(|c| FORBIDDEN_IN_TITLES.contains(c)) {
            self.report(
                at,
                format!("Excel erlaubt das Zeichen {forbidden} in einem Blattnamen nicht."),
                "Wählen Sie einen Namen ohne [ ] : * ? / \\ und '.",
            );
        }
        if let Some(rows) = &raw.rows {
            let is_free = raw.kind.get_ref() == "free";
            if !is_free {
                self.report(
                    rows.span().start,
                    "Eine Zahl von Zeilen hat nur ein Blatt mit kind = \"free\".",
                    "Löschen Sie die Zeile.",
                );
            } else if !(1..=MOST_ROWS).contains(rows.get_ref()) {
                self.report(
                    rows.span().start,
                    format!("Ein Blatt kann nicht {} Zeilen haben.", rows.get_ref()),
                    "Wählen Sie eine Zahl zwischen 1 und 20000.",
                );
            }
        }
        if raw.field.is_empty() {
            self.report(
                raw.id.span().start,
                "Das Blatt hat kein Feld.",
                "Ergänzen Sie einen Abschnitt [[sheet.field]].",
            );
        }
    }

    pub(super) fn check_limits(&mut self, raw: &RawField, sheet: SheetKind) {
        let kind = raw.kind.get_ref().as_str();
        if raw.label.get_ref().trim().is_empty() {
            self.report(
                raw.label.span().start,
                "Das Feld hat keinen Namen.",
                "Schreiben Sie, was in der Überschrift der Spalte stehen soll.",
            );
        }
        let is_number = matches!(kind, "money" | "integer");
        let keys = [
            ("min", raw.min.as_ref().map(|key| key.span()), is_number),
            ("max", raw.max.as_ref().map(|key| key.span()), is_number),
            (
                "max_length",
                raw.max_length.as_ref().map(|key| key.span()),
                kind == "text",
            ),
            ("pattern", raw.pattern.as_ref().map(|key| key.span()), kind == "text"),
            ("choices", raw.choices.as_ref().map(|key| key.span()), kind == "choice"),
            (
                "choices_of",
                raw.choices_of.as_ref().map(|key| key.span()),
                kind == "choice",
            ),
            (
                "formula",
                raw.formula.as_ref().map(|key| key.span()),
                kind == "computed",
            ),
            (
                "prefill",
                raw.prefill.as_ref().map(|key| key.span()),
                kind != "computed",
            ),
        ];
        for (key, place, is_read) in keys {
            if let Some(place) = place.filter(|_| !is_read && super::KINDS.contains(&kind)) {
                self.report(
                    place.start,
                    format!("Ein Feld der Art „{kind}“ kennt die Angabe „{key}“ nicht."),
                    format!("Löschen Sie {key}, oder wählen Sie eine andere Art."),
                );
            }
        }
        if let (Some(min), Some(max)) = (&raw.min, &raw.max)
            && max.get_ref() < min.get_ref()
        {
            self.report(
                max.span().start,
                format!("„max“ ({}) liegt unter „min“ ({}).", max.get_ref(), min.get_ref()),
                "Vertauschen Sie die beiden Grenzen.",
            );
        }
        if let Some(max) = raw.max_length.as_ref()
            && !(1..=LONGEST_CELL).contains(max.get_ref())
        {
            self.report(
                max.span().start,
                format!("Ein Text kann nicht höchstens {} Zeichen haben.", max.get_ref()),
                "Wählen Sie eine Zahl zwischen 1 und 32767: Mehr fasst eine Zelle nicht.",
            );
        }
        if let Some(place) = raw.pattern_hint.as_ref().filter(|_| raw.pattern.is_none()) {
            self.report(
                place.span().start,
                "Dem Feld fehlt das Muster, das hier in Worten beschrieben wird.",
                "Ergänzen Sie pattern = \"…\", oder schreiben Sie den Satz als help.",
            );
        }
        if let Some(place) = raw.only_if_prefilled.as_ref().filter(|only| *only.get_ref())
            && raw.prefill.is_none()
        {
            self.report(
                place.span().start,
                "Dem Feld fehlt die Quelle, nach der es gezeigt wird.",
                "Ergänzen Sie prefill = \"…\", oder löschen Sie only_if_prefilled.",
            );
        }
        self.check_source(raw, sheet);
    }

    /// A sheet depends on what each school is given, so on a field with such a source.
    pub(super) fn check_only_if(&mut self, only_if: &Spanned<String>, fields: &[Field]) {
        let per_school = |field: &&Field| field.prefill.is_some_and(Prefill::is_of_schools);
        let ids: Vec<&str> = fields
            .iter()
            .filter(per_school)
            .map(|field| field.id.as_str())
            .collect();
        if !ids.contains(&only_if.get_ref().as_str()) {
            self.unknown(
                only_if.span().start,
                "Feld mit Vorgaben je Schule",
                only_if.get_ref(),
                &ids,
            );
        }
    }

    /// A source must be there for this sheet, and give what the field holds.
    fn check_source(&mut self, raw: &RawField, sheet: SheetKind) {
        let Some(place) = &raw.prefill else { return };
        let Some((name, source)) = PREFILLS.iter().find(|(name, _)| name == place.get_ref()) else {
            return;
        };
        let of_school = name.starts_with("schule.") || name.starts_with("zuweisung.");
        if of_school && sheet != SheetKind::PerSchool {
            self.report(
                place.span().start,
                format!("Die Quelle „{name}“ gibt es nur auf einem Blatt mit einer Zeile je Schule."),
                "Setzen Sie bei dem Blatt kind = \"per_school\", oder wählen Sie eine andere Quelle.",
            );
        }
        let kind = raw.kind.get_ref().as_str();
        let fitting: &[&str] = match source {
            Prefill::Zugewiesen | Prefill::Uebertrag => &["money"],
            Prefill::RundeVon | Prefill::RundeBis => &["date"],
            Prefill::SchulenAnzahl | Prefill::SchuleNr => &["integer"],
            Prefill::SchuleNummer => &["schulnummer", "text"],
            Prefill::TraegerNummer => &["traegernummer", "text"],
            _ => &["text", "choice"],
        };
        if super::KINDS.contains(&kind) && kind != "computed" && !fitting.contains(&kind) {
            self.report(
                place.span().start,
                format!("Die Quelle „{name}“ passt nicht zu einem Feld der Art „{kind}“."),
                format!("Wählen Sie kind = \"{}\".", fitting.join("\" oder \"")),
            );
        }
    }

    pub(super) fn check_choices(&mut self, choices: &[RawChoice]) {
        if let Some(choice) = choices.get(MOST_CHOICES) {
            self.report(
                choice.code.span().start,
                format!("Excel zeigt in einer Liste höchstens {MOST_CHOICES} Einträge."),
                "Kürzen Sie die Liste.",
            );
        }
        for (n, choice) in choices.iter().enumerate() {
            let (code, label) = (choice.code.get_ref(), choice.label.get_ref());
            if code.trim().is_empty() || label.trim().is_empty() {
                self.report(
                    choice.code.span().start,
                    "Ein Wert zur Auswahl braucht einen Code und einen Namen.",
                    "Schreiben Sie zum Beispiel { code = \"B1\", label = \"Deutsch\" }.",
                );
            } else if choices[..n].iter().any(|known| known.code.get_ref() == code) {
                self.report(
                    choice.code.span().start,
                    format!("Der Code „{code}“ kommt zweimal vor."),
                    "Geben Sie jedem Wert einen eigenen Code.",
                );
            } else if choices[..n].iter().any(|known| is_alike(known.label.get_ref(), label)) {
                self.report(
                    choice.label.span().start,
                    format!("Zwei Werte heißen „{label}“."),
                    "Geben Sie jedem Wert einen eigenen Namen: Auch der Name allein wird angenommen.",
                );
            }
            let length = choice.plain().cell_text().encode_utf16().count();
            if length > LONGEST_CHOICE {
                self.report(
                    choice.label.span().start,
                    format!("Der Eintrag hat mit seinem Code {length} Zeichen, Excel erlaubt {LONGEST_CHOICE}."),
                    "Kürzen Sie den Namen.",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::definition::Form;

    /// One sheet with these keys and fields, and what is wrong with it. The first of `more` stands in line 8.
    fn problems(title: &str, more: &str) -> String {
        let source = format!(
            "kennung = \"k\"\nversion = \"1\"\ntitle = \"K\"\n[[sheet]]\nid = \"b\"\ntitle = \"{title}\"\nkind = \"once\"\n{more}"
        );
        let found = Form::parse(&source).expect_err("problems");
        found
            .iter()
            .map(|p| format!("{}:{} {} {}\n", p.line, p.column, p.message, p.remedy))
            .collect()
    }

    fn field(more: &str) -> String {
        problems("Blatt", &format!("[[sheet.field]]\nid = \"f\"\nlabel = \"F\"\n{more}"))
    }

    #[test]
    fn names_of_sheets_that_excel_refuses_are_shown_with_the_reason() {
        let fine = "[[sheet.field]]\nid = \"f\"\nlabel = \"F\"\nkind = \"text\"\n";
        expect_test::expect![[r#"
            6:9 Der Blattname hat 35 Zeichen, Excel erlaubt 31. Kürzen Sie den Namen.
            6:9 Excel erlaubt das Zeichen / in einem Blattnamen nicht. Wählen Sie einen Namen ohne [ ] : * ? / \ und '.
        "#]]
        .assert_eq(&problems("Ausgaben für Personal/Sachen je Ort", fine));
    }

    #[test]
    fn two_sheets_or_columns_with_one_name_are_shown() {
        expect_test::expect![[r#"
            14:9 Zwei Felder dieses Blattes heißen „betrag  in Euro“. Geben Sie jedem Feld einen eigenen Namen: Daran wird es erkannt, wenn Spalten verschoben wurden.
            19:9 Ein Blatt mit dem Namen „blatt“ gibt es schon. Wählen Sie einen anderen Namen; Hinweise, Listen, _meta gehören zu jedem Formular.
        "#]]
        .assert_eq(&problems(
            "Blatt",
            "[[sheet.field]]\nid = \"f\"\nlabel = \"Betrag in Euro\"\nkind = \"text\"\n\n[[sheet.field]]\nlabel = \"betrag  in Euro\"\nid = \"g\"\nkind = \"text\"\n[[sheet]]\nid = \"c\"\ntitle = \"blatt\"\nkind = \"once\"\n[[sheet.field]]\nid = \"f\"\nlabel = \"F\"\nkind = \"text\"\n",
        ));
    }

    #[test]
    fn rows_belong_to_free_sheets_and_have_a_limit() {
        let found = problems(
            "Blatt",
            "rows = 3\n[[sheet.field]]\nid = \"f\"\nlabel = \"F\"\nkind = \"text\"\n",
        );
        assert!(found.starts_with("8:8 Eine Zahl von Zeilen hat nur"), "{found}");
        let found = problems(
            "Blatt",
            "field = []\n[[sheet]]\nid = \"c\"\ntitle = \"C\"\nkind = \"free\"\nrows = 0\nfield = []\n",
        );
        expect_test::expect![[r#"
            5:6 Das Blatt hat kein Feld. Ergänzen Sie einen Abschnitt [[sheet.field]].
            10:6 Das Blatt hat kein Feld. Ergänzen Sie einen Abschnitt [[sheet.field]].
            13:8 Ein Blatt kann nicht 0 Zeilen haben. Wählen Sie eine Zahl zwischen 1 und 20000.
        "#]]
        .assert_eq(&found);
    }

    #[test]
    fn limits_are_refused_where_their_kind_has_none() {
        expect_test::expect![[r#"
            12:14 Ein Feld der Art „money“ kennt die Angabe „max_length“ nicht. Löschen Sie max_length, oder wählen Sie eine andere Art.
            13:11 Ein Feld der Art „money“ kennt die Angabe „pattern“ nicht. Löschen Sie pattern, oder wählen Sie eine andere Art.
            15:7 „max“ (1) liegt unter „min“ (5). Vertauschen Sie die beiden Grenzen.
        "#]]
        .assert_eq(&field("kind = \"money\"\nmax_length = 3\npattern = \"[0-9]\"\nmin = 5\nmax = 1\n"));
        expect_test::expect![[r#"
            12:7 Ein Feld der Art „date“ kennt die Angabe „min“ nicht. Löschen Sie min, oder wählen Sie eine andere Art.
            13:11 Ein Feld der Art „date“ kennt die Angabe „choices“ nicht. Löschen Sie choices, oder wählen Sie eine andere Art.
            14:11 Ein Feld der Art „date“ kennt die Angabe „formula“ nicht. Löschen Sie formula, oder wählen Sie eine andere Art.
        "#]]
        .assert_eq(&field("kind = \"date\"\nmin = 5\nchoices = []\nformula = \"f\"\n"));
        expect_test::expect![[r#"
            12:14 Ein Text kann nicht höchstens 40000 Zeichen haben. Wählen Sie eine Zahl zwischen 1 und 32767: Mehr fasst eine Zelle nicht.
        "#]]
        .assert_eq(&field("kind = \"text\"\nmax_length = 40000\n"));
        expect_test::expect![[r#"
            12:16 Dem Feld fehlt das Muster, das hier in Worten beschrieben wird. Ergänzen Sie pattern = "…", oder schreiben Sie den Satz als help.
        "#]]
        .assert_eq(&field("kind = \"text\"\npattern_hint = \"vier Ziffern\"\n"));
        let found = field("kind = \"text\"\npattern = \"[0-9\"\n");
        assert!(
            found.starts_with("12:11 Das Muster ist kein regulärer Ausdruck"),
            "{found}"
        );
    }

    #[test]
    fn a_source_must_exist_and_fit() {
        expect_test::expect![[r#"
            12:11 Quelle „“ gibt es nicht. Es gibt: traeger.nummer, traeger.name, traeger.bezirksregierung, runde.kennung, runde.von, runde.bis, schulen.anzahl, schule.nr, schule.nummer, schule.kurzbezeichnung, schule.schulform, schule.aufnahmejahr, schule.traeger, zuweisung.zugewiesen, zuweisung.uebertrag.
        "#]]
        .assert_eq(&field("kind = \"text\"\nprefill = \"\"\n"));
        expect_test::expect![[r#"
            12:21 Dem Feld fehlt die Quelle, nach der es gezeigt wird. Ergänzen Sie prefill = "…", oder löschen Sie only_if_prefilled.
        "#]]
        .assert_eq(&field("kind = \"text\"\nonly_if_prefilled = true\n"));
        expect_test::expect![[r#"
            12:11 Die Quelle „zuweisung.zugewiesen“ gibt es nur auf einem Blatt mit einer Zeile je Schule. Setzen Sie bei dem Blatt kind = "per_school", oder wählen Sie eine andere Quelle.
            12:11 Die Quelle „zuweisung.zugewiesen“ passt nicht zu einem Feld der Art „text“. Wählen Sie kind = "money".
        "#]]
        .assert_eq(&field("kind = \"text\"\nprefill = \"zuweisung.zugewiesen\"\n"));
    }

    #[test]
    fn lists_are_neither_empty_nor_ambiguous_nor_too_long_for_excel() {
        expect_test::expect![[r#"
            12:11 Die Liste zur Auswahl ist leer. Ergänzen Sie mindestens einen Wert: { code = "…", label = "…" }.
        "#]]
        .assert_eq(&field("kind = \"choice\"\nchoices = []\n"));
        let long = "lang ".repeat(60);
        expect_test::expect![[r#"
            14:12 Der Code „A“ kommt zweimal vor. Geben Sie jedem Wert einen eigenen Code.
            15:25 Zwei Werte heißen „eins“. Geben Sie jedem Wert einen eigenen Namen: Auch der Name allein wird angenommen.
            16:25 Der Eintrag hat mit seinem Code 304 Zeichen, Excel erlaubt 255. Kürzen Sie den Namen.
            17:12 Ein Wert zur Auswahl braucht einen Code und einen Namen. Schreiben Sie zum Beispiel { code = "B1", label = "Deutsch" }.
        "#]]
        .assert_eq(&field(&format!(
            "kind = \"choice\"\nchoices = [\n  {{ code = \"A\", label = \"Eins\" }}, {{\n    code = \"A\", label = \"Zwei\" }}, {{\n    code = \"B\", label = \"eins\" }}, {{\n    code = \"C\", label = \"{long}\" }}, {{\n    code = \"\", label = \"Drei\" }} ]\n"
        )));
    }

    #[test]
    fn rules_name_columns_and_values_that_exist_and_only_keys_they_read() {
        expect_test::expect![[r#"
            16:9 Feld „g“ gibt es nicht. Gemeint ist vielleicht „f“. Es gibt: f.
            21:9 Wert „Ja“ gibt es nicht. Gemeint ist vielleicht „ja“. Es gibt: ja, nein.
            27:11 Die Regel „must_be“ kennt den Schlüssel „percent“ nicht. Löschen Sie die Zeile, oder wählen Sie eine andere Art von Regel.
        "#]]
        .assert_eq(&field(
            "kind = \"yes_no\"\n\n[[rule]]\nkind = \"no_person_data\"\nsheet = \"b\"\nfield = \"g\"\n[[rule]]\nkind = \"must_be\"\nsheet = \"b\"\nfield = \"f\"\nvalue = \"Ja\"\n[[rule]]\nkind = \"must_be\"\nsheet = \"b\"\nfield = \"f\"\nvalue = \"ja\"\npercent = 3\n",
        ));
    }

    #[test]
    fn a_key_that_is_not_known_is_shown() {
        let found = field("kind = \"text\"\nhilfe = \"x\"\n");
        assert!(
            found.starts_with("12:1 Der Schlüssel „hilfe“ ist hier nicht bekannt."),
            "{found}"
        );
    }
}
