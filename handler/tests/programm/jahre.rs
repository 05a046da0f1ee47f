//! The story: who reported what when, what the office did about it, and what was left in the end.

use crate::amt::both;
use crate::beteiligte::{
    BERG, Bericht, ERFT, HAAN, METTMANN, MINDEN, NEUSS, NOTE, ORDER, Programm, QUINOA, ZUWEISUNGEN,
};
use crate::support::{Answer, filled};
use form::testing::{Typed, fill};
use handler::config::Tls;
use std::path::Path;
use std::process::Command;

pub fn erzaehlen() {
    let mut programm = Programm::new();
    let (paper, interim) = programm.first_runde();
    let last = programm.end_of_the_first_runde(&paper);
    programm.second_runde(&interim, &last);
    programm.a_disk_dies(&paper);
    programm.third_runde();
    programm.the_end(&paper);
}

impl Programm {
    /// Neuss corrects itself, Haan is helped by a Korrekturfassung, Mettmann confirms a note; then a school moves.
    fn first_runde(&mut self) -> (Answer, Bericht) {
        self.on("2027-01-11");
        assert!(self.import().contains("Eingelesen: 7 Träger, 9 Schulen.\n"));
        assert!(self.open(2026, ZUWEISUNGEN).contains("9 Schulen, 7 Träger melden"));

        self.on("2027-01-20");
        let paper = self.amt.meldung(NEUSS, 4, "1000.10");
        self.on("2027-02-01");
        let words = [("H5", Typed::Text("ca. 300 Euro"))];
        let faulty = fill(&self.own_form(HAAN, 1, "300.00"), "Schulen", &words);
        let (cookie, answer, id) = self.fails(HAAN, &faulty);
        assert_eq!(answer.data("code"), ["V2"]);
        self.corrects(&cookie, &id, &[("H5", Typed::Number("300.00"))]);
        self.on("2027-02-02");
        let note = [("S5", Typed::Text(NOTE))];
        self.confirms(
            METTMANN,
            &fill(&self.own_form(METTMANN, 1, "2000.00"), "Schulen", &note),
        );
        self.amt.meldung(NEUSS, 4, "1000.20");

        self.on("2027-02-10");
        let (interim, said) = self.bericht("zwischenbericht");
        assert!(said.contains("4 von 7 Trägern haben gemeldet"), "{said}");
        assert!(said.contains("Verausgabtes Chancenbudget: 6.300,80 €"), "{said}");

        let before_the_move = self.own_form(NEUSS, 4, "1000.30");
        self.on("2027-02-15");
        self.schulen = self.schulen.replace("10110;104231;", "10390;104231;");
        self.import();
        let said = self.office("runde update cb-2026 --ja");
        assert!(
            said.contains("Träger: 10110 -> 10390; meldet: 10110 -> 10390"),
            "{said}"
        );
        assert!(
            said.contains(&self.paper_of(NEUSS)) && said.contains(&self.paper_of(METTMANN)),
            "{said}"
        );
        self.write("mehr.csv", "Schulnummer;Zugewiesen;Uebertrag\n189431;50000,00;0,00\n");
        self.office_because("runde zuweisung cb-2026 mehr.csv", "Bescheid vom 3. Februar");
        self.on("2027-02-16");
        let (cookie, answer, id) = self.fails(NEUSS, &before_the_move);
        assert_eq!(answer.data("code"), ["S12"], "an old form is no fault of its Träger");
        self.corrects(&cookie, &id, &[]);
        self.amt.meldung(METTMANN, 2, "2000.00");
        (paper, interim)
    }

    /// More time for one, somebody late, a town hall that is offline, a Meldung withdrawn; then all is there.
    fn end_of_the_first_runde(&mut self, paper: &Answer) -> Bericht {
        self.on("2027-03-20");
        let more_time = format!("runde frist cb-2026 --traeger {ERFT} --bis 2027-04-30");
        self.office_because(&more_time, "Hochwasser im Rathaus");
        self.on("2027-03-25");
        self.office(&format!("formular write {MINDEN} --runde cb-2026 --out minden.xlsx"));
        let form = std::fs::read(self.amt.path("minden.xlsx")).expect("the form");
        std::fs::write(self.amt.path("minden.xlsx"), filled(&form, 1, "600.00")).expect("a file");
        let offline = format!("meldung einreichen minden.xlsx --traeger {MINDEN} --runde cb-2026");
        self.office_because(&offline, "Rathaus ohne Internet");
        self.on("2027-04-15");
        self.amt.meldung(ERFT, 1, "400.00");
        self.amt.meldung(BERG, 1, "500.00");
        assert_eq!(
            (&self.stand(ERFT)["stand"], &self.stand(BERG)["stand"]),
            (&"eingegangen".into(), &"verspaetet".into())
        );
        assert_eq!(self.stand(QUINOA)["gemeldet_durch"][0], NEUSS);
        self.on("2027-04-20");
        let wrong = self.paper_of(HAAN);
        self.office_because(&format!("meldung zuruecknehmen {wrong} --ja"), "Zahlen des Vorjahres");
        let (_, said) = self.bericht("ohne-haan");
        assert!(
            said.contains("6 von 7 Trägern haben gemeldet, 1 davon verspätet, 1 fehlen"),
            "{said}"
        );
        self.on("2027-04-22");
        self.amt.meldung(HAAN, 1, "310.00");
        let signed = self.paper_of(NEUSS);
        self.office(&format!("meldung bestaetigt {signed} --eingang 2027-04-21"));

        self.on("2027-05-01");
        let (last, said) = self.bericht("schlussbericht");
        assert!(
            said.contains("7 von 7 Trägern haben gemeldet, 2 davon verspätet, 0 fehlen"),
            "{said}"
        );
        assert!(said.contains("Verausgabtes Chancenbudget: 8.810,90 €"), "{said}");
        self.office("runde close cb-2026 --ja");
        let cookie = self.amt.server.log_in(HAAN);
        assert_eq!(
            self.amt.server.upload(&cookie, &self.own_form(HAAN, 1, "1.00")).status,
            409
        );
        let seen = self.amt.server.get(
            &format!("/meldung/eingang/{}", paper.data("vorgangsnummer")[0]),
            &cookie,
        );
        assert_eq!(seen.status, 404, "a paper is for its own Träger");
        last
    }

    /// What was left is carried over, a town becomes part of its Kreis, and earlier reports come out as they were.
    fn second_runde(&mut self, interim: &Bericht, last: &Bericht) {
        self.on("2028-01-10");
        let said = self.open(2027, ZUWEISUNGEN);
        // 300.300,00 allotted with the correction, 8.810,90 spent.
        assert!(said.contains("Übertragen werden insgesamt 291.489,10 €"), "{said}");
        self.on("2028-01-20");
        self.amt.meldung(HAAN, 1, "200.00");
        self.on("2028-02-12");
        self.traeger = self.traeger.replace(
            "gemeinsam@kreis.example;;\n10479",
            "gemeinsam@kreis.example;2028-01-31;10390\n10479",
        );
        self.import();
        self.office("runde update cb-2027 --ja");
        let stray: String = self
            .amt
            .server
            .query("SELECT nummer FROM meldung WHERE runde = 'cb-2027'");
        let said = self.office("meldung list --runde cb-2027");
        assert!(said.contains(&stray), "what nobody reports any more is named: {said}");
        let refused = self
            .amt
            .run(&["bericht", "write", "--runde", "cb-2027", "--out", "doppelt"]);
        let said = both(&refused);
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(
            said.contains(&stray) && said.contains("handler meldung zuruecknehmen"),
            "{said}"
        );
        let withdraw = format!("meldung zuruecknehmen {stray} --ja");
        self.office_because(&withdraw, "Der Kreis meldet für die Schule");
        self.confirms(METTMANN, &self.own_form(METTMANN, 3, "700.00"));
        self.confirms(NEUSS, &self.own_form(NEUSS, 3, "100.00"));
        let (_, said) = self.bericht("bericht-2027");
        assert!(said.contains("3 von 6 Trägern haben gemeldet"), "{said}");
        assert!(said.contains("Verausgabtes Chancenbudget: 2.400,00 €"), "{said}");
        self.on("2028-05-02");
        self.same_again("cb-2026", interim);
        self.same_again("cb-2026", last);

        self.office("auskunft schulamt@neuss.example --out auskunft");
        let letter = std::fs::read_to_string(self.amt.path("auskunft/auskunft.html")).expect("the letter");
        assert!(letter.contains("Schulträgernummer 10110"), "{letter}");
        assert!(!self.amt.files_with(b"schulamt@neuss.example").is_empty());
        self.office("loeschen --adresse schulamt@neuss.example --ja");
        assert_eq!(self.amt.files_with(b"schulamt@neuss.example"), [""; 0]);
        self.traeger = self.traeger.replace(", schulamt@neuss.example", "");
        self.on("2028-06-01");
        let said = self.office("loeschen --ja");
        assert!(said.contains("versuche"), "{said}");
        assert_eq!(
            self.amt.server.count("versuch"),
            0,
            "attempts of the year before are gone"
        );
        self.office("runde close cb-2027 --ja");
    }

    /// The database is lost; the copy takes its place, and the first paper is still good.
    fn a_disk_dies(&mut self, paper: &Answer) {
        self.office("backup sicherung.sqlite");
        let database = self.amt.server.database.clone();
        self.amt.server.end();
        for rest in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{rest}", database.display()));
        }
        std::fs::copy(self.amt.path("sicherung.sqlite"), &database).expect("the copy");
        let (nummer, kette) = (paper.data("vorgangsnummer").remove(0), paper.data("kette").remove(0));
        self.office(&format!("verify --eingang {nummer} {kette}"));
        self.amt.server.restart(|_| {});
        let cookie = self.amt.server.log_in(NEUSS);
        let again = self.amt.server.get(&format!("/meldung/eingang/{nummer}"), &cookie);
        assert_eq!((again.status, again.data("kette")), (200, vec![kette]));
    }

    /// One Kreis joins another before the Runde, a school closes in it, and an auditor asks about Neuss.
    fn third_runde(&mut self) {
        self.on("2029-01-09");
        let alone = "schultraeger-10479@example.org;;";
        let joined = "schultraeger-10479@example.org;2028-12-31;10510";
        self.traeger = self.traeger.replace(alone, joined);
        self.import();
        self.on("2029-01-10");
        assert!(self.open(2028, ZUWEISUNGEN).contains("9 Schulen"));
        self.amt.meldung(BERG, 2, "123.45");
        self.on("2029-02-01");
        self.schulen = self.schulen.replace("10730;189431;Minden, BK Leo-Sympher;30;\n", "");
        self.import();
        let said = self.office("runde update cb-2028");
        assert!(
            said.contains("189431") && said.contains("ihr Geld ist noch abzurechnen"),
            "{said}"
        );
        self.confirms(NEUSS, &self.own_form(NEUSS, 3, "777.77"));
        self.amt.meldung(METTMANN, 3, "888.88");

        self.on("2029-04-15");
        let (_, said) = self.bericht("bericht-2028");
        assert!(said.contains("4 von 5 Trägern haben gemeldet"), "{said}");
        let said = self.office(&format!("pruefakte {NEUSS} --out akte"));
        assert!(said.contains("3 Runden, 5 Meldungen"), "{said}");
        let proof = Command::new("sh")
            .arg("beweis.sh")
            .current_dir(self.amt.path("akte"))
            .output();
        let proof = proof.expect("a shell");
        assert!(proof.status.success(), "{}", both(&proof));
    }

    /// Somebody still reports, a mail and a faulty upload still wait; then everything goes but the chain.
    fn the_end(&mut self, paper: &Answer) {
        self.on("2034-07-31");
        // Nobody takes mails any more.
        self.amt.server.restart(|config| {
            let mail = config.mail.as_mut().expect("mails");
            (mail.folder, mail.smtp, mail.port, mail.tls) = (None, Some("127.0.0.1".to_owned()), Some(1), Tls::Aus);
        });
        self.amt.meldung(METTMANN, 3, "999.99");
        self.on("2034-08-01");
        let words = [("H5", Typed::Text("Herr Grimm fragen")), ("S5", Typed::Text(NOTE))];
        self.fails(NEUSS, &fill(&self.own_form(NEUSS, 3, "1.00"), "Schulen", &words));

        let nummer = paper.data("vorgangsnummer").remove(0);
        self.office(&format!("meldung file {nummer} --out mappe.xlsx"));
        let mut gone: Vec<Vec<u8>> = [
            "schultraeger-10110@example.org",
            "gemeinsam@kreis.example",
            "Stadt Haan",
            "Die Brücke",
            "Frau Holle",
            "Herr Grimm",
            "Hochwasser im Rathaus",
            "Zahlen des Vorjahres",
            "Rathaus ohne Internet",
            "Bescheid vom 3. Februar",
            "definition_sha256",
            "xl/worksheets",
            &nummer,
        ]
        .map(|text| text.as_bytes().to_vec())
        .into();
        gone.extend(fragments(&self.amt.path("mappe.xlsx")));
        for bytes in &gone {
            let text = String::from_utf8_lossy(bytes);
            assert!(
                !self.amt.files_with(bytes).is_empty(),
                "{text} is there as long as it may be"
            );
        }
        for table in ["wartend", "ausgang", "sitzung", "meldung", "geheimnis"] {
            assert!(self.amt.server.count(table) > 0, "{table}");
        }
        let entries = self.amt.server.count("journal");

        self.on("2034-08-02");
        let order = ["loeschen", "--programmende", "2034-07-31", "--anweisung", ORDER, "--ja"];
        let said = self.amt.done(&order);
        assert!(said.contains("meldungen_dateien"), "{said}");
        self.nothing_is_left_of(&gone);
        let only_chain = "SELECT group_concat(name) FROM sqlite_schema WHERE type = 'table' AND name LIKE 'journal%'";
        assert_eq!(self.amt.server.query::<String>(only_chain), "journal,journal_record");
        assert_eq!(self.amt.server.count("journal"), entries + 1);
        assert_eq!(
            self.amt.server.count("journal_record"),
            1,
            "the protocol of the deletion"
        );
        let said = self
            .amt
            .done(&["verify", "--eingang", &nummer, &paper.data("kette")[0]]);
        assert!(said.contains("Inhalt nach dem Löschkonzept gelöscht"), "{said}");
        let fields = "email=schultraeger-10110%40example.org&schultraegernummer=10110";
        assert_eq!(self.amt.server.post_form("/meldung/anmelden", "", fields).status, 403);
        self.amt.server.end();
        self.nothing_is_left_of(&gone);
    }

    fn nothing_is_left_of(&self, gone: &[Vec<u8>]) {
        for bytes in gone {
            let text = String::from_utf8_lossy(bytes);
            assert_eq!(self.amt.files_with(bytes), [""; 0], "{text}");
        }
    }
}

/// Pieces from all over a stored workbook, as they would lie in a page of the database.
fn fragments(workbook: &Path) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(workbook).expect("the workbook");
    let pieces = bytes.chunks_exact(32).step_by(bytes.len() / 32 / 12);
    pieces.map(<[u8]>::to_vec).collect()
}
