//! Text files compressed once, when they are built: web servers that hand out `.gz` and `.br` need not do it for every visitor.

use std::io::Write;

use brotli::enc::BrotliEncoderParams;
use brotli::enc::backward_references::BrotliEncoderMode;
use flate2::Compression;
use flate2::write::GzEncoder;

/// The endings of files that are text. Images, workbooks and fonts are compressed already.
const TEXT_ENDINGS: [&str; 9] = ["html", "css", "js", "svg", "xml", "json", "txt", "csv", "webmanifest"];

/// What is shorter goes in one network packet with its headers anyway.
const WORTH_IT: usize = 200;

/// Measured on the pages of both sites (9 KB on average): 0.1 ms and 30 % of the size; higher levels take longer and save nothing.
const GZIP_LEVEL: u32 = 6;

/// Measured likewise: 0.3 ms and 29 % of the size. Level 9 takes twenty times as long for the same, level 11 fifty times for 26 %.
const BROTLI_LEVEL: i32 = 5;

/// A file in the two encodings that browsers ask for.
#[derive(Debug, PartialEq, Eq)]
pub struct Compressed {
    pub gz: Vec<u8>,
    pub br: Vec<u8>,
}

/// Compresses a text file, where it pays. The same bytes give the same bytes, on every machine and at any time.
pub fn compress(path: &str, bytes: &[u8]) -> Option<Compressed> {
    if !is_text(path) || bytes.len() <= WORTH_IT {
        return None;
    }
    let compressed = Compressed {
        gz: gzip(bytes)?,
        br: brotli(bytes)?,
    };
    let larger = compressed.gz.len().max(compressed.br.len());
    (larger < bytes.len()).then_some(compressed)
}

/// Whether a file is text that gets smaller.
pub fn is_text(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.')
        .is_some_and(|(_, ending)| TEXT_ENDINGS.contains(&ending))
}

/// `GzEncoder` writes neither time nor name into its header.
fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::new(GZIP_LEVEL));
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

fn brotli(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let params = BrotliEncoderParams {
        quality: BROTLI_LEVEL,
        mode: BrotliEncoderMode::BROTLI_MODE_TEXT,
        // A window of 2^16 and less makes the encoder search differently, and 25 times as long.
        lgwin: bytes.len().ilog2().clamp(17, 21).cast_signed() + 1,
        size_hint: bytes.len(),
        ..BrotliEncoderParams::default()
    };
    let mut compressed = Vec::with_capacity(bytes.len() / 2);
    brotli::BrotliCompress(&mut bytes, &mut compressed, &params).ok()?;
    Some(compressed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn page() -> String {
        "<p>Schulträger melden einmal im Jahr, wie sie das Chancenbudget verwendet haben.</p>\n".repeat(40)
    }

    #[test]
    fn what_browsers_unpack_is_the_file() {
        for length in [201, 3_000] {
            let text = &page().into_bytes()[..length];
            let compressed = compress("www/seite/index.html", text).expect("it pays");
            let (mut from_gz, mut from_br) = (Vec::new(), Vec::new());
            flate2::read::GzDecoder::new(&compressed.gz[..])
                .read_to_end(&mut from_gz)
                .expect("gzip");
            brotli::BrotliDecompress(&mut &compressed.br[..], &mut from_br).expect("brotli");
            assert!(from_gz == text && from_br == text);
        }
    }

    #[test]
    fn only_text_that_gets_smaller_is_compressed() {
        let text = page().into_bytes();
        for path in [
            "a/index.html",
            "assets/klar.0123456789.css",
            "liste.csv",
            "suche/index.json",
        ] {
            assert!(compress(path, &text).is_some(), "{path}");
        }
        for path in [
            "bild.png",
            "formular.xlsx",
            "html",
            "ordner.html/datei",
            "schrift.woff2",
        ] {
            assert!(compress(path, &text).is_none(), "{path}");
        }
        assert!(compress("kurz.txt", &text[..200]).is_none());
        let mut state = 1_u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(2_000)
        .collect();
        assert!(compress("rauschen.txt", &noise).is_none());
    }

    #[test]
    fn no_time_stands_in_the_header() {
        let compressed = compress("a.txt", page().as_bytes()).expect("it pays");
        assert_eq!(compressed.gz[..9], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0]);
        assert_eq!(Some(compressed), compress("a.txt", page().as_bytes()));
    }
}
