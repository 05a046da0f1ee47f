//! Everybody in the programme: seven Träger with their forms, an office at its terminal, and the service between them.

use crate::amt::Amt;
use crate::support::files::files;
use crate::support::{Answer, Server, filled};
use form::testing::{Typed, fill};
use handler::config::{Mail, Ziel};

pub const NEUSS: &str = "10110";
pub const QUINOA: &str = "10039";
pub const METTMANN: &str = "10390";
pub const HAAN: &str = "11435";
pub const ERFT: &str = "10479";
pub const BERG: &str = "10510";
pub const MINDEN: &str = "10730";

pub const TRAEGER: &str = "Traegernummer;Traeger;Bezirksregierung;Rechtsform;E-Mail;Gueltig_bis;Nachfolger
10110;Stadt Neuss;1;1;schultraeger-10110@example.org, schulamt@neuss.example;;
10039;Herne, Quinoa Schulen der Zukunft gUG;9;2;schultraeger-10039@example.org;;
10390;Kreis Mettmann;1;1;schultraeger-10390@example.org, gemeinsam@kreis.example;;
11435;Stadt Haan;1;1;schultraeger-11435@example.org, gemeinsam@kreis.example;;
10479;Rhein-Erft-Kreis;3;1;schultraeger-10479@example.org;;
10510;Rheinisch-Bergischer Kreis;3;1;schultraeger-10510@example.org;;
10730;Kreis Minden-Lübbecke;7;1;schultraeger-10730@example.org;;
";

pub const SCHULEN: &str = "Traegernummer;Schulnummer;Kurzbezeichnung;Schulform;Aufnahmejahr
10039;100162;Herne, SK Quinoa;14;
10110;104115;Neuss, KG Münsterschule;02;
10110;104188;Neuss, GG (Verb.) Die Brücke;02;
10110;104231;Neuss, GG Kreuzschule;02;
10390;173472;Hilden, BK Am Hölterhöfchen;30;
11435;183891;Haan, GG Bollenberg;02;
10479;175560;Brühl, BK Karl-Schiller;30;
10510;175791;Bergisch Gladbach, BK Bensberger Str.;30;
10730;189431;Minden, BK Leo-Sympher;30;
";

/// Neuss reports for Quinoa's school.
pub const ZUWEISUNGEN: &str = "Schulnummer;Zugewiesen;Uebertrag;Meldet
100162;40300,00;;10110
104115;30000,00;;
104188;30000,00;;
104231;30000,00;;
173472;30000,00;;
183891;30000,00;;
175560;30000,00;;
175791;30000,00;;
189431;30000,00;;
";

/// What somebody wrote about a person, against all advice.
pub const NOTE: &str = "Kurs der Stiftung Frau Holle";
pub const ORDER: &str = "Erlass vom 1. August 2034";

/// Everybody in the programme, and the lists as they are now.
pub struct Programm {
    pub amt: Amt,
    pub traeger: String,
    pub schulen: String,
}

/// What is kept of a report to hold another against it.
pub struct Bericht {
    pub folder: String,
    pub kette: String,
}

impl Programm {
    pub fn new() -> Programm {
        let server = Server::start();
        let data = server.folder.path().join("daten");
        std::fs::create_dir(&data).expect("a folder");
        let post = server.folder.path().join("post");
        let server = server.restart_with(|config| {
            config.database = data.join("meldungen.sqlite");
            let logs = Ziel::Ordner(data.join("protokoll"));
            (config.protokoll.zugriffe, config.protokoll.ereignisse) = (logs.clone(), logs);
            config.mail = Some(Mail::for_trying_out(post));
        });
        let program = std::env::current_exe().expect("this program");
        Programm {
            amt: Amt::around(server, program),
            traeger: TRAEGER.to_owned(),
            schulen: SCHULEN.to_owned(),
        }
    }

    /// Moves every clock on to noon of a day.
    pub fn on(&self, day: &str) {
        let noon: jiff::Timestamp = format!("{day}T11:00:00Z").parse().expect("a time");
        let passed = noon.as_second() - self.amt.server.now();
        assert!(passed > 0, "{day} comes before the day before it");
        self.amt.server.advance(passed);
    }

    /// Does what the office types.
    pub fn office(&self, line: &str) -> String {
        self.amt.done(&line.split(' ').collect::<Vec<_>>())
    }

    pub fn office_because(&self, line: &str, grund: &str) -> String {
        let words: Vec<&str> = line.split(' ').collect();
        self.amt.done(&[&words[..], &["--grund", grund]].concat())
    }

    pub fn import(&self) -> String {
        self.write("traeger.csv", &self.traeger);
        self.write("schulen.csv", &self.schulen);
        self.office("register import --traeger traeger.csv --schulen schulen.csv")
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.amt.path(name), text).expect("a file");
    }

    /// Opens the Runde about a year in January of the next, and turns to it.
    pub fn open(&mut self, year: i32, zuweisungen: &str) -> String {
        self.write("zuweisungen.csv", zuweisungen);
        self.amt.server.runde = format!("cb-{year}");
        let form = self
            .amt
            .server
            .folder
            .path()
            .join("site/handler/formulare/chancenbudget.toml");
        self.office(&format!(
            "runde open cb-{year} --formular {} --von {year}-01-01 --bis {year}-12-31 --frist {}-03-31 --uebertrag --zuweisungen zuweisungen.csv",
            form.display(),
            year + 1
        ))
    }

    /// A form as its Träger downloads and fills it.
    pub fn own_form(&self, traeger: &str, schools: usize, euros: &str) -> Vec<u8> {
        let server = &self.amt.server;
        filled(&server.own_form(&server.log_in(traeger)), schools, euros)
    }

    /// Uploads what is not to be kept. Gives the session, the answer and the waiting upload.
    pub fn fails(&self, traeger: &str, workbook: &[u8]) -> (String, Answer, String) {
        let server = &self.amt.server;
        let cookie = server.log_in(traeger);
        let answer = server.upload(&cookie, workbook);
        assert_eq!(answer.status, 422, "{}", answer.body());
        let id = format!(
            "SELECT id FROM wartend AS w JOIN sitzung AS s ON s.token_hash = w.sitzung WHERE s.traeger = '{traeger}' ORDER BY s.zuletzt DESC"
        );
        (cookie, answer, server.query(&id))
    }

    /// Sends the Korrekturfassung of a waiting upload back, with what is put right in it.
    pub fn corrects(&self, cookie: &str, id: &str, cells: &[(&str, Typed<'_>)]) {
        let server = &self.amt.server;
        let korrektur = server.get(&format!("/meldung/korrektur/{id}.xlsx"), cookie);
        assert_eq!(korrektur.status, 200, "{}", korrektur.body());
        let answer = server.upload(cookie, &fill(&korrektur.bytes, "Schulen", cells));
        assert_eq!(answer.status, 303, "{}", answer.body());
    }

    pub fn bericht(&self, folder: &str) -> (Bericht, String) {
        let runde = &self.amt.server.runde;
        let said = self.office(&format!("bericht write --runde {runde} --out {folder}"));
        let kette = said.split("Kettenwert dieses Standes: ").nth(1).expect("a chain value");
        let bericht = Bericht {
            folder: folder.to_owned(),
            kette: kette.trim().to_owned(),
        };
        (bericht, said)
    }

    /// Uploads amounts unlike those of the year before, which the Träger confirms one by one.
    pub fn confirms(&self, traeger: &str, workbook: &[u8]) {
        let (cookie, answer, id) = self.fails(traeger, workbook);
        let asked = answer.data("schwere");
        assert!(
            asked.iter().all(|schwere| schwere == "bestaetigen"),
            "{}",
            answer.body()
        );
        let reasons: String = (1..=asked.len()).map(|n| format!("&grund_{n}=G4")).collect();
        let server = &self.amt.server;
        let confirmed = server.post_form("/meldung/bestaetigen", &cookie, &format!("id={id}{reasons}"));
        assert_eq!(confirmed.status, 303, "{}", confirmed.body());
    }

    /// An earlier report, written again from what the database holds now, to the byte.
    pub fn same_again(&self, runde: &str, bericht: &Bericht) {
        let again = format!("{}-noch-einmal", bericht.folder);
        let kette = &bericht.kette;
        self.office(&format!("bericht write --runde {runde} --stand {kette} --out {again}"));
        let (before, now) = (files(&self.amt.path(&bericht.folder)), files(&self.amt.path(&again)));
        for (name, bytes) in &before {
            assert!(now.get(name) == Some(bytes), "{again}: {name} came out differently");
        }
        assert_eq!(before.len(), now.len());
    }

    pub fn stand(&self, traeger: &str) -> serde_json::Value {
        let runde = &self.amt.server.runde;
        let said = self.office(&format!("meldung list --runde {runde} --json"));
        let list: Vec<serde_json::Value> = serde_json::from_str(&said).expect("JSON");
        let of = |stand: &&serde_json::Value| stand["traeger"] == traeger;
        list.iter().find(of).cloned().unwrap_or_default()
    }

    /// The number of the Meldung that counts for a Träger.
    pub fn paper_of(&self, traeger: &str) -> String {
        let nummer = self.stand(traeger)["nummer"].clone();
        nummer.as_str().expect("a Meldung").to_owned()
    }
}
