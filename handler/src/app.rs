//! What answering needs, and what an answer can be.

use crate::child::Examiner;
use crate::clock::{Clock, Moment};
use crate::config::Config;
use crate::mail::Post;
use crate::pages::{AnmeldungView, InSession, Pages};
use crate::rejection::Rejection;
use crate::store::{Runde, Store};
use form::{Eintraege, Vordruck};
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, Semaphore};

/// All that answering needs.
pub struct App {
    pub config: Config,
    pub clock: Clock,
    pub examiner: Examiner,
    pub(crate) pages: Pages,
    store: Arc<Mutex<Store>>,
    /// Bodies of uploads in memory at once.
    pub(crate) bodies: Arc<Semaphore>,
    /// How mails leave, if they do.
    pub(crate) post: Option<Post>,
    /// Told when something new waits in the outbox.
    pub outbox: Notify,
}

const BODIES_IN_MEMORY: usize = 16;

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
        let (store, bodies) = (Arc::new(Mutex::new(store)), Arc::new(Semaphore::new(BODIES_IN_MEMORY)));
        Ok(App {
            config,
            clock,
            examiner,
            pages,
            store,
            bodies,
            post,
            outbox: Notify::new(),
        })
    }

    /// Does something with the database, off the threads that serve sockets.
    pub async fn store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T, Rejection> {
        let store = Arc::clone(&self.store);
        let worked =
            tokio::task::spawn_blocking(move || work(&mut store.lock().unwrap_or_else(PoisonError::into_inner)));
        match worked.await {
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
