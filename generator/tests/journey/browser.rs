//! Headless Chromium, driven by its own driver.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, WebDriver};

pub struct Browser {
    pub driver: WebDriver,
    /// Profile, downloads, and files to upload.
    pub folder: TempDir,
    chromedriver: Child,
}

const PATIENCE: Duration = Duration::from_secs(20);

impl Browser {
    /// Starts chromedriver on a free port and a browser without cache or background traffic, which runs the pages' scripts or does not.
    pub async fn start(runs_scripts: bool) -> Browser {
        let folder = tempfile::tempdir().expect("a folder");
        let mut chromedriver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromedriver is not installed: install the packages chromium and chromium-driver");
        let port = port_of(&mut chromedriver);
        let mut wanted = DesiredCapabilities::chrome();
        let profile = format!("--user-data-dir={}", folder.path().join("profile").display());
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,1000",
            "--force-prefers-reduced-motion",
            "--lang=de-DE",
            &profile,
        ] {
            wanted.add_arg(argument).expect("an argument");
        }
        let preferences = serde_json::json!({
            "download.default_directory": folder.path().join("downloads"),
            "download.prompt_for_download": false,
            "profile.managed_default_content_settings.javascript": if runs_scripts { 1 } else { 2 },
        });
        wanted
            .add_experimental_option("prefs", preferences)
            .expect("preferences");
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted)
            .await
            .expect("a browser");
        Browser {
            driver,
            folder,
            chromedriver,
        }
    }

    /// Waits for a finished download with this extension. Chromium reserves the name with an empty file,
    /// which the finished one replaces.
    pub async fn downloaded(&self, extension: &str) -> PathBuf {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let files = std::fs::read_dir(self.folder.path().join("downloads"))
                .into_iter()
                .flatten()
                .flatten();
            let mut finished = files
                .map(|file| file.path())
                .filter(|path| path.extension().is_some_and(|found| found == extension))
                .filter(|path| std::fs::metadata(path).is_ok_and(|file| file.len() > 0));
            if let Some(path) = finished.next() {
                return path;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no download within {PATIENCE:?}");
    }

    pub async fn quit(mut self) {
        self.driver.clone().quit().await.expect("the browser ends");
        let _ = self.chromedriver.kill();
        let _ = self.chromedriver.wait();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.chromedriver.kill();
    }
}

/// Chromedriver prints the port that it found.
fn port_of(chromedriver: &mut Child) -> u16 {
    let stdout = chromedriver.stdout.take().expect("its output");
    let mut lines = BufReader::new(stdout).lines();
    let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let (_, rest) = line.split_once("started successfully on port ")?;
        rest.trim_end_matches('.').parse().ok()
    });
    std::thread::spawn(move || lines.for_each(drop));
    port.expect("chromedriver says its port")
}
