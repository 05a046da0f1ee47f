//! An upload, told once: from the body of a request to the Eingangsbestaetigung or the findings.

use crate::app::{Answer, App};
use crate::body::{self, Posted};
use crate::child::{Auftrag, Ergebnis};
use crate::clock::Moment;
use crate::pages::Befund;
use crate::rejection::Rejection;
use crate::store::journal::sha256;
use crate::store::sitzung::random_hex;
use crate::store::{Beleg, Bestaetigung, Eingang, Hinweis, Kept, Runde, Sitzung, Summe, Wartend};
use form::day_text;
use form::{Cent, Field, Finding, Form, Rows, Severity, SheetKind, Value, Vordruck, routes};
use std::collections::HashMap;

/// `POST /meldung/hochladen`.
pub async fn hochladen(app: &App, sitzung: Sitzung, request: &mut Posted) -> Result<Answer, Rejection> {
    let upload = body::read_upload(app, request, &sitzung.traeger).await?;
    let now = app.clock.now();
    let ziel = find_runde(app, &sitzung, upload.runde, now).await?;
    let upload_sha256 = sha256(&upload.bytes);
    if let Some(nummer) = same_bytes_that_count(app, &sitzung, &ziel.runde, &upload_sha256).await? {
        return Ok(Answer::redirect(routes::eingang(&nummer)));
    }
    let auftrag = Auftrag {
        definition: ziel.runde.definition.clone(),
        vordruck: ziel.vordruck.clone(),
        korrektur: false,
    };
    let ergebnis = match app.examiner.examine(&auftrag, &upload.bytes).await {
        Ok(ergebnis) => ergebnis,
        Err(rejection) => return Err(remember_unreadable(app, &sitzung, &ziel.runde, rejection, now).await),
    };
    log_examination(&sitzung, &ziel.runde, &ergebnis.befunde);
    let wartend = Wartend {
        id: random_hex(8).map_err(Rejection::Internal)?,
        runde: ziel.runde.kennung.clone(),
        upload_sha256,
        upload_bytes: upload.bytes.len() as u64,
        stand: ziel.stand,
        ..waiting(ergebnis)
    };
    if wartend
        .befunde
        .iter()
        .all(|finding| finding.severity == Severity::Hinweis)
    {
        return accept(app, sitzung, ziel, wartend, None, now).await;
    }
    let page = Befund::new(
        &ziel.vordruck,
        &ziel.form,
        &wartend,
        &upload.file_name,
        app.config.limits.upload_max_bytes,
    );
    let endet = sitzung.endet;
    let in_between = app
        .store(move |store| {
            let is_wrong = wartend.zeilen.is_none();
            let ergebnis = if is_wrong { "fehler" } else { "bestaetigen" };
            store.keep_versuch(&wartend.runde, &sitzung.traeger, ergebnis, &wartend.befunde, now)?;
            store.keep_wartend(&sitzung, &wartend, &ziel.runde, &ziel.vordruck)
        })
        .await?;
    match in_between {
        None => app.page_in_session(endet, 422, "befund.html", &page),
        Some(Kept::Closed) => Err(Rejection::Closed),
        Some(Kept::Changed) => Err(Rejection::Changed),
        Some(_) => Err(Rejection::NoSession),
    }
}

/// `POST /meldung/bestaetigen`: a waiting upload becomes a Meldung once every question has its reason.
pub async fn bestaetigen(app: &App, sitzung: Sitzung, request: &mut Posted) -> Result<Answer, Rejection> {
    let fields = body::read_fields(request).await?;
    body::works(request);
    let now = app.clock.now();
    let id = fields.get("id").cloned().unwrap_or_default();
    let own = sitzung.clone();
    let wartend = app.store(move |store| store.wartend(&own)).await?;
    let waits = wartend.filter(|wartend| wartend.id == id && wartend.zeilen.is_some());
    let Some(wartend) = waits else {
        return already_confirmed(app, sitzung, id).await;
    };
    let ziel = find_runde(app, &sitzung, wartend.runde.clone(), now).await?;
    let Some(bestaetigt) = confirmed(&wartend.befunde, &ziel.form, &fields) else {
        let largest = app.config.limits.upload_max_bytes;
        let page = Befund::new(&ziel.vordruck, &ziel.form, &wartend, "wie zuletzt hochgeladen", largest);
        return app.page_in_session(sitzung.endet, 422, "befund.html", &page);
    };
    accept(app, sitzung, ziel, wartend, Some(bestaetigt), now).await
}

/// `GET /meldung/korrektur/<id>.xlsx`: the last faulty upload's values in a fresh form. A child reads the file again.
pub async fn korrekturfassung(app: &App, sitzung: Sitzung, id: &str) -> Result<Answer, Rejection> {
    let _turn = app.workbooks.turn(&sitzung.traeger).await?;
    let own = sitzung.clone();
    let wartend = app.store(move |store| store.wartend(&own)).await?;
    let wartend = wartend
        .filter(|wartend| wartend.id == id)
        .ok_or(Rejection::UnknownKorrektur)?;
    let (kennung, traeger) = (wartend.runde.clone(), sitzung.traeger.clone());
    let found = app.store(move |store| store.runde_of(&kennung, &traeger)).await?;
    let (runde, vordruck) = found.ok_or(Rejection::UnknownRunde)?;
    let auftrag = Auftrag {
        definition: runde.definition.clone(),
        vordruck,
        korrektur: true,
    };
    let ergebnis = app.examiner.examine(&auftrag, &wartend.mappe).await?;
    let bytes = app
        .write_workbook(runde, auftrag.vordruck, ergebnis.korrektur.unwrap_or_default())
        .await?;
    let file_name = format!("{}-{}-korrektur.xlsx", wartend.runde, sitzung.traeger);
    Ok(Answer::Workbook { bytes, file_name })
}

/// A file that nobody can read is an attempt too: the office sees what kind of file it was.
async fn remember_unreadable(
    app: &App,
    sitzung: &Sitzung,
    runde: &Runde,
    rejection: Rejection,
    now: Moment,
) -> Rejection {
    let ergebnis = match &rejection {
        Rejection::Unreadable(text) => text.code.clone(),
        Rejection::Exhausted(_) => "abgebrochen".to_owned(),
        _ => return rejection,
    };
    let (kennung, traeger) = (runde.kennung.clone(), sitzung.traeger.clone());
    let kept = app.store(move |store| store.keep_versuch(&kennung, &traeger, &ergebnis, &[], now));
    match kept.await {
        Ok(()) => rejection,
        Err(failed) => failed,
    }
}

/// What an upload is for.
pub(crate) struct Ziel {
    pub runde: Runde,
    pub form: Form,
    pub vordruck: Vordruck,
    pub verspaetet: bool,
    /// Which version counts so far.
    pub stand: Option<i64>,
}

impl Ziel {
    /// The Runde, if uploads are taken on this day.
    pub(crate) fn new(runde: Runde, vordruck: Vordruck, stand: Option<i64>, now: Moment) -> Result<Ziel, Rejection> {
        let today = now.day();
        let verspaetet = today > runde.frist;
        if runde.geschlossen {
            return Err(Rejection::Closed);
        }
        if today < runde.ab {
            return Err(Rejection::NotYetOpen(day_text(runde.ab)));
        }
        if verspaetet && runde.nach_frist_ablehnen {
            return Err(Rejection::TooLate(day_text(runde.frist)));
        }
        let form = runde.form().map_err(Rejection::Internal)?;
        Ok(Ziel {
            runde,
            form,
            vordruck,
            verspaetet,
            stand,
        })
    }
}

/// The Runde, if this Träger may upload to it now.
async fn find_runde(app: &App, sitzung: &Sitzung, kennung: String, now: Moment) -> Result<Ziel, Rejection> {
    let traeger = sitzung.traeger.clone();
    let (found, stand) = app
        .store(move |store| Ok((store.runde_of(&kennung, &traeger)?, store.stand(&kennung, &traeger)?)))
        .await?;
    let (runde, vordruck) = found.ok_or(Rejection::UnknownRunde)?;
    Ziel::new(runde, vordruck, stand, now)
}

/// Whoever sends the version that counts once more gets its Eingangsbestaetigung again.
async fn same_bytes_that_count(
    app: &App,
    sitzung: &Sitzung,
    runde: &Runde,
    sha256: &str,
) -> Result<Option<String>, Rejection> {
    let (kennung, traeger, sha256) = (runde.kennung.clone(), sitzung.traeger.clone(), sha256.to_owned());
    app.store(move |store| store.counts_already(&kennung, &traeger, &sha256))
        .await
}

fn waiting(ergebnis: Ergebnis) -> Wartend {
    Wartend {
        id: String::new(),
        runde: String::new(),
        befunde: ergebnis.befunde,
        zeilen: ergebnis.zeilen,
        mappe: ergebnis.mappe,
        upload_sha256: String::new(),
        upload_bytes: 0,
        stand: None,
    }
}

/// A second click on the same button shows what the first one brought.
async fn already_confirmed(app: &App, sitzung: Sitzung, id: String) -> Result<Answer, Rejection> {
    let nummer = app.store(move |store| store.confirmed(&id, &sitzung.traeger)).await?;
    Ok(Answer::redirect(routes::eingang(
        &nummer.ok_or(Rejection::NothingWaits)?,
    )))
}

/// The reason for every question, or `None` where one is missing.
fn confirmed(befunde: &[Finding], form: &Form, fields: &HashMap<String, String>) -> Option<Vec<Bestaetigung>> {
    let questions = befunde
        .iter()
        .enumerate()
        .filter(|(_, finding)| finding.severity == Severity::Bestaetigen);
    questions
        .map(|(n, finding)| {
            let code = fields.get(&format!("grund_{}", n + 1))?;
            let grund = form.gruende.iter().find(|grund| grund.code == *code)?;
            Some(Bestaetigung {
                code: finding.code.clone(),
                stelle: finding.place_text(),
                grund: grund.label.clone(),
            })
        })
        .collect()
}

/// One transaction; only after it the Träger reads that something arrived.
async fn accept(
    app: &App,
    sitzung: Sitzung,
    ziel: Ziel,
    wartend: Wartend,
    bestaetigt: Option<Vec<Bestaetigung>>,
    now: Moment,
) -> Result<Answer, Rejection> {
    let rows = wartend
        .zeilen
        .ok_or_else(|| Rejection::Internal(anyhow::anyhow!("a clean upload without rows")))?;
    let (waited, ankuendigen) = (bestaetigt.is_some(), app.post.is_some());
    let taken = app.config.limits.meldungen_per_day;
    let (own, id) = (sitzung.clone(), wartend.id.clone());
    let beleg = beleg(&ziel.form, &rows, &wartend.befunde, bestaetigt.unwrap_or_default());
    let kept = app
        .store(move |store| {
            if store.received_today(&sitzung.traeger, now)? >= taken {
                // The second of two clicks shows what the first one brought.
                let there = store.counts_already(&ziel.runde.kennung, &sitzung.traeger, &wartend.upload_sha256)?;
                return Ok(there.map(Kept::Already));
            }
            let eingang = Eingang {
                runde: &ziel.runde,
                form: &ziel.form,
                vordruck: &ziel.vordruck,
                traeger: &sitzung.traeger,
                rows: &rows,
                verspaetet: ziel.verspaetet,
                mappe: &wartend.mappe,
                upload_sha256: &wartend.upload_sha256,
                upload_bytes: wartend.upload_bytes,
                beleg,
                bestaetigt: waited.then_some((wartend.id.as_str(), wartend.stand)),
                einreichung: None,
                ankuendigen,
            };
            store.keep(&eingang, &sitzung.token_hash, now).map(Some)
        })
        .await?;
    let seconds = now.seconds_of_day_left();
    match kept.ok_or(Rejection::TooMany { taken, seconds })? {
        Kept::New(nummer) => {
            tracing::info!(kind = "meldung", nummer);
            app.outbox.notify_one();
            Ok(Answer::redirect(routes::eingang(&nummer)))
        }
        Kept::Already(nummer) => Ok(Answer::redirect(routes::eingang(&nummer))),
        Kept::SitzungOver => Err(Rejection::NoSession),
        Kept::Overtaken => already_confirmed(app, own, id).await,
        Kept::Closed => Err(Rejection::Closed),
        Kept::Changed => Err(Rejection::Changed),
    }
}

/// What the Eingangsbestaetigung says of the contents.
pub(crate) fn beleg(form: &Form, rows: &Rows, befunde: &[Finding], bestaetigt: Vec<Bestaetigung>) -> Beleg {
    let once = form.sheets.iter().filter(|sheet| sheet.is_once());
    let sum = |sheet: &str, field: &Field| match rows.get(sheet)?.first()?.get(&field.id)? {
        Value::Money(cent) => Some(Summe {
            label: field.label.clone(),
            cent: Cent(cent.0),
        }),
        _ => None,
    };
    let summen = once.flat_map(|sheet| {
        sheet
            .fields
            .iter()
            .filter_map(|field| sum(&sheet.id, field.formula().map(|_| field)?))
    });
    let per_school = form.sheets.iter().filter(|sheet| sheet.kind == SheetKind::PerSchool);
    Beleg {
        schulen: per_school
            .filter_map(|sheet| rows.get(&sheet.id))
            .map(Vec::len)
            .max()
            .unwrap_or(0),
        summen: summen.collect(),
        hinweise: befunde
            .iter()
            .filter(|finding| finding.severity == Severity::Hinweis)
            .map(|finding| Hinweis {
                code: finding.code.clone(),
                stelle: finding.place_text(),
                text: finding.message(),
            })
            .collect(),
        bestaetigt,
        aenderung: String::new(),
    }
}

/// Codes and places, never contents.
fn log_examination(sitzung: &Sitzung, runde: &Runde, befunde: &[Finding]) {
    let codes: Vec<&str> = befunde.iter().map(|finding| finding.code.as_str()).collect();
    tracing::info!(
        kind = "examination",
        traeger = sitzung.traeger,
        runde = runde.kennung,
        codes = codes.join(",")
    );
}
