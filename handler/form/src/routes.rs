//! The handler's routes, so that the generator can check links to them.

/// How a browser may ask for a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    /// A page with a form that leads to itself.
    GetAndPost,
}

/// What a request path means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route<'a> {
    Anmelden,
    /// Where the mailed code is entered.
    Code,
    Uebersicht,
    /// The workbook of one Runde.
    Formular(&'a str),
    Hochladen,
    Bestaetigen,
    /// The Korrekturfassung of this session's last faulty upload.
    Korrektur(&'a str),
    /// The Eingangsbestaetigung of a Vorgangsnummer.
    Eingang(&'a str),
    Abmelden,
}

/// Everything the handler answers begins with this.
pub const PREFIX: &str = "/meldung/";
pub const ANMELDEN: &str = "/meldung/anmelden";
pub const CODE: &str = "/meldung/code";
/// The same page, with its paragraph about another mail.
pub const ANOTHER_CODE: &str = "/meldung/code#unterwegs";
pub const HOCHLADEN: &str = "/meldung/hochladen";
pub const BESTAETIGEN: &str = "/meldung/bestaetigen";
pub const ABMELDEN: &str = "/meldung/abmelden";
/// The static page with the login form, and its paragraph for visitors without a session.
pub const LOGIN_PAGE: &str = "/berichtstool/";
pub const NO_SESSION: &str = "/berichtstool/#keine-sitzung";

impl<'a> Route<'a> {
    /// The route of a path without its query; `None` where there is none.
    pub fn of(path: &'a str) -> Option<Route<'a>> {
        let route = match path {
            ANMELDEN => Route::Anmelden,
            CODE => Route::Code,
            PREFIX => Route::Uebersicht,
            HOCHLADEN => Route::Hochladen,
            BESTAETIGEN => Route::Bestaetigen,
            ABMELDEN => Route::Abmelden,
            _ => {
                let (folder, name) = path.strip_prefix(PREFIX)?.split_once('/')?;
                match (folder, name.strip_suffix(".xlsx")) {
                    ("formular", Some(runde)) if is_name(runde) => Route::Formular(runde),
                    ("korrektur", Some(id)) if is_name(id) => Route::Korrektur(id),
                    ("eingang", None) if is_name(name) => Route::Eingang(name),
                    _ => return None,
                }
            }
        };
        Some(route)
    }

    pub fn method(&self) -> Method {
        match self {
            Route::Code => Method::GetAndPost,
            Route::Anmelden | Route::Hochladen | Route::Bestaetigen | Route::Abmelden => Method::Post,
            Route::Uebersicht | Route::Formular(_) | Route::Korrektur(_) | Route::Eingang(_) => Method::Get,
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Whether a link or form target below `/meldung/` reaches a route.
pub fn is_route(path: &str) -> bool {
    Route::of(path).is_some()
}

pub fn formular(runde: &str) -> String {
    format!("{PREFIX}formular/{runde}.xlsx")
}

pub fn korrektur(id: &str) -> String {
    format!("{PREFIX}korrektur/{id}.xlsx")
}

pub fn eingang(nummer: &str) -> String {
    format!("{PREFIX}eingang/{nummer}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_the_handler_writes_are_paths_that_it_reads() {
        assert_eq!(Route::of(&formular("cb-2026")), Some(Route::Formular("cb-2026")));
        assert_eq!(Route::of(&korrektur("a1")), Some(Route::Korrektur("a1")));
        assert_eq!(
            Route::of(&eingang("CB-2026-7K3M-9QXA")),
            Some(Route::Eingang("CB-2026-7K3M-9QXA"))
        );
    }

    #[test]
    fn anything_else_is_no_route() {
        for path in [
            "/meldung",
            "/meldung/x",
            "/meldung/formular/a/b.xlsx",
            "/meldung/eingang/",
            "/meldung/formular/..xlsx",
            "/",
        ] {
            assert_eq!(Route::of(path), None, "{path}");
        }
    }
}
