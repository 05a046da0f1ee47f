//! What a code means, for whoever has only the code: the office on the telephone.

/// A code of a finding in a few words.
pub fn code_words(code: &str) -> &'static str {
    match code {
        "S1" => "nicht das Formular, oder ein Blatt fehlt",
        "S2" => "eine Spalte, Zeile oder Beschriftung ist anders",
        "S3" => "Formular eines anderen Trägers",
        "S4" => "Formular einer anderen Runde oder Fassung",
        "S5" => "eine Schule fehlt, ist unbekannt oder steht doppelt da",
        "S6" => "eine vorgegebene Zelle ist geändert",
        "S7" => "Angaben, wo keine gelesen werden",
        "S8" => "noch viele weitere Stellen",
        "S9" => "viele gleiche Stellen",
        "S10" => "nichts eingetragen",
        "S11" => "Zeilen unterhalb der letzten, die gelesen wird",
        "S12" => "überholte Vorgaben",
        "V1" => "eine Angabe fehlt",
        "V2" => "keine Zahl oder kein Datum",
        "V3" => "eine Zahl ist zu klein oder zu groß",
        "V4" => "zu viele Nachkommastellen",
        "V5" => "ein Betrag ist zu hoch",
        "V6" => "eine Summe geht nicht auf",
        "V7" => "eine Angabe fehlt, die wegen einer anderen nötig ist",
        "V8" => "ein anderer Wert, als er hier stehen muss",
        "V9" => "ein Fehlerwert von Excel",
        "V10" => "eine Formel ohne Ergebnis",
        "V11" => "vielleicht Angaben zu einer Person",
        "V12" => "eine Angabe, wo wegen einer anderen keine stehen darf",
        "V13" => "ein Betrag, wo 0 stehen muss",
        "V14" => "zweimal dieselbe Angabe",
        "V15" => "dieselbe Angabe wie in einem anderen Feld",
        "V16" => "nicht aus der Liste gewählt",
        "V17" => "ein Text ist zu lang oder hat nicht die verlangte Form",
        "W1" => "zum Nachsehen",
        "W2" => "ein Betrag in vollen Tausend",
        "W3" => "weicht stark vom letzten Mal ab",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_words() {
        let texts = include_str!("texts.rs");
        let codes = texts.split('"').filter(|code| {
            let number = code.strip_prefix(['S', 'V', 'W']).unwrap_or_default();
            number.parse::<u8>().is_ok()
        });
        let mut seen = 0;
        for code in codes {
            seen += 1;
            assert!(!code_words(code).is_empty(), "{code}");
        }
        assert!(seen > 30, "{seen}");
    }
}
