//! Which elements of HTML need a closing tag, and which end by what comes next.

/// Elements that have no content and no closing tag.
pub(super) fn is_void(tag: &str) -> bool {
    matches!(
        tag,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Whether the HTML standard ends an open element when another begins.
pub(super) fn ends_before(open: &str, next: &str) -> bool {
    match open {
        "li" => next == "li",
        "dt" | "dd" => matches!(next, "dt" | "dd"),
        "rt" | "rp" => matches!(next, "rt" | "rp"),
        "option" => matches!(next, "option" | "optgroup" | "hr"),
        "optgroup" => matches!(next, "optgroup" | "hr"),
        "caption" => is_part_of_table(next),
        "colgroup" => !matches!(next, "col" | "template"),
        "thead" | "tbody" | "tfoot" => matches!(next, "thead" | "tbody" | "tfoot"),
        "tr" => matches!(next, "tr" | "thead" | "tbody" | "tfoot"),
        "td" | "th" => matches!(next, "td" | "th" | "tr" | "thead" | "tbody" | "tfoot"),
        "p" => ends_paragraph(next),
        _ => false,
    }
}

/// Whether the HTML standard closes an element where the one around it ends.
pub(super) fn may_stay_open(tag: &str, parent: &str) -> bool {
    match tag {
        "p" => !matches!(parent, "a" | "audio" | "del" | "ins" | "map" | "noscript" | "video"),
        "li" | "dt" | "dd" | "rt" | "rp" | "option" | "optgroup" | "html" | "head" | "body" => true,
        _ => is_part_of_table(tag),
    }
}

pub(super) fn is_part_of_table(tag: &str) -> bool {
    matches!(
        tag,
        "caption" | "col" | "colgroup" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th"
    )
}

#[rustfmt::skip] // One element a line would hide that it is one list.
pub(super) fn ends_paragraph(tag: &str) -> bool {
    matches!(
        tag,
        "address" | "article" | "aside" | "blockquote" | "details" | "dialog" | "div" | "dl" | "fieldset" | "figcaption"
            | "figure" | "footer" | "form" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "header" | "hgroup" | "hr" | "main"
            | "menu" | "nav" | "ol" | "p" | "pre" | "search" | "section" | "table" | "ul"
    )
}
