//! One short number for many bytes, to notice that something has changed. No protection against anybody: that is what SHA-256 is for.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use xxhash_rust::xxh3::{Xxh3, xxh3_64, xxh3_64_with_seed};

/// The digest of some bytes: the same on every machine.
pub fn digest(bytes: &[u8]) -> u64 {
    xxh3_64(bytes)
}

/// The digest of two things, of which the first is known by its own.
pub fn digest_after(first: u64, bytes: &[u8]) -> u64 {
    xxh3_64_with_seed(bytes, first)
}

/// The digest of a file of any size, and its length in bytes.
pub fn digest_of_file(path: &Path) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut digest = Xxh3::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(digest.digest()),
            length => digest.update(&buffer[..length]),
        }
    }
}

/// A digest made of parts; where one part ends and the next begins counts too.
#[derive(Default)]
pub struct Digest(Xxh3);

impl Digest {
    pub fn new() -> Digest {
        Digest::default()
    }

    pub fn text(mut self, part: &str) -> Digest {
        self.add_text(part);
        self
    }

    pub fn number(mut self, part: u64) -> Digest {
        self.add_number(part);
        self
    }

    pub fn add_text(&mut self, part: &str) {
        self.add_number(part.len() as u64);
        self.0.update(part.as_bytes());
    }

    pub fn add_number(&mut self, part: u64) {
        self.0.update(&part.to_le_bytes());
    }

    pub fn finish(&self) -> u64 {
        self.0.digest()
    }
}
