//! Link texts that say nothing.

use memchr::memchr2;

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

/// Whether the first word is one with which texts that say nothing begin; nearly every link ends the question here.
fn may_say_nothing(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    if let [first, second, ..] = text.as_bytes()
        && !KNOWN_BEGINS.may_begin(*first, *second)
    {
        return false;
    }
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

/// Pairs of letters with which texts begin; all that is not a to z may begin one.
struct Begins([u32; 26]);

static KNOWN_BEGINS: Begins = Begins([0; 26]).with(&EMPTY_TEXTS).with(&FILE_HINTS);

impl Begins {
    const fn with(mut self, texts: &[&str]) -> Begins {
        let mut at = 0;
        while at < texts.len() {
            if let [first @ b'a'..=b'z', second @ b'a'..=b'z', ..] = texts[at].as_bytes() {
                self.0[(*first - b'a') as usize] |= 1 << (*second - b'a');
            }
            at += 1;
        }
        self
    }

    fn may_begin(&self, first: u8, second: u8) -> bool {
        match [first, second].map(|letter| letter.to_ascii_lowercase()) {
            [first @ b'a'..=b'z', second @ b'a'..=b'z'] => {
                self.0[usize::from(first - b'a')] & 1 << (second - b'a') != 0
            }
            _ => true,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_in_order_and_no_text_begins_with_a_longer_word() {
        assert!(EMPTY_TEXTS.is_sorted());
        assert!(FILE_HINTS.is_sorted());
        let begins = EMPTY_TEXTS.iter().chain(&FILE_HINTS);
        let mut begins = begins.filter_map(|text| text.split(' ').next());
        assert!(begins.all(|word| word.len() <= LONGEST_BEGIN));
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
}
