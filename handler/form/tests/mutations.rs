//! Whatever became of a workbook or a definition on its way, there is an answer: no panic, no hang.
//!
//! Not random: the same mutations every time. `.ci/fuzz` looks further.

mod common;

use common::{DEFINITION, filled, form, vordruck};
use form::{Form, examine, write};
use std::io::{Cursor, Read, Write};
use std::time::{Duration, Instant};
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, ZipArchive};

const FLIPPED: usize = 900;
const CUT: usize = 200;
const HEADERS: usize = 500;
const MANGLED: usize = 450;
const DEFINITIONS: usize = 1_000;

/// Far more than any answer takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Numbers that look random and are the same every time (SplitMix64).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % bound.max(1) as u64) as usize
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

type Parts = Vec<(String, Vec<u8>)>;

fn unzipped(workbook: &[u8]) -> Parts {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).expect("a zip");
    let count = archive.len();
    let part = |n| {
        let mut file = archive.by_index(n).expect("an entry");
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("its bytes");
        (file.name().expect("a name").into_owned(), bytes)
    };
    (0..count).map(part).collect()
}

/// Stored, not deflated: quick to pack, and each byte stands where it can be changed.
fn zipped(parts: &Parts) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, data) in parts {
        // Two parts of one name are the guard's to refuse, but this writer refuses them first.
        if zip.start_file(name.as_str(), stored).is_ok() {
            zip.write_all(data).expect("its bytes");
        }
    }
    zip.finish().expect("a zip").into_inner()
}

/// Examines uploads; of what can be read, a Korrekturfassung must come about.
struct Examiner {
    form: Form,
    vordruck: form::Vordruck,
    readable: usize,
}

impl Examiner {
    fn new() -> Examiner {
        Examiner {
            form: form(),
            vordruck: vordruck(),
            readable: 0,
        }
    }

    fn examine(&mut self, upload: &[u8]) {
        let start = Instant::now();
        if let Ok(examination) = examine(&self.form, &self.vordruck, upload) {
            self.readable += 1;
            if !examination.findings.is_empty() && self.readable.is_multiple_of(8) {
                write(&self.form, &self.vordruck, &examination.eintraege).expect("a Korrekturfassung");
            }
        }
        assert!(start.elapsed() < PATIENCE, "an answer after {:?}", start.elapsed());
    }
}

#[test]
fn flipped_bytes_and_cut_files_are_answered() {
    let (mut seeded, mut examiner, workbook) = (Seeded(1), Examiner::new(), filled());
    for _ in 0..FLIPPED {
        let mut flipped = workbook.clone();
        for _ in 0..=seeded.below(4) {
            let at = seeded.below(flipped.len());
            flipped[at] ^= 1 << seeded.below(8);
        }
        examiner.examine(&flipped);
    }
    for _ in 0..CUT {
        let (from, to) = (seeded.below(workbook.len()), seeded.below(workbook.len()));
        examiner.examine(&workbook[..to]);
        let mut without = workbook.clone();
        without.drain(from.min(to)..from.max(to));
        examiner.examine(&without);
    }
}

/// Where headers of local entries, of the directory and of its end begin.
fn headers(workbook: &[u8]) -> Vec<usize> {
    let header = |four: &[u8]| matches!(four, b"PK\x01\x02" | b"PK\x03\x04" | b"PK\x05\x06");
    (0..workbook.len() - 4)
        .filter(|at| header(&workbook[*at..at + 4]))
        .collect()
}

#[test]
fn lying_zip_headers_are_answered() {
    const LIES: [&[u8]; 6] = [
        &[0],
        &[0, 0, 0, 0],
        &[0xFF; 4],
        &[0xFE, 0xFF, 0xFF, 0x7F],
        &[0xFF, 0xFF],
        b"PK\x06\x06",
    ];
    let (mut seeded, mut examiner) = (Seeded(2), Examiner::new());
    for workbook in [filled(), zipped(&unzipped(&filled()))] {
        let headers = headers(&workbook);
        for _ in 0..HEADERS / 2 {
            let mut lying = workbook.clone();
            for _ in 0..=seeded.below(3) {
                let lie = seeded.of(&LIES);
                let at = headers[seeded.below(headers.len())] + seeded.below(48);
                for (byte, lie) in lying.iter_mut().skip(at).zip(lie) {
                    *byte = *lie;
                }
            }
            examiner.examine(&lying);
        }
    }
}

#[test]
fn mangled_parts_are_answered() {
    let (mut seeded, mut examiner) = (Seeded(3), Examiner::new());
    let parts = unzipped(&filled());
    for _ in 0..MANGLED {
        let mut mangled = parts.clone();
        for _ in 0..=seeded.below(3) {
            mangle(&mut mangled, &mut seeded);
        }
        examiner.examine(&zipped(&mangled));
    }
    assert!(
        examiner.readable > MANGLED / 20,
        "only {} were readable",
        examiner.readable
    );
}

fn mangle(parts: &mut Parts, seeded: &mut Seeded) {
    const SCRAPS: [&str; 14] = [
        "<",
        ">",
        "\"",
        "</row>",
        "<c r=\"A1\">",
        "<row r=\"4294967302\">",
        "<c r=\"XFD1048576\"><v>1</v></c>",
        "<c r=\"ZZZZZZZZ99999999999\"/>",
        "<v>1e308</v>",
        "&#x0;",
        " t=\"s\"",
        " uniqueCount=\"4000000000\"",
        "<!DOCTYPE x [<!ENTITY y \"y\">]>",
        "\u{feff}",
    ];
    let count = parts.len();
    let which = seeded.below(count);
    match seeded.below(7) {
        0 => {
            let other = seeded.below(count);
            let (name, data) = (parts[which].0.clone(), parts[other].1.clone());
            parts[other].1 = std::mem::replace(&mut parts[which], (name, data)).1;
        }
        1 => drop(parts.remove(which)),
        2 => numbers_made_huge(&mut parts[which].1, seeded),
        3 => {
            let data = &mut parts[which].1;
            data.truncate(seeded.below(data.len()));
        }
        4 => doubled_element(&mut parts[which].1, seeded),
        5 => {
            let data = &mut parts[which].1;
            let at = seeded.below(data.len());
            data.splice(at..at, seeded.of(&SCRAPS).bytes());
        }
        _ => {
            let data = &mut parts[which].1;
            let at = seeded.below(data.len());
            let to = (at + 1 + seeded.below(200)).min(data.len());
            data.drain(at.min(to)..to);
        }
    }
}

/// One or all numbers of a part become larger than anything holds.
fn numbers_made_huge(data: &mut Vec<u8>, seeded: &mut Seeded) {
    const HUGE: [&str; 8] = [
        "4294967296",
        "18446744073709551616",
        "-1",
        "1e999",
        "999999999999999",
        "NaN",
        "2147483647",
        "0",
    ];
    let huge = seeded.of(&HUGE);
    let digits: Vec<usize> = (1..data.len())
        .filter(|at| data[*at].is_ascii_digit() && !data[at - 1].is_ascii_alphanumeric())
        .collect();
    if digits.is_empty() {
        return;
    }
    let at = digits[seeded.below(digits.len())];
    let length = data[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    data.splice(at..at + length, huge.bytes());
}

/// From one tag to another, and once more.
fn doubled_element(data: &mut Vec<u8>, seeded: &mut Seeded) {
    let tags: Vec<usize> = (0..data.len()).filter(|at| data[*at] == b'<').collect();
    if tags.len() < 2 {
        return;
    }
    let first = seeded.below(tags.len() - 1);
    let last = (first + 1 + seeded.below(12)).min(tags.len() - 1);
    let piece = data[tags[first]..tags[last]].to_vec();
    let copies = [1, 1, 2, 50][seeded.below(4)];
    let pieces = piece.repeat(copies);
    let at = tags[last];
    data.splice(at..at, pieces);
}

#[test]
fn mutated_definitions_are_answered() {
    const SCRAPS: [&str; 16] = [
        "\"",
        "'",
        "[",
        "]",
        "{",
        "=",
        "\n",
        "[[sheet]]\n",
        "[[rule]]\n",
        "(((((((((((((((((((((((((((((((((",
        "summe(",
        " und ",
        "- ",
        "99999999999999999999",
        "-9223372036854775808",
        "\u{308}",
    ];
    let small = include_str!("common/alle_arten.toml");
    let (mut seeded, mut accepted) = (Seeded(4), 0);
    for n in 0..DEFINITIONS {
        let source = if n % 4 == 0 { DEFINITION } else { small };
        let mut lines: Vec<String> = source.lines().map(str::to_owned).collect();
        for _ in 0..=seeded.below(3) {
            let (which, other) = (seeded.below(lines.len()), seeded.below(lines.len()));
            match seeded.below(6) {
                0 => lines.swap(which, other),
                1 => drop(lines.remove(which)),
                2 => lines.insert(other, lines[which].clone()),
                3 => {
                    let text = std::mem::take(&mut lines[which]);
                    lines[which] = text.replace(|c: char| c.is_ascii_digit(), "9999999999");
                }
                4 => {
                    // The value of one line behind the key of another.
                    let value = lines[other].split_once('=').map(|(_, value)| value.to_owned());
                    if let (Some(value), Some((key, _))) = (value, lines[which].split_once('=')) {
                        lines[which] = format!("{key}={value}");
                    }
                }
                _ => {
                    let line = &mut lines[which];
                    let at = (0..=line.len())
                        .filter(|at| line.is_char_boundary(*at))
                        .collect::<Vec<_>>();
                    let at = at[seeded.below(at.len())];
                    line.insert_str(at, seeded.of(&SCRAPS));
                }
            }
        }
        if let Ok(form) = Form::parse(&lines.join("\n")) {
            accepted += 1;
            form::ausfuellhilfe(&form);
            // What the reader accepts, the writer writes and the examination knows.
            if accepted % 8 == 0
                && let Ok(workbook) = write(&form, &vordruck(), &form::Eintraege::default())
            {
                examine(&form, &vordruck(), &workbook).expect("our own workbook");
            }
        }
    }
    assert!(accepted > DEFINITIONS / 20, "only {accepted} were accepted");
}
