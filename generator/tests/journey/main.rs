//! The journey that matters, in a real browser: from the start page to the Eingangsbestaetigung, over the preview that
//! the README's first command starts.

mod browser;
mod preview;

use browser::Browser;
use form::testing::{Typed, fill};
use preview::Preview;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use thirtyfour::prelude::*;

const SCHOOLS: usize = 48;

#[test]
#[ignore = "needs chromium"]
fn a_traeger_downloads_corrects_and_receives_its_eingangsbestaetigung() {
    journey(true);
}

#[test]
#[ignore = "needs chromium"]
fn a_traeger_needs_no_script() {
    journey(false);
}

fn journey(with_scripts: bool) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let preview = Preview::start();
    runtime.block_on(async {
        let browser = Browser::start(with_scripts).await;
        walk(&preview, &browser, with_scripts).await.expect("the journey");
        browser.quit().await;
    });
    let rows = preview.database();
    let sum: i64 = rows
        .query_row(
            "SELECT sum(verausgabt_cent) FROM chancenbudget_schulen_gueltig",
            [],
            |row| row.get(0),
        )
        .expect("rows");
    assert_eq!(sum, 48 * 1_234_567);
    let corrected = "SELECT davon_personal_cent FROM chancenbudget_schulen_gueltig WHERE zeile = 13";
    assert_eq!(
        rows.query_row(corrected, [], |row| row.get::<_, i64>(0))
            .expect("a row"),
        1_234_567
    );
}

async fn walk(preview: &Preview, browser: &Browser, with_scripts: bool) -> WebDriverResult<()> {
    let driver = &browser.driver;
    driver.goto(&preview.url).await?;
    driver.find(By::LinkText("Formularschrank")).await?.click().await?;
    assert!(driver.title().await?.starts_with("Formularschrank"));
    driver.find(By::LinkText("Berichtstool")).await?.click().await?;
    driver
        .find(By::Id("email"))
        .await?
        .send_keys("schultraeger-10054@example.org")
        .await?;
    driver
        .find(By::Id("schultraegernummer"))
        .await?
        .send_keys("10054")
        .await?;
    submit(driver, "form[action='/meldung/anmelden']").await?;
    driver.query(By::Css("input[type=file]")).first().await?;
    assert!(driver.source().await?.contains("Stadt Duisburg"));
    if with_scripts {
        is_told_before_sending(browser).await?;
    }

    driver
        .find(By::Css("a[href^='/meldung/formular/']"))
        .await?
        .click()
        .await?;
    let form = browser.downloaded("xlsx").await;
    let filled = filled(&std::fs::read(&form).expect("the downloaded form"));

    let wrong = [
        ("H14", Typed::Text("ca. 12.000 €")),
        ("I17", Typed::Number("-5")),
        ("O20", Typed::Text("Lesen und so")),
    ];
    let faulty = fill(&filled, "Schulen", &wrong);
    if with_scripts {
        may_choose_a_file_that_was_saved_anew(browser, &faulty).await?;
        watches_the_upload_of_a_dragged_file(driver, &faulty).await?;
    } else {
        upload(browser, "fehlerhaft.xlsx", &faulty, "[data-zellen]").await?;
    }
    assert!(
        driver.title().await?.starts_with("Fehler: 3 Angaben prüfen"),
        "{}",
        driver.title().await?
    );
    assert_eq!(attributes(driver, "data-zellen").await?, ["H14", "I17", "O20"]);
    let focused = driver.active_element().await?.text().await?;
    assert!(
        focused.contains("3 Angaben prüfen"),
        "the summary has the focus: {focused}"
    );

    if with_scripts {
        driver.refresh().await?;
        driver.query(By::Css("[data-zellen]")).first().await?;
        assert_eq!(attributes(driver, "data-zellen").await?, ["H14", "I17", "O20"]);
    }
    upload(browser, "richtig.xlsx", &filled, "[data-vorgangsnummer]").await?;
    assert_eq!(attributes(driver, "data-vorgangsnummer").await?.len(), 1);
    let paper = driver.find(By::Tag("main")).await?.text().await?;
    for expected in ["Stadt Duisburg", "592.592,16 €", "Rechtsverbindliche Bestätigung"] {
        assert!(paper.contains(expected), "{expected}: {paper}");
    }
    let wide: bool = driver
        .execute(
            "return document.documentElement.scrollWidth > window.innerWidth",
            vec![],
        )
        .await?
        .convert()?;
    assert!(!wide, "the page scrolls sideways");
    Ok(())
}

/// A file that will not be taken need not be sent first.
async fn is_told_before_sending(browser: &Browser) -> WebDriverResult<()> {
    let driver = &browser.driver;
    let path = browser.folder.path().join("fotos.xlsx");
    std::fs::write(&path, vec![0; 13_000_000]).expect("a file");
    choose(driver, &path).await?;
    let complaint = "Die Datei darf höchstens 10 MB groß sein. Ihre Datei hat 12,4 MB.";
    let shown = driver.find(By::Css(".field-error")).await?;
    assert_eq!(shown.text().await?, complaint);
    submit(driver, "form[action='/meldung/hochladen']").await?;
    assert_eq!(shown.text().await?, complaint, "the page is still there");
    Ok(())
}

/// A file that changed after it was chosen is refused by the browser itself; it can be chosen again.
async fn may_choose_a_file_that_was_saved_anew(browser: &Browser, bytes: &[u8]) -> WebDriverResult<()> {
    let driver = &browser.driver;
    let path = browser.folder.path().join("gespeichert.xlsx");
    std::fs::write(&path, bytes).expect("a file");
    choose(driver, &path).await?;
    let file = std::fs::File::options().write(true).open(&path).expect("the file");
    // The browser compares whole seconds.
    file.set_modified(SystemTime::now() + Duration::from_secs(60))
        .expect("another time");
    submit(driver, "form[action='/meldung/hochladen']").await?;
    let complaint = driver.query(By::Css(".has-error .field-error")).first().await?;
    complaint.wait_until().displayed().await?;
    let said = complaint.text().await?;
    assert!(said.ends_with("Wählen Sie sie noch einmal aus."), "{said}");
    let chosen = driver
        .execute("return document.querySelector('input[type=file]').files.length", vec![])
        .await?;
    assert_eq!(chosen.convert::<usize>()?, 0, "the stale choice is gone");
    Ok(())
}

/// Drops a file onto the field, sends it, and reads on the way how far it is.
async fn watches_the_upload_of_a_dragged_file(driver: &WebDriver, bytes: &[u8]) -> WebDriverResult<()> {
    let drop = "
        const file = new File([new Uint8Array(arguments[0])], 'gezogen.xlsx');
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(file);
        const field = document.querySelector('.form-field:has(input[type=file])');
        const over = () => field.classList.contains('is-over');
        field.dispatchEvent(new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true }));
        const shown = over();
        field.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
        window.told = [];
        new MutationObserver((changes) => changes.forEach(({ addedNodes }) =>
            addedNodes.forEach((node) => window.told.push(node.data)))
        ).observe(document.querySelector('.upload-told'), { childList: true });
        return [shown && !over(), field.querySelector('input').files[0]?.name];";
    let dropped = driver.execute(drop, vec![serde_json::json!(bytes)]).await?;
    assert_eq!(
        dropped.convert::<(bool, Option<String>)>()?,
        (true, Some("gezogen.xlsx".to_owned())),
        "the field shows that it takes the file, and takes it"
    );
    submit(driver, "form[action='/meldung/hochladen']").await?;
    driver.query(By::Css("[data-zellen]")).first().await?;
    assert!(
        driver
            .find(By::Css(".file-name"))
            .await?
            .text()
            .await?
            .contains("gezogen.xlsx")
    );
    let told: Vec<String> = driver.execute("return window.told", vec![]).await?.convert()?;
    for beginning in [
        "Die Datei wird übertragen.",
        "Die Datei wird übertragen: ",
        "Die Datei wird geprüft.",
    ] {
        assert!(
            told.iter().any(|line| line.starts_with(beginning)),
            "{beginning}: {told:?}"
        );
    }
    Ok(())
}

/// Everything filled in as in a town hall that spent the same amount on each school.
fn filled(form: &[u8]) -> Vec<u8> {
    let yes = Typed::Text("ja");
    let form = fill(form, "Deckblatt", &[("B14", yes), ("B15", yes), ("B16", yes)]);
    let mut cells = Vec::new();
    for row in 5..5 + SCHOOLS {
        for column in ["H", "I"] {
            cells.push((format!("{column}{row}"), Typed::Number("12345.67")));
        }
        for column in ["J", "K", "L", "M", "N"] {
            cells.push((format!("{column}{row}"), Typed::Number("0")));
        }
        cells.push((format!("O{row}"), Typed::Text("B1 – Deutsch, Lesen, Schreiben")));
        cells.push((format!("R{row}"), Typed::Text("R2")));
    }
    let cells: Vec<(&str, Typed<'_>)> = cells.iter().map(|(name, typed)| (name.as_str(), *typed)).collect();
    fill(&form, "Schulen", &cells)
}

/// Uploads a file and waits for the answer, known by an element on it.
async fn upload(browser: &Browser, name: &str, bytes: &[u8], answer: &str) -> WebDriverResult<()> {
    let path: PathBuf = browser.folder.path().join(name);
    std::fs::write(&path, bytes).expect("a file");
    choose(&browser.driver, &path).await?;
    submit(&browser.driver, "form[action='/meldung/hochladen']").await?;
    browser.driver.query(By::Css(answer)).first().await.map(drop)
}

async fn choose(driver: &WebDriver, file: &Path) -> WebDriverResult<()> {
    driver
        .find(By::Css("input[type=file]"))
        .await?
        .send_keys(file.to_string_lossy())
        .await
}

async fn submit(driver: &WebDriver, form: &str) -> WebDriverResult<()> {
    driver
        .find(By::Css(format!("{form} button[type=submit]")))
        .await?
        .click()
        .await
}

async fn attributes(driver: &WebDriver, name: &str) -> WebDriverResult<Vec<String>> {
    let mut values = Vec::new();
    for element in driver.find_all(By::Css(format!("[{name}]"))).await? {
        values.extend(element.attr(name).await?);
    }
    Ok(values)
}
