//! What the deletion concept promises about logins and mails, and whether this program keeps it.

use crate::config::Config;
use crate::store::{anmeldecode, fehlversuch, sitzung};
use anyhow::{Context, Result, bail};
use form::loeschkonzept::{Ende, Loeschkonzept};

/// Reads the concept that was published with the site; refuses to serve what would break it.
pub fn check(config: &Config) -> Result<()> {
    let path = config.site.join("handler/loeschkonzept.toml");
    let source = std::fs::read_to_string(&path)
        .with_context(|| format!("{} fehlt. „generator build“ erzeugt es", path.display()))?;
    let konzept = Loeschkonzept::parse(&source)
        .map_err(|problems| anyhow::anyhow!("{} ist fehlerhaft: {problems:?}", path.display()))?;
    compare(&konzept, config)
}

/// Nothing may be kept for longer than is promised, and whatever is kept needs a promise.
fn compare(konzept: &Loeschkonzept, config: &Config) -> Result<()> {
    let mut kept = vec![
        ("sitzung_untaetig", sitzung::IDLE_SECONDS),
        ("sitzung_hoechstens", sitzung::LONGEST_SECONDS),
        ("wartende_uploads", sitzung::LONGEST_SECONDS),
        ("anmeldeversuche", fehlversuch::FORGET_SECONDS),
    ];
    if config.anmeldung.code_per_mail {
        kept.push(("anmeldecode", anmeldecode::CODE_SECONDS));
    }
    if let Some(mail) = &config.mail {
        kept.push(("ausgehende_mails", mail.give_up_after_seconds()));
    }
    for (id, seconds) in kept {
        let Some(klasse) = konzept.klasse(id) else {
            bail!("Dem Löschkonzept fehlt die Löschklasse „{id}“; ohne sie darf nichts davon gespeichert werden");
        };
        match &klasse.ende {
            Ende::Frist(frist) if frist.at_least_seconds() < seconds.unsigned_abs() => bail!(
                "Das Löschkonzept verspricht, „{id}“ nach {} zu löschen; eingestellt ist länger",
                klasse.frist_text(form::loeschkonzept::Fall::Dativ)
            ),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(change: impl Fn(&str) -> String, more: &str) -> Result<()> {
        let concept = include_str!("../../content/startchancen-nrw/loeschkonzept.toml");
        let konzept = Loeschkonzept::parse(&change(concept)).expect("a concept");
        let config = format!("site = \"s\"\ndatabase = \"d\"\npublic_url = \"https://www.example.nrw\"\n{more}");
        compare(&konzept, &toml::from_str(&config).expect("a configuration"))
    }

    #[test]
    fn what_is_kept_for_longer_than_promised_is_refused() {
        let mail =
            |days: u32| format!("[mail]\nfrom = \"a@example.nrw\"\nfolder = \"post\"\ngive_up_after_days = {days}");
        assert!(compared(str::to_owned, "[anmeldung]\ncode_per_mail = true").is_ok());
        assert!(compared(str::to_owned, &mail(3)).is_ok());
        let said = compared(str::to_owned, &mail(4)).expect_err("too long").to_string();
        assert!(said.contains("„ausgehende_mails“ nach drei Tagen"), "{said}");
        let shorter = |concept: &str| concept.replace("PT30M", "PT20M");
        let said = compared(shorter, "").expect_err("too long").to_string();
        assert!(said.contains("„sitzung_untaetig“ nach 20 Minuten"), "{said}");
    }

    #[test]
    fn what_is_kept_without_a_promise_is_refused() {
        let without = |concept: &str| concept.replace("id = \"anmeldecode\"", "id = \"anderes\"");
        assert!(compared(without, "").is_ok(), "no code is ever kept");
        assert!(compared(without, "[anmeldung]\ncode_per_mail = true").is_err());
    }
}
