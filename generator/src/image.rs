//! How large an image is, so that a page keeps its room before it is there.

use std::fs;
use std::path::Path;

/// It is none, or a broken one.
#[derive(Debug, PartialEq, Eq)]
pub struct NoImage;

/// Width and height of an image file in pixels; a drawing need not say them.
pub fn size(path: &Path) -> Result<Option<(usize, usize)>, NoImage> {
    let ending = path.extension().unwrap_or_default();
    if ending.eq_ignore_ascii_case("svg") {
        let svg = fs::read_to_string(path).map_err(|_| NoImage)?;
        return if svg.contains("<svg") {
            Ok(svg_size(&svg))
        } else {
            Err(NoImage)
        };
    }
    let size = imagesize::size(path).map_err(|_| NoImage)?;
    Ok(Some((size.width, size.height)))
}

/// The size that an SVG names in its first tag, or the proportions of what it shows.
pub fn svg_size(svg: &str) -> Option<(usize, usize)> {
    let tag = svg[svg.find("<svg")?..].split('>').next()?;
    let attribute = |name: &str| {
        let (_, value) = tag.split_once(&format!(" {name}=\""))?;
        value.split('"').next()
    };
    let pixels = |text: &str| {
        let number: f64 = text.trim().trim_end_matches("px").parse().ok()?;
        (1.0..100_000.0).contains(&number).then_some(number.round() as usize)
    };
    let named = attribute("width")
        .and_then(pixels)
        .zip(attribute("height").and_then(pixels));
    named.or_else(|| {
        let mut shown = attribute("viewBox")?
            .split([' ', ','])
            .filter(|part| !part.is_empty())
            .skip(2);
        pixels(shown.next()?).zip(pixels(shown.next()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_svg_names_its_size_or_its_proportions() {
        assert_eq!(
            svg_size("<?xml?><svg width=\"720\" height=\"400.4\"/>"),
            Some((720, 400))
        );
        assert_eq!(svg_size("<svg width=\"100%\" viewBox=\"0 0 24 16\">"), Some((24, 16)));
        assert_eq!(svg_size("<svg>"), None);
    }
}
