//! Zips that lie about what they hold.

use super::*;

#[test]
fn a_small_workbook_passes_stored_or_deflated() {
    let a = [("A1".to_owned(), Cell::Number(1.0))];
    assert_eq!(cells(ROW), a);
    let deflated: Vec<Part> = parts(ROW)
        .iter()
        .map(|part| Part::deflated(&part.name, &part.packed))
        .collect();
    assert_eq!(sheet(&deflated).expect("readable").cells.below(0).count(), 1);
}

#[test]
fn names_that_differ_only_in_spelling_are_one_name_twice() {
    for name in [
        SHEET,
        "XL/worksheets/Sheet1.xml",
        "xl\\worksheets\\sheet1.xml",
        "/xl/worksheets/sheet1.xml",
    ] {
        let mut twice = parts(ROW);
        twice.push(Part::stored(name, "<worksheet/>"));
        refused(&twice, "one name twice in the zip");
    }
}

#[test]
fn overlapping_entries_are_refused() {
    let mut lying = parts(ROW);
    lying[2].packed_size += 40;
    lying[2].size += 40;
    refused(&lying, "zip entries overlap");
}

#[test]
fn a_part_that_reaches_into_the_directory_is_refused() {
    let mut lying = parts(ROW);
    lying.last_mut().expect("parts").packed_size += 10;
    refused(&lying, "zip entries overlap");
}

#[test]
fn what_is_not_one_zip_to_its_last_byte_is_refused() {
    let zip = pack(&parts(ROW));
    for (bytes, reason) in [
        ([zip.as_slice(), b"x"].concat(), "bytes after the zip"),
        ([zip.as_slice(), &zip].concat(), "no single zip end record"),
        (zip[..zip.len() - 1].to_vec(), "zip end record cut off"),
        (zip[..zip.len() - 30].to_vec(), "no single zip end record"),
        (zip[..100].to_vec(), "no single zip end record"),
    ] {
        assert_eq!(guard(&bytes).expect_err(reason), Unreadable::Damaged(reason));
    }
}

#[test]
fn a_comment_that_holds_a_second_end_record_is_refused() {
    let mut zip = pack(&parts(ROW));
    let end: Vec<u8> = zip[zip.len() - 22..].to_vec();
    let at = zip.len() - 2;
    zip[at..].copy_from_slice(&22u16.to_le_bytes());
    zip.extend(end);
    assert_eq!(
        guard(&zip).expect_err("two ends"),
        Unreadable::Damaged("no single zip end record")
    );
}

#[test]
fn a_zip_inside_the_zip_is_what_an_entry_holds() {
    let mut holding = parts(ROW);
    holding.push(Part::stored("xl/embeddings/book.xlsx", pack(&parts(ROW))));
    assert_eq!(sheet(&holding).map(|sheet| sheet.name), Ok("Blatt".to_owned()));
    let only = pack(&[Part::stored("Bericht.xlsx", pack(&parts(ROW)))]);
    assert_eq!(guard(&only).expect_err("no workbook"), Unreadable::ZippedWorkbook);
}

#[test]
fn a_second_end_record_is_refused_wherever_a_reader_could_take_it_for_the_first() {
    let two_ends = Unreadable::Damaged("no single zip end record");
    let inner = pack(&parts(ROW));
    // Inside an entry, and with a comment that goes on to the end of the file.
    let mut holding = parts(ROW);
    holding.push(Part::stored("book.xlsx", inner.as_slice()));
    let mut zip = pack(&holding);
    let at = zip.windows(4).position(|bytes| bytes == b"PK\x05\x06").expect("an end");
    let comment = (zip.len() - at - 22) as u16;
    zip[at + 20..at + 22].copy_from_slice(&comment.to_le_bytes());
    assert_eq!(guard(&zip).expect_err("two ends"), two_ends);
    // Between the entries and the directory, and in a name.
    let end = &inner[inner.len() - 22..];
    let mut zip = pack(&parts(ROW));
    let directory = zip
        .windows(4)
        .position(|bytes| bytes == b"PK\x01\x02")
        .expect("a directory");
    let start = zip.len() - 6;
    let moved = u32::from_le_bytes([zip[start], zip[start + 1], zip[start + 2], zip[start + 3]]) + 22;
    zip[start..start + 4].copy_from_slice(&moved.to_le_bytes());
    zip.splice(directory..directory, end.iter().copied());
    assert_eq!(guard(&zip).expect_err("two ends"), two_ends);
    let mut named = parts(ROW);
    named.push(Part::stored("PK\u{5}\u{6}                      ", ""));
    assert_eq!(guard(&pack(&named)).expect_err("two ends"), two_ends);
}

#[test]
fn a_wrong_number_of_entries_is_refused() {
    for change in [-1i16, 1] {
        let mut zip = pack(&parts(ROW));
        let at = zip.len() - 12;
        let count = u16::from_le_bytes([zip[at], zip[at + 1]]).wrapping_add_signed(change);
        zip[at..at + 2].copy_from_slice(&count.to_le_bytes());
        assert!(matches!(guard(&zip), Err(Unreadable::Damaged(_))));
    }
}

#[test]
fn too_many_entries_are_refused_before_they_are_read() {
    let mut many = parts(ROW);
    many.extend((0..1_024).map(|n| Part::stored(&format!("x{n}"), "")));
    refused(&many, "zip entries");
}

#[test]
fn a_flipped_digit_or_a_wrong_size_does_not_pass() {
    let mut flipped = parts(ROW);
    let last = flipped.last_mut().expect("parts");
    let at = last
        .packed
        .windows(3)
        .position(|bytes| bytes == b"<v>")
        .expect("a value")
        + 3;
    last.packed[at] = b'9';
    refused(&flipped, "checksum of a part");
    let mut short = parts(ROW)
        .iter()
        .map(|part| Part::deflated(&part.name, &part.packed))
        .collect::<Vec<_>>();
    short[2].size -= 1;
    refused(&short, "checksum of a part");
}

#[test]
fn encrypted_entries_mean_a_password() {
    let mut encrypted = parts(ROW);
    encrypted[2].flags = 1;
    assert_eq!(guard(&pack(&encrypted)).expect_err("encrypted"), Unreadable::Password);
}

#[test]
fn a_part_that_inflates_without_end_is_cut_off() {
    let blanks = vec![b' '; 33 << 20];
    for (name, size) in [(SHEET, blanks.len()), (SHEET, 10), ("xl/styles.xml", 2 << 20)] {
        let mut bomb = parts(ROW);
        bomb.retain(|part| part.name != name);
        bomb.push(Part {
            size: size as u32,
            ..Part::deflated(name, &blanks[..size.max(32 << 20 | 1)])
        });
        assert!(pack(&bomb).len() < 1_000_000);
        refused(&bomb, "inflated bytes");
    }
}

#[test]
fn parts_that_are_not_needed_are_never_inflated() {
    let mut with_image = parts(ROW);
    with_image.push(Part {
        crc: 7,
        ..Part::deflated("xl/media/image1.png", &vec![0; 64 << 20])
    });
    assert!(guard(&pack(&with_image)).is_ok());
}
