//! The deletion concept: one list of Löschklassen (DIN 66398) that notices print and the handler executes.

use crate::problem::{self, Problem};
use serde::Deserialize;
use toml::Spanned;

/// All Löschklassen of a site, in the order of its `loeschkonzept.toml`.
#[derive(Debug)]
pub struct Loeschkonzept {
    pub klassen: Vec<Klasse>,
}

/// One kind of data, where it lies and when it goes.
#[derive(Debug)]
pub struct Klasse {
    pub id: String,
    pub was: String,
    pub wo: String,
    pub beginn: String,
    pub ende: Ende,
    pub rechtsgrundlage: String,
    pub ausfuehrung: Ausfuehrung,
}

/// When the period of a Löschklasse ends.
#[derive(Debug, PartialEq, Eq)]
pub enum Ende {
    Frist(Frist),
    /// An event in words, as it is printed: "zum Ende des Programms".
    Ereignis(String),
}

/// A period of an ISO 8601 duration with one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frist {
    pub count: u32,
    pub unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Minute,
    Stunde,
    Tag,
    Woche,
    Monat,
    Jahr,
}

/// Who carries out the deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ausfuehrung {
    Webserver,
    Handler,
    Hand,
}

/// The grammatical case that the sentence around a period needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fall {
    Nominativ,
    Dativ,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKonzept {
    #[serde(default)]
    klasse: Vec<RawKlasse>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKlasse {
    id: Spanned<String>,
    was: String,
    wo: String,
    beginn: String,
    frist: Option<Spanned<String>>,
    bis: Option<String>,
    rechtsgrundlage: String,
    ausfuehrung: Ausfuehrung,
}

impl Loeschkonzept {
    /// Reads `loeschkonzept.toml`; all problems at once.
    pub fn parse(source: &str) -> Result<Loeschkonzept, Vec<Problem>> {
        let raw: RawKonzept = toml::from_str(source).map_err(|error| vec![problem::from_toml(source, &error)])?;
        let mut problems = Vec::new();
        let mut klassen: Vec<Klasse> = Vec::new();
        for klasse in raw.klasse {
            let at = klasse.id.span().start;
            if klassen.iter().any(|known| known.id == *klasse.id.get_ref()) {
                problems.push(Problem::at(
                    source,
                    at,
                    format!("Die Löschklasse „{}“ steht zweimal da.", klasse.id.get_ref()),
                    "Geben Sie jeder Löschklasse eine eigene id.",
                ));
            }
            match klasse.ende(source) {
                Ok(ende) => klassen.push(Klasse {
                    id: klasse.id.into_inner(),
                    was: klasse.was,
                    wo: klasse.wo,
                    beginn: klasse.beginn,
                    ende,
                    rechtsgrundlage: klasse.rechtsgrundlage,
                    ausfuehrung: klasse.ausfuehrung,
                }),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            Ok(Loeschkonzept { klassen })
        } else {
            Err(problems)
        }
    }

    pub fn klasse(&self, id: &str) -> Option<&Klasse> {
        self.klassen.iter().find(|klasse| klasse.id == id)
    }
}

impl RawKlasse {
    fn ende(&self, source: &str) -> Result<Ende, Problem> {
        match (&self.frist, &self.bis) {
            (Some(frist), None) => Frist::parse(frist.get_ref()).map(Ende::Frist).ok_or_else(|| {
                Problem::at(
                    source,
                    frist.span().start,
                    format!("Die Frist „{}“ ist keine Dauer nach ISO 8601.", frist.get_ref()),
                    "Schreiben Sie zum Beispiel P7D (7 Tage), PT48H (48 Stunden), P6W (6 Wochen) oder P1Y (1 Jahr).",
                )
            }),
            (None, Some(bis)) => Ok(Ende::Ereignis(bis.clone())),
            _ => Err(Problem::at(
                source,
                self.id.span().start,
                "Eine Löschklasse braucht entweder „frist“ oder „bis“.",
                "Geben Sie eine Dauer an (frist = \"P7D\") oder ein Ereignis (bis = \"zum Ende des Programms\").",
            )),
        }
    }
}

impl Klasse {
    /// The period in words, for the middle of a sentence.
    pub fn frist_text(&self, fall: Fall) -> String {
        match &self.ende {
            Ende::Frist(frist) => frist.text(fall),
            Ende::Ereignis(text) => text.clone(),
        }
    }
}

impl Frist {
    fn parse(text: &str) -> Option<Frist> {
        let (digits, unit) = match text.strip_prefix("PT") {
            Some(time) => {
                let (digits, unit) = time.split_at_checked(time.len().checked_sub(1)?)?;
                (
                    digits,
                    [("M", Unit::Minute), ("H", Unit::Stunde)]
                        .into_iter()
                        .find(|(letter, _)| *letter == unit)?
                        .1,
                )
            }
            None => {
                let date = text.strip_prefix('P')?;
                let (digits, unit) = date.split_at_checked(date.len().checked_sub(1)?)?;
                let units = [
                    ("D", Unit::Tag),
                    ("W", Unit::Woche),
                    ("M", Unit::Monat),
                    ("Y", Unit::Jahr),
                ];
                (digits, units.into_iter().find(|(letter, _)| *letter == unit)?.1)
            }
        };
        let count = digits.parse().ok().filter(|count| *count > 0)?;
        Some(Frist { count, unit })
    }

    /// How long the period is at least: months and years are as short as they can be.
    pub fn at_least_seconds(self) -> u64 {
        let unit = match self.unit {
            Unit::Minute => 60,
            Unit::Stunde => 60 * 60,
            Unit::Tag => 24 * 60 * 60,
            Unit::Woche => 7 * 24 * 60 * 60,
            Unit::Monat => 28 * 24 * 60 * 60,
            Unit::Jahr => 365 * 24 * 60 * 60,
        };
        u64::from(self.count) * unit
    }

    /// The period in words: numbers up to twelve are spelt out.
    pub fn text(self, fall: Fall) -> String {
        const WORDS: [&str; 11] = [
            "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf",
        ];
        let (singular, plural, feminine) = match self.unit {
            Unit::Minute => ("Minute", "Minuten", true),
            Unit::Stunde => ("Stunde", "Stunden", true),
            Unit::Tag => ("Tag", "Tage", false),
            Unit::Woche => ("Woche", "Wochen", true),
            Unit::Monat => ("Monat", "Monate", false),
            Unit::Jahr => ("Jahr", "Jahre", false),
        };
        if self.count == 1 {
            let one = match (fall, feminine) {
                (Fall::Nominativ, true) => "eine",
                (Fall::Nominativ, false) => "ein",
                (Fall::Dativ, true) => "einer",
                (Fall::Dativ, false) => "einem",
            };
            return format!("{one} {singular}");
        }
        let count = match WORDS.get(self.count as usize - 2) {
            Some(word) => (*word).to_owned(),
            None => self.count.to_string(),
        };
        let ending = if fall == Fall::Dativ && !plural.ends_with('n') {
            "n"
        } else {
            ""
        };
        format!("{count} {plural}{ending}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(iso: &str, fall: Fall) -> String {
        Frist::parse(iso).expect(iso).text(fall)
    }

    #[test]
    fn periods_read_like_german() {
        assert_eq!(text("P7D", Fall::Nominativ), "sieben Tage");
        assert_eq!(text("P7D", Fall::Dativ), "sieben Tagen");
        assert_eq!(text("PT48H", Fall::Dativ), "48 Stunden");
        assert_eq!(text("P6W", Fall::Dativ), "sechs Wochen");
        assert_eq!(text("PT30M", Fall::Nominativ), "30 Minuten");
        assert_eq!(text("P1Y", Fall::Dativ), "einem Jahr");
    }

    #[test]
    fn a_period_that_is_none_is_reported_at_its_place() {
        let source = "[[klasse]]\nid = \"a\"\nwas = \"\"\nwo = \"\"\nbeginn = \"\"\nfrist = \"7 Tage\"\nrechtsgrundlage = \"\"\nausfuehrung = \"hand\"\n";
        let problems = Loeschkonzept::parse(source).expect_err("no duration");
        assert_eq!((problems[0].line, problems[0].column), (6, 9));
    }
}
