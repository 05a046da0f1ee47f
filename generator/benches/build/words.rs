//! The German that benchmark pages are made of: real words, put together by chance that always falls the same way.

/// A tiny generator of numbers (SplitMix64): the same seed gives the same content on every machine.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    /// A number from `range`.
    pub fn within(&mut self, range: std::ops::Range<usize>) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        let length = u64::try_from(range.len()).unwrap_or(u64::MAX);
        range.start + usize::try_from(bits % length).unwrap_or(0)
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.within(0..times) == 0
    }

    pub fn of(&mut self, words: &[&'static str]) -> &'static str {
        words[self.within(0..words.len())]
    }
}

/// A sentence of eight to sixteen words. All nouns are plurals: these need neither article nor case.
pub fn sentence(chance: &mut Chance) -> String {
    let mut noun = || emphasised(chance, NOUNS);
    let (one, two, three) = (noun(), noun(), noun());
    let quality = emphasised(chance, QUALITIES);
    let (verb, manner, town) = (chance.of(VERBS), chance.of(MANNERS), chance.of(TOWNS));
    let (condition, state) = (chance.of(CONDITIONS), chance.of(STATES));
    match chance.within(0..5) {
        0 => format!("{one} {verb} {manner} {quality} {two}, {condition} {three} {state}."),
        1 => format!("In {town} {verb} {one} {manner} {quality} {two} für {three}."),
        2 => format!("{one} und {two} {verb} {manner} die Unterlagen für {quality} {three}."),
        3 => format!(
            "Seit {} {verb} {one} in {town} {manner} {two}, {condition} {quality} {three} {state}.",
            chance.within(2012..2026)
        ),
        _ => format!("Auch {quality} {one} {verb} {two}, {condition} {three} in {town} {state}."),
    }
}

/// A heading without its marks.
pub fn heading(chance: &mut Chance) -> String {
    let mut quality = chance.of(QUALITIES).chars();
    let initial: String = quality.next().into_iter().flat_map(char::to_uppercase).collect();
    format!(
        "{initial}{} {} in {}",
        quality.as_str(),
        chance.of(NOUNS),
        chance.of(TOWNS)
    )
}

fn emphasised(chance: &mut Chance, words: &[&'static str]) -> String {
    let word = chance.of(words);
    match chance.within(0..40) {
        0 => format!("**{word}**"),
        1 => format!("*{word}*"),
        _ => word.to_owned(),
    }
}

pub const NOUNS: &[&str] = &[
    "Abrechnungen",
    "Ämter",
    "Anhörungen",
    "Anträge",
    "Arbeitshilfen",
    "Aufbewahrungsfristen",
    "Aufsichtsbehörden",
    "Aufträge",
    "Auskünfte",
    "Ausschreibungen",
    "Bauvorhaben",
    "Bedarfsplanungen",
    "Behörden",
    "Beiträge",
    "Bekanntmachungen",
    "Belege",
    "Beratungsstellen",
    "Berechnungsgrundlagen",
    "Berichte",
    "Berichtszeiträume",
    "Bescheide",
    "Beschlüsse",
    "Betriebskosten",
    "Bewilligungsbescheide",
    "Bezirksregierungen",
    "Bildungseinrichtungen",
    "Bürgerbüros",
    "Datenübermittlungen",
    "Dienstleistungen",
    "Digitalisierungsvorhaben",
    "Eigenanteile",
    "Eingaben",
    "Einverständniserklärungen",
    "Einwilligungen",
    "Elternvertretungen",
    "Entscheidungen",
    "Ergebnisse",
    "Erlasse",
    "Ersatzschulen",
    "Fachberatungen",
    "Fachbereiche",
    "Familien",
    "Förderanträge",
    "Förderrichtlinien",
    "Förderschulen",
    "Fortbildungen",
    "Fragebögen",
    "Ganztagsangebote",
    "Gebühren",
    "Gebührenbescheide",
    "Gemeinden",
    "Genehmigungen",
    "Genehmigungsverfahren",
    "Gesetze",
    "Gespräche",
    "Grundschulen",
    "Grundstücke",
    "Gutachten",
    "Haushaltsmittel",
    "Haushaltspläne",
    "Hinweise",
    "Hochschulen",
    "Informationsveranstaltungen",
    "Investitionen",
    "Jahresabschlüsse",
    "Jugendämter",
    "Kindertageseinrichtungen",
    "Kommunen",
    "Kontrollen",
    "Kosten",
    "Kostenvoranschläge",
    "Kreise",
    "Kreisverwaltungen",
    "Landesbehörden",
    "Lehrkräfte",
    "Leistungen",
    "Leistungsbeschreibungen",
    "Maßnahmen",
    "Meldungen",
    "Mittelabrufe",
    "Muster",
    "Nachweise",
    "Nachweispflichten",
    "Netzwerke",
    "Öffnungszeiten",
    "Ordnungen",
    "Pauschalen",
    "Personalausgaben",
    "Pläne",
    "Planungsausschüsse",
    "Projekte",
    "Prüfberichte",
    "Prüfungen",
    "Rathäuser",
    "Räume",
    "Rechnungen",
    "Rechtsgrundlagen",
    "Regelungen",
    "Richtlinien",
    "Rückforderungen",
    "Sachkosten",
    "Satzungen",
    "Schulen",
    "Schulleitungen",
    "Schulträger",
    "Schulverwaltungsämter",
    "Sitzungen",
    "Sprachförderangebote",
    "Städte",
    "Stellungnahmen",
    "Steuerungsgruppen",
    "Termine",
    "Tätigkeitsberichte",
    "Übergangsregelungen",
    "Übersichten",
    "Umbauten",
    "Unterlagen",
    "Unterrichtsräume",
    "Vereinbarungen",
    "Verfahren",
    "Vergaben",
    "Verordnungen",
    "Verträge",
    "Vertretungen",
    "Verwaltungsvorschriften",
    "Verwendungsnachweise",
    "Vordrucke",
    "Vorhaben",
    "Widersprüche",
    "Zahlungen",
    "Zeitpläne",
    "Ziele",
    "Zusagen",
    "Zuständigkeiten",
    "Zuwendungen",
    "Zuwendungsempfängerverzeichnisse",
    "Zweckverbände",
    "Zwischenberichte",
];

const QUALITIES: &[&str] = &[
    "abschließende",
    "aktuelle",
    "allgemeine",
    "amtliche",
    "ausführliche",
    "barrierefreie",
    "befristete",
    "besondere",
    "beteiligte",
    "digitale",
    "eigene",
    "einheitliche",
    "elektronische",
    "erforderliche",
    "ergänzende",
    "fachbezogene",
    "finanzielle",
    "förderfähige",
    "frühere",
    "gemeinsame",
    "gesetzliche",
    "größere",
    "gültige",
    "hauptamtliche",
    "jährliche",
    "kirchliche",
    "kleinere",
    "kommunale",
    "laufende",
    "mehrjährige",
    "mündliche",
    "nachträgliche",
    "neue",
    "öffentliche",
    "örtliche",
    "persönliche",
    "private",
    "rechtliche",
    "regelmäßige",
    "regionale",
    "schriftliche",
    "staatliche",
    "städtische",
    "übergeordnete",
    "unterschriebene",
    "verbindliche",
    "vollständige",
    "vorläufige",
    "wichtige",
    "zusätzliche",
    "zuständige",
    "zweckgebundene",
];

const VERBS: &[&str] = &[
    "ändern",
    "beantragen",
    "bearbeiten",
    "begleiten",
    "begründen",
    "beschließen",
    "beschreiben",
    "bestätigen",
    "betreffen",
    "bewerten",
    "dokumentieren",
    "ergänzen",
    "erläutern",
    "ermöglichen",
    "ersetzen",
    "fördern",
    "genehmigen",
    "klären",
    "kontrollieren",
    "melden",
    "nutzen",
    "ordnen",
    "planen",
    "prüfen",
    "regeln",
    "sammeln",
    "sichern",
    "stärken",
    "steuern",
    "unterstützen",
    "veranlassen",
    "verändern",
    "veröffentlichen",
    "vertreten",
    "verwalten",
    "übernehmen",
];

const MANNERS: &[&str] = &[
    "anschließend",
    "auf Antrag",
    "außerdem",
    "bereits",
    "dauerhaft",
    "ebenfalls",
    "einmalig",
    "erneut",
    "erstmals",
    "fristgerecht",
    "frühzeitig",
    "gemeinsam",
    "grundsätzlich",
    "halbjährlich",
    "in der Regel",
    "künftig",
    "laufend",
    "monatlich",
    "möglichst",
    "nachweislich",
    "ohne Umwege",
    "regelmäßig",
    "rechtzeitig",
    "schriftlich",
    "sorgfältig",
    "überwiegend",
    "unmittelbar",
    "unverzüglich",
    "vollständig",
    "vor Ort",
    "vorab",
    "weiterhin",
    "zeitgleich",
    "zunächst",
    "zusätzlich",
    "zügig",
];

const CONDITIONS: &[&str] = &[
    "bevor", "bis", "falls", "nachdem", "obwohl", "sobald", "sofern", "solange", "während", "weil", "wenn",
];

const STATES: &[&str] = &[
    "ausreichen",
    "beginnen",
    "bestehen bleiben",
    "enden",
    "entfallen",
    "fehlen",
    "gelten",
    "genügen",
    "mitwirken",
    "rechtskräftig werden",
    "stattfinden",
    "vorliegen",
    "wegfallen",
    "zurückgehen",
    "zustande kommen",
    "zustimmen",
];

const TOWNS: &[&str] = &[
    "Aachen",
    "Bielefeld",
    "Bochum",
    "Bonn",
    "Borken",
    "Coesfeld",
    "Dortmund",
    "Duisburg",
    "Düren",
    "Düsseldorf",
    "Essen",
    "Euskirchen",
    "Gelsenkirchen",
    "Gütersloh",
    "Hagen",
    "Höxter",
    "Köln",
    "Krefeld",
    "Lüdenscheid",
    "Minden",
    "Mönchengladbach",
    "Mülheim",
    "Münster",
    "Paderborn",
    "Siegen",
    "Soest",
    "Wuppertal",
];
