//! Sentences that go on too long.

use std::ops::Range;

use crate::html::offset_in;

/// A sentence with more words than a reader can hold, and where it stands in its text.
#[derive(Debug, PartialEq, Eq)]
pub struct LongSentence {
    pub range: Range<usize>,
    pub words: usize,
}

/// The sentences of one block that have more than `max_words`. A sentence ends where its line does; a line end that only
/// wraps the source must come as a space.
pub fn long_sentences(text: &str, max_words: usize) -> Vec<LongSentence> {
    let mut long = Vec::new();
    for line in text.lines() {
        let line_at = offset_in(text, line);
        let mut words = 0;
        let mut sentence: Option<Range<usize>> = None;
        let mut pieces = line.split_whitespace().peekable();
        while let Some(piece) = pieces.next() {
            words += usize::from(piece.contains(char::is_alphanumeric));
            let at = line_at + offset_in(line, piece);
            let range = sentence.get_or_insert(at..at);
            range.end = at + piece.len();
            let ends = pieces.peek().is_none_or(|next| ends_sentence(piece, next));
            if let Some(range) = sentence.take_if(|_| ends) {
                if words > max_words {
                    long.push(LongSentence { range, words });
                }
                words = 0;
            }
        }
    }
    long
}

/// Whether a sentence ends between two pieces. Where that is open, as after „1.“ and „usw.“, only a word with which
/// sentences begin ends it.
fn ends_sentence(piece: &str, next: &str) -> bool {
    if piece.ends_with(|c: char| c.is_ascii_alphanumeric() || c == ',') {
        return false;
    }
    let closed = piece.trim_end_matches(['“', '”', '"', '\'', '’', '‘', '«', '»', ')', ']']);
    let first = next.chars().find(|c| c.is_alphanumeric());
    if !closed.ends_with(['.', '!', '?', '…']) || first.is_some_and(char::is_lowercase) {
        return false;
    }
    match closed.strip_suffix('.') {
        Some(word) if is_shortened(word) => begins_sentence(next),
        _ => true,
    }
}

/// Whether the dot after a word may be its own: abbreviations, ordinals, single letters as in „z. B.“. Years and amounts have none.
fn is_shortened(piece: &str) -> bool {
    let word = piece.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or(piece);
    let is_all = |belongs: fn(u8) -> bool| !word.is_empty() && word.bytes().all(belongs);
    if is_all(|byte| byte.is_ascii_digit()) {
        return word.len() <= 2 && !piece.contains([',', ':']);
    }
    let is_roman = is_all(|byte| b"IVXLC".contains(&byte));
    is_roman || word.chars().count() == 1 || ABBREVIATIONS.binary_search(&word).is_ok()
}

/// Whether a sentence begins with this piece, whatever the dot before it is.
fn begins_sentence(piece: &str) -> bool {
    let word = piece.trim_matches(|c: char| !c.is_alphanumeric());
    SENTENCE_OPENERS.binary_search(&word).is_ok()
}

/// Abbreviations of more than one letter, without their dot, in the order of their bytes.
const ABBREVIATIONS: [&str; 118] = [
    "Abb", "Abk", "Abs", "Abschn", "Abt", "Anl", "Anm", "Apr", "Art", "Artt", "Aufl", "Aug", "Ausg", "Bd", "Bek",
    "Betr", "Bsp", "Buchst", "Co", "Dez", "Dipl", "Dr", "Erl", "Feb", "Fn", "Fr", "GV", "Halbs", "Hr", "Hrsg", "Inc",
    "Ing", "Jan", "Jg", "Jh", "Kap", "Mio", "Mrd", "Nov", "Nr", "Nrn", "Okt", "Prof", "RdErl", "Rdnr", "Ref", "Rn",
    "Rz", "Sek", "Sept", "Sp", "St", "Std", "Str", "Tab", "Tel", "Tsd", "UAbs", "Unterabs", "Urt", "Verf", "Vfg",
    "Vors", "Ziff", "allg", "beisp", "betr", "bez", "bspw", "bzgl", "bzw", "ca", "dgl", "ebd", "einschl", "engl",
    "entspr", "etc", "ev", "evtl", "exkl", "ff", "gem", "gez", "ggf", "ggfs", "ggü", "grds", "inkl", "insb", "insbes",
    "jährl", "kath", "lfd", "lit", "lt", "max", "min", "mind", "monatl", "rd", "sog", "spez", "stellv", "stv", "ständ",
    "tel", "tlw", "urspr", "usf", "usw", "vgl", "vorl", "wiss", "zit", "zz", "zzgl", "zzt",
];

/// Words with a capital letter only where a sentence begins, in the order of their bytes.
#[rustfmt::skip] // One a line would fill pages.
const SENTENCE_OPENERS: [&str; 145] = [
    "Ab", "Aber", "Alle", "Allerdings", "Alles", "Als", "Also", "Am", "An", "Andere", "Anschließend", "Auch", "Auf",
    "Aus", "Außerdem", "Bei", "Beide", "Beim", "Bevor", "Bis", "Bitte", "Da", "Dabei", "Dadurch", "Dafür", "Dagegen",
    "Daher", "Damit", "Danach", "Dann", "Daraus", "Darin", "Darüber", "Das", "Dazu", "Dem", "Den", "Denn", "Dennoch",
    "Der", "Deren", "Deshalb", "Die", "Dies", "Diese", "Diesem", "Diesen", "Dieser", "Dieses", "Doch", "Dort",
    "Durch", "Ein", "Eine", "Einem", "Einen", "Einer", "Einige", "Er", "Erst", "Es", "Falls", "Für", "Gemäß", "Gibt",
    "Haben", "Hat", "Hier", "Hierbei", "Hierfür", "Hierzu", "Im", "In", "Ist", "Jede", "Jeder", "Jedes", "Jedoch",
    "Kann", "Kein", "Keine", "Können", "Laut", "Man", "Mehr", "Mit", "Muss", "Müssen", "Nach", "Nachdem", "Nicht",
    "Noch", "Nun", "Nur", "Ob", "Obwohl", "Oder", "Ohne", "Seit", "Sie", "Sind", "So", "Sobald", "Sofern", "Solange",
    "Soll", "Sollen", "Sollte", "Sollten", "Sowohl", "Statt", "Trotzdem", "Um", "Und", "Unser", "Unsere", "Unter",
    "Viele", "Vom", "Von", "Vor", "Wann", "War", "Was", "Wegen", "Weil", "Weitere", "Welche", "Wenn", "Wer", "Werden",
    "Wie", "Wir", "Wird", "Wo", "Wurde", "Wurden", "Während", "Zu", "Zudem", "Zum", "Zur", "Zusätzlich", "Zwischen",
    "Über",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_in_order() {
        assert!(ABBREVIATIONS.is_sorted());
        assert!(SENTENCE_OPENERS.is_sorted());
    }

    /// The sentences of a text, each with its number of words.
    fn sentences(text: &str) -> Vec<(&str, usize)> {
        long_sentences(text, 0)
            .into_iter()
            .map(|sentence| (&text[sentence.range], sentence.words))
            .collect()
    }

    #[test]
    fn dots_that_end_no_sentence_are_known() {
        for text in [
            "Die Frist endet am 1. November.",
            "Das gilt z. B. Schulen, d. h. Ersatzschulen, bzw. Träger usw. nach Art. 5 Abs. 2 Nr. 3.",
            "Dr. Muster zahlt 1.000,50 Euro.",
            "Es gibt drei Wege: Post, Fax, E-Mail",
            "„Wirklich?“ fragte sie.",
            "Das II. Quartal und die 3./4. Klasse.",
            "Schreiben Sie an post@schule.nrw oder www.schule.nrw.",
            "Im Verfahren nach § 5 (vgl. Anlage 2).",
        ] {
            assert_eq!(sentences(text).len(), 1, "{:?}", sentences(text));
        }
    }

    #[test]
    fn sentences_are_told_apart_and_counted() {
        for (text, expected) in [
            ("", &[][..]),
            (" – ", &[]),
            (
                "Erster Satz. Zweiter – auch! Dritter?",
                &[("Erster Satz.", 2), ("Zweiter – auch!", 2), ("Dritter?", 1)],
            ),
            (
                "(In Klammern.) „Zitat.“ Ende",
                &[("(In Klammern.)", 2), ("„Zitat.“", 1), ("Ende", 1)],
            ),
            (
                "Bis 31. Dezember 2026. Schulen melden.",
                &[("Bis 31. Dezember 2026.", 4), ("Schulen melden.", 2)],
            ),
            (
                "Stifte usw. Die Schule zahlt.",
                &[("Stifte usw.", 2), ("Die Schule zahlt.", 3)],
            ),
            ("Nach Abs. 2. Über alles.", &[("Nach Abs. 2.", 3), ("Über alles.", 2)]),
            (
                "Rathaus\nMarkt 1\n\nEs gilt. So\n",
                &[("Rathaus", 1), ("Markt 1", 2), ("Es gilt.", 2), ("So", 1)],
            ),
            (
                "Es sind 10,5. Mehr geht… Nein.",
                &[("Es sind 10,5.", 3), ("Mehr geht…", 2), ("Nein.", 1)],
            ),
        ] {
            assert_eq!(sentences(text), expected);
        }
    }

    #[test]
    fn only_sentences_above_the_limit_are_reported() {
        let text = " Eins zwei drei. Eins zwei drei vier. ";
        assert_eq!(
            long_sentences(text, 3),
            [LongSentence {
                range: 17..37,
                words: 4
            }]
        );
        assert_eq!(long_sentences(text, 4), []);
    }
}
