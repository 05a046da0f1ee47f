//! The ids that words give: in headings, footnotes and names of files.

/// The id that a heading's words give: lower case, ä as ae, hyphens between words.
pub fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for character in text.chars().flat_map(char::to_lowercase) {
        let letters = match character {
            'ä' => "ae",
            'ö' => "oe",
            'ü' => "ue",
            'ß' => "ss",
            'é' | 'è' | 'ê' => "e",
            'á' | 'à' | 'â' => "a",
            'a'..='z' | '0'..='9' => {
                slug.push(character);
                continue;
            }
            // A soft hyphen or combining mark belongs to its word.
            '\u{ad}' | '\u{300}'..='\u{36f}' => continue,
            _ => {
                if !slug.is_empty() && !slug.ends_with('-') {
                    slug.push('-');
                }
                continue;
            }
        };
        slug.push_str(letters);
    }
    slug.truncate(slug.trim_end_matches('-').len());
    if slug.is_empty() { "abschnitt".to_owned() } else { slug }
}
