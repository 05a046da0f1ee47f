//! Judges German words: link texts that say nothing, sentences that go on too long, spellings that are not the agreed ones.

use std::ops::Range;

use memchr::{memchr2, memmem};

use crate::html::offset_in;

/// A sentence with more words than a reader can hold, and where it stands in its text.
#[derive(Debug, PartialEq, Eq)]
pub struct LongSentence {
    pub range: Range<usize>,
    pub words: usize,
}

/// How a word is written here, and how it must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spelling {
    pub right: String,
    pub wrong: Vec<String>,
}

/// Whether a link text leaves open where the link leads, read without the sentence around it. A bare address is such a text, since
/// a screen reader spells it out; a mere domain, a mail address and a telephone number are names of what they lead to.
pub fn says_nothing(link_text: &str) -> bool {
    if is_bare_address(link_text) {
        return true;
    }
    if !may_say_nothing(link_text) {
        return false;
    }
    let words = plain_words(link_text);
    let said = without_file_hints(&words);
    said.is_empty() || EMPTY_TEXTS.binary_search(&said).is_ok()
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

/// Where a text has a wrong spelling as a whole word, in the order of the text, with the wrong one that stands there.
///
/// A letter, digit or hyphen beside it makes it part of another word: who wants to find „Email-Adresse“ too lists it too. Nothing is
/// found within the right spelling, and nothing in addresses and file names, which cannot be spelt otherwise.
pub fn spellings<'w>(text: &str, words: &'w [Spelling]) -> Vec<(usize, &'w Spelling, &'w str)> {
    let mut found = Vec::new();
    for spelling in words {
        for wrong in spelling.wrong.iter().filter(|wrong| !wrong.is_empty()) {
            let places = memmem::find_iter(text.as_bytes(), wrong);
            let places = places.filter(|at| {
                let range = *at..*at + wrong.len();
                is_whole_word(text, &range)
                    && !is_right(text, *at, wrong, &spelling.right)
                    && !is_in_address(text, &range)
            });
            found.extend(places.map(|at| (at, spelling, wrong.as_str())));
        }
    }
    found.sort_by_key(|(at, ..)| *at);
    found
}

/// Whether the first word is one with which texts that say nothing begin; nearly every link ends the question here.
fn may_say_nothing(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '\u{ad}');
    let word = &text[..end.unwrap_or(text.len())];
    if word.len() > LONGEST_BEGIN && !word.contains('\u{ad}') {
        return false;
    }
    let word = plain_words(word);
    let begins = |texts: &[&str]| {
        let at = texts.partition_point(|known| *known < word.as_str());
        texts.get(at).is_some_and(|known| known.starts_with(&word))
    };
    begins(&EMPTY_TEXTS) || begins(&FILE_HINTS)
}

/// The words of a text in small letters with one space between them, without punctuation, arrows and places where a word may be broken.
fn plain_words(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars().filter(|c| !matches!(c, '\u{ad}' | '\u{200b}')) {
        if character.is_ascii_alphanumeric() {
            plain.push(character.to_ascii_lowercase());
        } else if character.is_alphanumeric() {
            plain.extend(character.to_lowercase());
        } else if !plain.is_empty() && !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

/// Leaves out „(PDF, 2,5 MB)“ at the end.
fn without_file_hints(words: &str) -> &str {
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let mut rest = words;
    while let Some((before, hint)) = split_last(rest).filter(|(_, word)| FILE_HINTS.binary_search(word).is_ok()) {
        rest = before;
        while let Some((before, _)) = split_last(rest).filter(|(_, word)| is_size(hint) && is_number(word)) {
            rest = before;
        }
    }
    rest
}

fn is_size(hint: &str) -> bool {
    matches!(hint, "kb" | "mb" | "gb")
}

/// The last word, and what stands before it.
fn split_last(words: &str) -> Option<(&str, &str)> {
    (!words.is_empty()).then(|| words.rsplit_once(' ').unwrap_or(("", words)))
}

/// `https://…`, `www.…`, or a domain with a path.
fn is_bare_address(text: &str) -> bool {
    if memchr2(b'.', b'/', text.as_bytes()).is_none() {
        return false;
    }
    let text = text.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
    if text.contains(char::is_whitespace) {
        return false;
    }
    let begins = |start: &str| {
        text.get(..start.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(start))
    };
    if begins("http://") || begins("https://") || begins("www.") {
        return true;
    }
    text.split_once('/')
        .is_some_and(|(host, path)| !path.is_empty() && is_domain(host))
}

/// At least two names between dots, the last one of letters: neither „und“ nor „Nr.5“.
fn is_domain(host: &str) -> bool {
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    host.rsplit_once('.').is_some_and(|(names, last)| {
        names.split('.').all(is_label) && last.len() > 1 && last.bytes().all(|byte| byte.is_ascii_alphabetic())
    })
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

/// Neither letter, digit nor hyphen beside it.
fn is_whole_word(text: &str, range: &Range<usize>) -> bool {
    let continues = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\u{ad}');
    !text[..range.start].ends_with(continues) && !text[range.end..].starts_with(continues)
}

/// Whether what was found at a place is a piece of the right spelling.
fn is_right(text: &str, at: usize, wrong: &str, right: &str) -> bool {
    memmem::find_iter(right.as_bytes(), wrong).any(|within| {
        at.checked_sub(within)
            .is_some_and(|start| text.as_bytes()[start..].starts_with(right.as_bytes()))
    })
}

/// Whether a place is in something like `post@schule.nrw`, `https://…` or `formular.xlsx`.
fn is_in_address(text: &str, range: &Range<usize>) -> bool {
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let before = before.rsplit(char::is_whitespace).next().unwrap_or(before);
    let after = after.split(char::is_whitespace).next().unwrap_or(after);
    let has_sign = |part: &str| part.contains('@') || part.contains("://");
    // A dot with a letter on either side, and not the dot of the wrong spelling itself.
    let has_dot = |part: &str| {
        part.split('.')
            .skip(1)
            .any(|next| next.starts_with(char::is_alphanumeric))
    };
    has_sign(before)
        || has_sign(after)
        || before.len() > 1 && before.ends_with('.')
        || has_dot(before)
        || has_dot(after)
}

/// No text that says nothing begins with a longer word, in bytes.
const LONGEST_BEGIN: usize = 16;

/// Texts that say nothing, as `plain_words` gives them, in the order of their bytes.
#[rustfmt::skip] // One a line would fill pages.
const EMPTY_TEXTS: [&str; 142] = [
    "anklicken", "ansehen", "anzeigen", "bitte hier klicken", "bitte klicken", "bitte klicken sie hier", "button",
    "click here", "da", "datei", "datei herunterladen", "datei öffnen", "dazu mehr", "detail", "details",
    "details ansehen", "details anzeigen", "diese datei", "diese seite", "diesem link", "diesen link", "dieser link",
    "dieser seite", "dokument", "dokument öffnen", "dort", "download", "downloaden", "downloads", "externer link",
    "folgen sie dem link", "folgender link", "gehe zu", "here", "herunterladen", "hier", "hier anklicken",
    "hier ansehen", "hier downloaden", "hier drücken", "hier entlang", "hier erfahren sie mehr",
    "hier finden sie mehr", "hier finden sie mehr informationen", "hier finden sie weitere informationen",
    "hier geht es weiter", "hier geht s weiter", "hier gehts weiter", "hier gibt es mehr", "hier herunterladen",
    "hier klicken", "hier lesen", "hier lesen sie mehr", "hier mehr", "hier mehr erfahren", "hier nachlesen",
    "hier weiter", "hier weiterlesen", "hier öffnen", "hierzu mehr", "homepage", "info", "informationen", "infos",
    "internetseite", "jetzt ansehen", "jetzt herunterladen", "jetzt klicken", "jetzt lesen", "klick", "klick hier",
    "klick mich", "klicke hier", "klicken", "klicken sie", "klicken sie bitte hier", "klicken sie hier", "learn more",
    "lesen", "lesen sie hier", "lesen sie hier mehr", "lesen sie mehr", "lesen sie weiter", "link", "link folgen",
    "link öffnen", "links", "los", "mehr", "mehr anzeigen", "mehr dazu", "mehr details", "mehr erfahren",
    "mehr erfahren sie hier", "mehr finden sie hier", "mehr hier", "mehr info", "mehr informationen", "mehr infos",
    "mehr lesen", "more", "nachlesen", "nähere informationen", "nähere infos", "näheres", "näheres hier", "read more",
    "seite", "seite öffnen", "siehe", "siehe da", "siehe dort", "siehe hier", "siehe link", "siehe seite",
    "unter diesem link", "url", "webseite", "website", "weiter", "weitere details", "weitere informationen",
    "weitere informationen finden sie hier", "weitere infos", "weitere infos hier", "weiteres", "weiterlesen",
    "weitersehen", "zu den details", "zum artikel", "zum beitrag", "zum dokument", "zum download", "zum link",
    "zum weiterlesen", "zur datei", "zur homepage", "zur internetseite", "zur seite", "zur webseite", "zur website",
    "öffnen",
];

/// Kinds and measures of files, which say in what form something comes and not what it is.
const FILE_HINTS: [&str; 15] = [
    "csv", "doc", "docx", "gb", "jpg", "kb", "mb", "odt", "pdf", "png", "ppt", "pptx", "xls", "xlsx", "zip",
];

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
        assert!(EMPTY_TEXTS.is_sorted());
        let begins = EMPTY_TEXTS.iter().chain(&FILE_HINTS);
        let mut begins = begins.filter_map(|text| text.split(' ').next());
        assert!(begins.all(|word| word.len() <= LONGEST_BEGIN));
        assert!(FILE_HINTS.is_sorted());
        assert!(ABBREVIATIONS.is_sorted());
        assert!(SENTENCE_OPENERS.is_sorted());
    }

    #[test]
    fn a_link_text_that_says_nothing_is_known() {
        for text in [
            "",
            " \n",
            "…",
            "»",
            "hier",
            "Hier klicken",
            "» HIER «",
            "(hier)",
            "→ mehr …",
            "Mehr\u{a0}erfahren >",
            "weiter",
            "Weiter\u{ad}lesen",
            "klicken Sie hier!",
            "Diese Seite",
            "siehe hier",
            "Details",
            "Link",
            "PDF",
            "Download (PDF, 2,5 MB)",
            "Öffnen",
            "https://www.schulministerium.nrw",
            "HTTP://A.DE",
            "<https://a.de/b>",
            "www.land.nrw",
            "recht.nrw.de/lmi/owa/br_text.",
        ] {
            assert!(says_nothing(text), "{text}");
        }
    }

    #[test]
    fn a_link_text_that_names_its_target_may_stay() {
        for text in [
            "Satzung",
            "Satzung (PDF, 2 MB)",
            "Mehr zum Chancenbudget",
            "Weiter zur Anmeldung",
            "Hier anmelden",
            "Seite 2",
            "3",
            "§ 5",
            "recht.nrw.de",
            "schulministerium.nrw/",
            "poststelle@msb.nrw.de",
            "+49 211 5867-40",
            "und/oder",
            "Erlass Nr.5/2026",
            "Nr.5/2026",
            "Das Portal https://a.de/b",
            "日",
        ] {
            assert!(!says_nothing(text), "{text}");
        }
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

    #[test]
    fn wrong_spellings_are_found_as_whole_words() {
        let spelling = |right: &str, wrong: &[&str]| Spelling {
            right: right.into(),
            wrong: wrong.iter().map(|wrong| (*wrong).into()).collect(),
        };
        let words = [
            spelling("mbeim", &["mbei", ""]),
            spelling(
                "Startchancen-Programm",
                &["Startchancenprogramm", "Startchancen Programm", "Startchancen"],
            ),
            spelling("E-Mail", &["Email", "eMail"]),
            spelling("z. B.", &["z.B."]),
            spelling("NRW", &["nrw"]),
            spelling("Land NRW", &["NRW"]),
        ];
        let table: [(&str, &[(usize, &str)]); 17] = [
            ("", &[]),
            ("mbeim", &[]),
            ("mbei mbeimm", &[(0, "mbei")]),
            ("Ämbei mbeiß", &[]),
            ("„Email“, eMail.", &[(3, "Email"), (13, "eMail")]),
            ("email EMAIL", &[]),
            ("Email-Adresse, Firmen-Email", &[]),
            ("das Startchancen-Programm", &[]),
            (
                "Startchancen Programm",
                &[(0, "Startchancen Programm"), (0, "Startchancen")],
            ),
            ("das Startchancenprogramm.", &[(4, "Startchancenprogramm")]),
            ("Land NRW und NRW", &[(13, "NRW")]),
            ("z.B. so (z.B.)", &[(0, "z.B."), (9, "z.B.")]),
            ("europa.nrw post@nrw nrw.de/a https://a/nrw x.nrw/y", &[]),
            ("(nrw). nrw: nrw…", &[(1, "nrw"), (7, "nrw"), (12, "nrw")]),
            ("Land/nrw", &[(5, "nrw")]),
            ("Email.", &[(0, "Email")]),
            ("Em\u{ad}ail Email\u{ad}s", &[]),
        ];
        for (text, expected) in table {
            let found: Vec<(usize, &str)> = spellings(text, &words)
                .into_iter()
                .map(|(at, _, wrong)| (at, wrong))
                .collect();
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(spellings("Email", &words)[0].1.right, "E-Mail");
    }
}
