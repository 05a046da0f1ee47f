//! What answering needs, and what an answer can be.

use crate::child::Examiner;
use crate::clock::{Clock, Moment};
use crate::config::Config;
use crate::mail::Post;
use crate::pages::{AnmeldungView, InSession, Pages};
use crate::protokoll::Protokolle;
use crate::rejection::Rejection;
use crate::room::{Bodies, PerTraeger};
use crate::store::{Runde, Store};
use form::{Eintraege, Vordruck};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::sync::{Mutex, Notify};

/// All that answering needs.
pub struct App {
    pub config: Config,
    pub clock: Clock,
    pub examiner: Examiner,
    pub(crate) pages: Pages,
    store: Arc<Mutex<Store>>,
    pub(crate) bodies: Bodies,
    pub(crate) workbooks: PerTraeger,
    /// Off until they are set.
    pub protokolle: Protokolle,
    /// How mails leave, if they do.
    pub(crate) post: Option<Post>,
    /// Told when something new waits in the outbox.
    pub outbox: Notify,
    /// Whether the operator was told of a web server that is not trusted.
    pub(crate) proxy_was_named: AtomicBool,
}

/// How long a request waits for its turn at the database.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a request comes to.
pub enum Answer {
    Page {
        status: u16,
        html: String,
    },
    Redirect {
        location: String,
        cookies: Vec<String>,
    },
    Workbook {
        bytes: Vec<u8>,
        file_name: String,
    },
    /// A step of the login that did not succeed, with the seconds to wait before the next try.
    Login {
        status: u16,
        html: String,
        retry_after: Option<u64>,
    },
}

impl App {
    pub fn new(config: Config, store: Store, pages: Pages, examiner: Examiner, clock: Clock) -> anyhow::Result<App> {
        let post = config.mail.as_ref().map(Post::new).transpose()?;
        Ok(App {
            config,
            clock,
            examiner,
            pages,
            store: Arc::new(Mutex::new(store)),
            bodies: Bodies::default(),
            workbooks: PerTraeger::workbooks(),
            protokolle: Protokolle::default(),
            post,
            outbox: Notify::new(),
            proxy_was_named: AtomicBool::new(false),
        })
    }

    /// Does something with the database, off the threads that serve sockets.
    pub async fn store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T, Rejection> {
        // In turn, and none forever: where each waits for a lock of another process, the last would wait for all.
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.store).lock_owned());
        let too_long = |_| Rejection::StoreFailed(anyhow::anyhow!("a request waited {PATIENCE:?} for the database"));
        let mut store = turn.await.map_err(too_long)?;
        match tokio::task::spawn_blocking(move || store.attempt(work)).await {
            Ok(result) => result.map_err(Rejection::StoreFailed),
            Err(panicked) => Err(Rejection::Internal(panicked.into())),
        }
    }

    pub fn page<T: Serialize>(&self, status: u16, template: &str, variables: &T) -> Result<Answer, Rejection> {
        let html = self.pages.render(template, variables).map_err(Rejection::Internal)?;
        Ok(Answer::Page { status, html })
    }

    /// A page for somebody who is logged in: it also says when that ends.
    pub fn page_in_session<T: Serialize>(
        &self,
        endet: Moment,
        status: u16,
        template: &str,
        page: &T,
    ) -> Result<Answer, Rejection> {
        let variables = InSession {
            anmeldung: AnmeldungView::new(endet, self.clock.now()),
            hoechstgroesse_bytes: self.config.limits.upload_max_bytes,
            page,
        };
        self.page(status, template, &variables)
    }

    /// Writes a workbook, off the threads that serve sockets and without holding the database.
    pub async fn write_workbook(
        &self,
        runde: Runde,
        vordruck: Vordruck,
        eintraege: Eintraege,
    ) -> Result<Vec<u8>, Rejection> {
        let write = move || anyhow::Ok(form::write(&runde.form()?, &vordruck, &eintraege)?);
        let written = tokio::task::spawn_blocking(write).await;
        written
            .map_err(|panicked| Rejection::Internal(panicked.into()))?
            .map_err(Rejection::Internal)
    }
}

impl Answer {
    pub fn redirect(location: String) -> Answer {
        let cookies = Vec::new();
        Answer::Redirect { location, cookies }
    }
}
