//! The ids that words give: in headings, footnotes and names of files.

/// The id that a heading's words give: lower case, ä as ae, hyphens between words.
pub fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if character.is_ascii() {
            hyphen(&mut slug);
        } else {
            character.to_lowercase().for_each(|letter| foreign(letter, &mut slug));
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    if slug.is_empty() { "abschnitt".to_owned() } else { slug }
}

/// A letter beyond ASCII, in lower case.
fn foreign(letter: char, slug: &mut String) {
    let letters = match letter {
        'ä' => "ae",
        'ö' => "oe",
        'ü' => "ue",
        'ß' => "ss",
        'é' | 'è' | 'ê' => "e",
        'á' | 'à' | 'â' => "a",
        // A soft hyphen or combining mark belongs to its word.
        '\u{ad}' | '\u{300}'..='\u{36f}' => return,
        // What a sign such as that for kelvin becomes.
        'a'..='z' | '0'..='9' => return slug.push(letter),
        _ => return hyphen(slug),
    };
    slug.push_str(letters);
}

fn hyphen(slug: &mut String) {
    if !slug.is_empty() && !slug.ends_with('-') {
        slug.push('-');
    }
}
