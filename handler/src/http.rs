//! The socket: which request goes where, in which order it is checked, and what every answer carries.

mod server;

mod client;
mod code;
mod cookie;
mod head;
pub mod listen;
mod login;
mod places;
mod wire;

use crate::app::{Answer, App};
use crate::body::Posted;
use crate::pages::{EingangView, RundeView, TraegerView, Uebersicht};
use crate::protokoll::Zugriff;
use crate::rejection::{Rejection, size_text};
use crate::store::Sitzung;
use crate::upload;
use bytes::Bytes;
use cookie::Cookie;
use form::routes::{self, Method, Route};
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::time::Instant;

pub(crate) use places::Place;
pub use server::run;

/// Answers lie in memory whole.
pub type AnswerBody = Full<Bytes>;

/// Only our own files, no frames, no inline code.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

impl App {
    /// Answers a request. Every answer carries the same protection, whatever it says. A peer without an address is a web server that came
    /// through our Unix socket.
    pub async fn answer(&self, request: Request<Incoming>, peer: Option<IpAddr>) -> Response<AnswerBody> {
        let begun = Instant::now();
        let client = client::client_address(request.headers(), peer, &self.config.trusted_proxies);
        if peer.is_some_and(|peer| client::is_forwarded_in_vain(request.headers(), peer, &self.config.trusted_proxies))
            && !self.proxy_was_named.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                "Ein Webserver auf diesem Rechner leitet Anfragen weiter, steht aber nicht in trusted_proxies: Alle Besucher gelten als einer, auch bei zu vielen Anmeldeversuchen"
            );
        }
        let path = request.uri().path().to_owned();
        let mut request = request.map(Some);
        let answer = match self.dispatch(&path, &mut request, client).await {
            Ok(answer) => self.response(answer),
            Err(Rejection::NoSession) if Route::of(&path).is_some_and(|route| route.method() == Method::Get) => {
                self.response(Answer::redirect(routes::NO_SESSION.to_owned()))
            }
            Err(rejection) => self.rejected(&rejection),
        };
        let zugriff = Zugriff {
            route: Route::of(&path).map_or("keine", |route| route.name()),
            method: method_name(request.method()),
            status: answer.status().as_u16(),
            dauer: begun.elapsed(),
            bytes: answer.body().size_hint().exact().unwrap_or_default(),
            adresse: client,
        };
        self.protokolle.zugriff(self.clock.now(), &zugriff);
        protected(answer, self.config.is_https())
    }

    /// The checks in their order: path, method, origin, session, then length and body.
    async fn dispatch(&self, path: &str, request: &mut Posted, peer: IpAddr) -> Result<Answer, Rejection> {
        if request.method().as_str() == wire::REFUSED {
            return Err(Rejection::Refused(head::status_of(path)));
        }
        let route = Route::of(path).ok_or(Rejection::NoSuchPage)?;
        if route == Route::Code && !self.config.anmeldung.code_per_mail {
            return Err(Rejection::NoSuchPage);
        }
        check_method(&route, request.method())?;
        if request.method() == hyper::Method::POST {
            self.check_origin(request.headers())?;
        }
        if route == Route::Anmelden {
            return login::anmelden(self, request, peer).await;
        }
        if route == Route::Code {
            return code::code(self, request, peer).await;
        }
        let sitzung = self.sitzung(request.headers()).await?;
        match route {
            Route::Uebersicht => self.uebersicht(sitzung).await,
            Route::Formular(runde) => self.formular(sitzung, runde).await,
            Route::Hochladen => upload::hochladen(self, sitzung, request).await,
            Route::Bestaetigen => upload::bestaetigen(self, sitzung, request).await,
            Route::Korrektur(id) => upload::korrekturfassung(self, sitzung, id).await,
            Route::Eingang(nummer) => self.eingang(sitzung, nummer).await,
            Route::Abmelden | Route::Anmelden | Route::Code => login::abmelden(self, sitzung).await,
        }
    }

    /// A form that a foreign page sends is refused: browsers say where a request comes from.
    fn check_origin(&self, headers: &HeaderMap) -> Result<(), Rejection> {
        // Each line of this name, where somebody sends two.
        let only = |name: HeaderName, right: &str| headers.get_all(name).iter().all(|said| said == right);
        let site = HeaderName::from_static("sec-fetch-site");
        let allowed = if headers.contains_key(&site) {
            only(site, "same-origin")
        } else {
            only(header::ORIGIN, &self.config.public_url)
        };
        if allowed { Ok(()) } else { Err(Rejection::ForeignOrigin) }
    }

    async fn sitzung(&self, headers: &HeaderMap) -> Result<Sitzung, Rejection> {
        let token = Cookie::Sitzung.of(headers, &self.config).ok_or(Rejection::NoSession)?;
        let now = self.clock.now();
        self.store(move |store| store.sitzung(&token, now))
            .await?
            .ok_or(Rejection::NoSession)
    }

    /// `GET /meldung/`.
    async fn uebersicht(&self, sitzung: Sitzung) -> Result<Answer, Rejection> {
        let (now, endet) = (self.clock.now(), sitzung.endet);
        let page = self
            .store(move |store| {
                let wartend = store.wartend(&sitzung)?;
                let mut runden = Vec::new();
                for runde in store.runden_of(&sitzung.traeger)? {
                    let meldungen = store.meldungen_of(&runde.kennung, &sitzung.traeger)?;
                    let schulen = store
                        .vordruck(&runde, &sitzung.traeger)?
                        .map_or(0, |vordruck| vordruck.schulen.len());
                    runden.push(RundeView::new(
                        &runde,
                        &runde.form()?,
                        schulen,
                        wartend.as_ref(),
                        &meldungen,
                        now,
                    ));
                }
                let name = store.traeger_name(&sitzung.traeger)?;
                Ok((
                    TraegerView {
                        nummer: sitzung.traeger,
                        name,
                    },
                    runden,
                ))
            })
            .await?;
        let (traeger, runden) = page;
        let hoechstgroesse = size_text(self.config.limits.upload_max_bytes);
        self.page_in_session(
            endet,
            200,
            "uebersicht.html",
            &Uebersicht {
                traeger,
                runden,
                hoechstgroesse,
            },
        )
    }

    /// `GET /meldung/formular/<runde>.xlsx`.
    async fn formular(&self, sitzung: Sitzung, kennung: &str) -> Result<Answer, Rejection> {
        let _turn = self.workbooks.turn(&sitzung.traeger).await?;
        let file_name = format!("{kennung}-{}.xlsx", sitzung.traeger);
        let kennung = kennung.to_owned();
        let found = self
            .store(move |store| store.runde_of(&kennung, &sitzung.traeger))
            .await?;
        let (runde, vordruck) = found.ok_or(Rejection::UnknownRunde)?;
        let bytes = self.write_workbook(runde, vordruck, form::Eintraege::default()).await?;
        Ok(Answer::Workbook { bytes, file_name })
    }

    /// `GET /meldung/eingang/<nummer>`, only for its own Träger.
    async fn eingang(&self, sitzung: Sitzung, nummer: &str) -> Result<Answer, Rejection> {
        let (nummer, now, endet) = (nummer.to_owned(), self.clock.now(), sitzung.endet);
        let page = self
            .store(move |store| {
                let own = store
                    .meldung(&nummer)?
                    .filter(|meldung| meldung.traeger == sitzung.traeger);
                let Some(meldung) = own else { return Ok(None) };
                // Its own, even if its schools are another's by now.
                let Some(runde) = store.runde_fuer(&meldung.runde, &sitzung.traeger)? else {
                    return Ok(None);
                };
                let name = store.name_in_runde(&runde.kennung, &sitzung.traeger)?;
                Ok(Some(EingangView::new(
                    &meldung,
                    &runde,
                    &runde.form()?,
                    TraegerView {
                        name: name.unwrap_or_default(),
                        nummer: sitzung.traeger,
                    },
                    now,
                )))
            })
            .await?;
        let page = page.ok_or(Rejection::UnknownMeldung)?;
        self.page_in_session(endet, 200, "eingang.html", &page)
    }

    fn rejected(&self, rejection: &Rejection) -> Response<AnswerBody> {
        tracing::info!(kind = "rejected", code = rejection.code(), status = rejection.status());
        if let Rejection::Internal(error) | Rejection::StoreFailed(error) = rejection {
            tracing::error!("{error:#}");
        }
        let page = rejection.page();
        let html = self.pages.render("abweisung.html", &page).unwrap_or_else(|error| {
            tracing::error!("{error:#}");
            page.text.clone()
        });
        let mut response = self.response(Answer::Page {
            status: rejection.status(),
            html,
        });
        if let Rejection::WrongMethod(allow) = rejection {
            response
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        if let Some(seconds) = rejection.retry_after() {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    fn response(&self, answer: Answer) -> Response<AnswerBody> {
        let mut headers = HeaderMap::new();
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        let (status, body) = match answer {
            Answer::Page { status, html } => {
                set(header::CONTENT_TYPE, "text/html; charset=utf-8");
                (status, Bytes::from(html))
            }
            Answer::Login {
                status,
                html,
                retry_after,
            } => {
                set(header::CONTENT_TYPE, "text/html; charset=utf-8");
                if let Some(seconds) = retry_after {
                    set(header::RETRY_AFTER, &seconds.to_string());
                }
                (status, Bytes::from(html))
            }
            Answer::Redirect { location, cookies } => {
                set(header::LOCATION, &location);
                for cookie in cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
                    headers.append(header::SET_COOKIE, cookie);
                }
                (303, Bytes::new())
            }
            Answer::Workbook { bytes, file_name } => {
                set(
                    header::CONTENT_TYPE,
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                );
                set(
                    header::CONTENT_DISPOSITION,
                    &format!("attachment; filename=\"{file_name}\""),
                );
                (200, Bytes::from(bytes))
            }
        };
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *response.headers_mut() = headers;
        response
    }
}

fn check_method(route: &Route<'_>, method: &hyper::Method) -> Result<(), Rejection> {
    match route.method() {
        Method::Get if method == hyper::Method::GET || method == hyper::Method::HEAD => Ok(()),
        Method::Post if method == hyper::Method::POST => Ok(()),
        Method::GetAndPost if [hyper::Method::GET, hyper::Method::HEAD, hyper::Method::POST].contains(method) => Ok(()),
        Method::Get => Err(Rejection::WrongMethod("GET, HEAD")),
        Method::GetAndPost => Err(Rejection::WrongMethod("GET, HEAD, POST")),
        Method::Post => Err(Rejection::WrongMethod("POST")),
    }
}

/// A method for the log; whatever is none of the common ones was made up by somebody.
fn method_name(method: &hyper::Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "TRACE"];
    KNOWN
        .into_iter()
        .find(|known| *known == method.as_str())
        .unwrap_or("andere")
}

/// What every answer carries.
fn protected(mut response: Response<AnswerBody>, https: bool) -> Response<AnswerBody> {
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", CONTENT_SECURITY_POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    response
}
