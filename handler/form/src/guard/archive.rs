//! The zip directory, walked by us: what it says about sizes is never believed.

use super::Unreadable;
use flate2::{Decompress, FlushDecompress, Status};
use std::collections::HashMap;

/// At most so many bytes of a part.
pub(super) const PART: usize = 32 << 20;
/// For parts that grow in memory or are short by nature: styles, relations, the workbook itself.
pub(super) const SMALL_PART: usize = 1 << 20;
const ALL_PARTS: usize = 48 << 20;
const MAX_ENTRIES: usize = 1024;

const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";
/// Without its comment.
const END_LENGTH: usize = 22;

const NO_SINGLE_END: Unreadable = Unreadable::Damaged("no single zip end record");

/// A zip whose directory has been checked: unique names, spans inside the file that do not overlap.
pub(super) struct Archive<'a> {
    bytes: &'a [u8],
    entries: HashMap<String, Entry>,
    inflated: usize,
}

struct Entry {
    deflated: bool,
    crc: u32,
    size: u64,
    /// Where the packed bytes lie.
    start: usize,
    end: usize,
}

impl<'a> Archive<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Archive<'a>, Unreadable> {
        let directory = Directory::find(bytes)?;
        let mut archive = Archive {
            bytes,
            entries: HashMap::new(),
            inflated: 0,
        };
        let mut spans = Vec::with_capacity(directory.count);
        let mut at = directory.start;
        for _ in 0..directory.count {
            let header = bytes
                .get(at..at + 46)
                .filter(|header| header.starts_with(b"PK\x01\x02"));
            let header = header.ok_or(Unreadable::Damaged("zip directory ends early"))?;
            let (name_length, extra, comment) = (u16_at(header, 28), u16_at(header, 30), u16_at(header, 32));
            let next = at + 46 + name_length + extra + comment;
            let name = bytes
                .get(at + 46..at + 46 + name_length)
                .ok_or(Unreadable::Damaged("zip name outside the file"))?;
            let extra = bytes
                .get(at + 46 + name_length..next - comment)
                .ok_or(Unreadable::Damaged("zip entry outside the file"))?;
            let (entry, local) = Entry::read(bytes, header, extra, name)?;
            spans.push((local, entry.end));
            if archive.entries.insert(plain_name(name)?, entry).is_some() {
                return Err(Unreadable::Damaged("one name twice in the zip"));
            }
            at = next;
        }
        if at != directory.end {
            return Err(Unreadable::Damaged("zip directory does not end where it should"));
        }
        spans.sort_unstable();
        let apart = spans.windows(2).all(|pair| pair[0].1 <= pair[1].0);
        let before_directory = spans.last().is_none_or(|(_, end)| *end <= directory.start);
        if !apart || !before_directory {
            return Err(Unreadable::Damaged("zip entries overlap"));
        }
        // Of a zip inside this one, packed or not, the end record lies in what an entry holds and nowhere else.
        let within = |at: &usize| {
            let mut entries = archive.entries.values();
            entries.any(|entry| entry.start <= *at && at + END_LENGTH <= entry.end)
        };
        match directory.inner_ends.iter().all(within) {
            true => Ok(archive),
            false => Err(NO_SINGLE_END),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// A part as text, inflated within `limit`; its checksum and size must match.
    pub(super) fn text(&mut self, name: &str, limit: usize) -> Result<String, Unreadable> {
        let entry = self
            .entries
            .get(name)
            .ok_or(Unreadable::Damaged("a needed part is missing"))?;
        let packed = &self.bytes[entry.start..entry.end];
        let limit = limit.min(ALL_PARTS - self.inflated);
        let bytes = if entry.deflated {
            inflate(packed, limit)?
        } else {
            packed.to_vec()
        };
        if bytes.len() > limit {
            return Err(Unreadable::TooMuch("inflated bytes"));
        }
        if crc32fast::hash(&bytes) != entry.crc || bytes.len() as u64 != entry.size {
            return Err(Unreadable::Damaged("checksum of a part"));
        }
        self.inflated += bytes.len();
        String::from_utf8(bytes).map_err(|_| Unreadable::Damaged("a part is not UTF-8"))
    }
}

impl Entry {
    /// Reads a directory header; gives the entry and where its local header begins.
    fn read(bytes: &[u8], header: &[u8], extra: &[u8], name: &[u8]) -> Result<(Entry, usize), Unreadable> {
        let (flags, method) = (u16_at(header, 8), u16_at(header, 10));
        if flags & 1 != 0 {
            return Err(Unreadable::Password);
        }
        if method != 0 && method != 8 {
            return Err(Unreadable::Damaged("unknown compression"));
        }
        let mut wide = wide_numbers(extra);
        let mut number = |short: u32| {
            if short == u32::MAX {
                wide.next()
            } else {
                Some(u64::from(short))
            }
        };
        let size = number(u32_at(header, 24)).ok_or(Unreadable::Damaged("zip64 size"))?;
        let packed = number(u32_at(header, 20)).ok_or(Unreadable::Damaged("zip64 size"))?;
        let local = number(u32_at(header, 42)).ok_or(Unreadable::Damaged("zip64 offset"))?;
        let outside = Unreadable::Damaged("zip entry outside the file");
        let local = usize::try_from(local).map_err(|_| outside)?;
        let end_of_header = local.checked_add(30).ok_or(outside)?;
        let local_header = bytes
            .get(local..end_of_header)
            .filter(|header| header.starts_with(b"PK\x03\x04"))
            .ok_or(outside)?;
        let start = end_of_header + u16_at(local_header, 26) + u16_at(local_header, 28);
        let end = usize::try_from(packed)
            .ok()
            .and_then(|packed| start.checked_add(packed))
            .filter(|end| *end <= bytes.len());
        let end = end.ok_or(outside)?;
        let local_name = bytes.get(end_of_header..end_of_header + u16_at(local_header, 26));
        if local_name != Some(name) {
            return Err(Unreadable::Damaged("two names for one zip entry"));
        }
        Ok((
            Entry {
                deflated: method == 8,
                crc: u32_at(header, 16),
                size,
                start,
                end,
            },
            local,
        ))
    }
}

/// Where the directory lies and how many entries it has.
struct Directory {
    start: usize,
    end: usize,
    count: usize,
    /// End records that lie before the directory.
    inner_ends: Vec<usize>,
}

impl Directory {
    /// The last end record counts, and only where no reader could take another for it: alone it ends with the file.
    fn find(bytes: &[u8]) -> Result<Directory, Unreadable> {
        // The comment has at most 65,535 bytes.
        let first = bytes.len().saturating_sub(END_LENGTH + 0xFFFF);
        let tail = &bytes[first..];
        let mut ends: Vec<usize> = tail
            .windows(4)
            .enumerate()
            .filter(|(_, window)| *window == END)
            .map(|(at, _)| first + at)
            .collect();
        let end = ends.pop().ok_or(NO_SINGLE_END)?;
        let record = bytes
            .get(end..end + END_LENGTH)
            .ok_or(Unreadable::Damaged("zip end record cut off"))?;
        let ends_with_file = |at: usize, record: &[u8]| at + END_LENGTH + u16_at(record, 20) == bytes.len();
        if !ends_with_file(end, record) {
            return Err(Unreadable::Damaged("bytes after the zip"));
        }
        let mut count = u16_at(record, 10) as u64;
        let mut start = u64::from(u32_at(record, 16));
        let mut directory_end = end;
        if start == u64::from(u32::MAX) || count == 0xFFFF {
            (directory_end, count, start) = Directory::find_64(bytes, end)?;
        }
        if count as usize > MAX_ENTRIES {
            return Err(Unreadable::TooMuch("zip entries"));
        }
        let start = usize::try_from(start).ok().filter(|start| *start <= directory_end);
        let start = start.ok_or(Unreadable::Damaged("zip directory outside the file"))?;
        let is_inner = |at: &usize| {
            let record = bytes.get(*at..at + END_LENGTH);
            at + END_LENGTH <= start && record.is_some_and(|record| !ends_with_file(*at, record))
        };
        if !ends.iter().all(is_inner) {
            return Err(NO_SINGLE_END);
        }
        Ok(Directory {
            start,
            end: directory_end,
            count: count as usize,
            inner_ends: ends,
        })
    }

    fn find_64(bytes: &[u8], end: usize) -> Result<(usize, u64, u64), Unreadable> {
        let broken = Unreadable::Damaged("zip64 end record");
        let locator = end
            .checked_sub(20)
            .and_then(|at| bytes.get(at..end))
            .filter(|locator| locator.starts_with(LOCATOR_64))
            .ok_or(broken)?;
        let at = usize::try_from(u64_at(locator, 8)).map_err(|_| broken)?;
        let record = at
            .checked_add(56)
            .and_then(|to| bytes.get(at..to))
            .filter(|record| record.starts_with(END_64))
            .ok_or(broken)?;
        Ok((at, u64_at(record, 32), u64_at(record, 48)))
    }
}

/// One spelling for each name: lower case, forward slashes, no leading slash.
fn plain_name(name: &[u8]) -> Result<String, Unreadable> {
    if name.len() > 512 || name.contains(&0) {
        return Err(Unreadable::Damaged("zip name"));
    }
    Ok(String::from_utf8_lossy(name)
        .replace('\\', "/")
        .trim_start_matches('/')
        .to_lowercase())
}

fn inflate(packed: &[u8], limit: usize) -> Result<Vec<u8>, Unreadable> {
    let mut decompress = Decompress::new(false);
    let mut bytes = Vec::new();
    let mut chunk = vec![0; 64 << 10];
    loop {
        let consumed = decompress.total_in() as usize;
        let before = decompress.total_out();
        let status = decompress.decompress(&packed[consumed..], &mut chunk, FlushDecompress::None);
        let status = status.map_err(|_| Unreadable::Damaged("compressed bytes"))?;
        let produced = (decompress.total_out() - before) as usize;
        bytes.extend_from_slice(&chunk[..produced]);
        if bytes.len() > limit {
            return Err(Unreadable::TooMuch("inflated bytes"));
        }
        match status {
            Status::StreamEnd => return Ok(bytes),
            _ if produced == 0 => return Err(Unreadable::Damaged("compressed bytes end early")),
            _ => {}
        }
    }
}

/// The 64-bit numbers of the zip64 extra field, in their order.
fn wide_numbers(mut extra: &[u8]) -> impl Iterator<Item = u64> + use<> {
    let mut numbers = Vec::new();
    while let Some(head) = extra.get(..4) {
        let length = u16_at(head, 2);
        let Some(data) = extra.get(4..4 + length) else { break };
        if u16_at(head, 0) == 1 {
            numbers.extend(data.chunks_exact(8).map(|bytes| u64_at(bytes, 0)));
        }
        extra = &extra[4 + length..];
    }
    numbers.into_iter()
}

fn u16_at(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
