//! The commands there are, which arguments each takes, and what it hands to its template.

use std::collections::BTreeMap;

use form::loeschkonzept::Fall;
use form::problem::nearest;
use jiff::civil::Date;
use tera::Value;

use super::Call;
use super::values::{date_value, sha256_text, size_text};
use crate::chart;
use crate::image;
use crate::page::Page;
use crate::problem::{self, Refusal, Source};
use crate::source_files::SourceText;
use crate::surroundings::{Byproducts, SiteFile, Surroundings};

/// A period as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frist {
    pub klasse: String,
    pub words: String,
}

/// The HTML of a command; with a body, what stands before and after it.
pub struct Block {
    pub before: String,
    pub after: Option<String>,
}

/// What a command is called, where it stands, and what it takes.
struct Command {
    name: &'static str,
    place: Place,
    required: &'static [&'static str],
    optional: &'static [&'static str],
    example: &'static str,
}

#[derive(PartialEq, Eq)]
enum Place {
    Sentence,
    Paragraph,
    Body,
}

const COMMANDS: [Command; 8] = [
    Command {
        name: "frist",
        place: Place::Sentence,
        required: &["id"],
        optional: &["fall"],
        example: "{{ frist(id=\"serverprotokoll\") }} oder {{ frist(id=\"serverprotokoll\", fall=\"dativ\") }}",
    },
    Command {
        name: "hinweis",
        place: Place::Body,
        required: &[],
        optional: &["art", "titel"],
        example: "{% hinweis(art=\"wichtig\", titel=\"Frist beachten\") %}",
    },
    Command {
        name: "zitat",
        place: Place::Body,
        required: &["von"],
        optional: &["quelle"],
        example: "{% zitat(von=\"Name, Funktion\") %}",
    },
    Command {
        name: "formular",
        place: Place::Paragraph,
        required: &["kennung"],
        optional: &[],
        example: "{{ formular(kennung=\"chancenbudget\") }}",
    },
    Command {
        name: "download",
        place: Place::Paragraph,
        required: &["datei", "titel"],
        optional: &["stand"],
        example: "{{ download(datei=\"/programm/merkblatt.pdf\", titel=\"Merkblatt\", stand=\"2026-11-01\") }}",
    },
    Command {
        name: "kontakt",
        place: Place::Paragraph,
        required: &[],
        optional: &["titel"],
        example: "{{ kontakt() }}",
    },
    Command {
        name: "zweiklick",
        place: Place::Paragraph,
        required: &["adresse", "titel", "anbieter"],
        optional: &[],
        example: "{{ zweiklick(adresse=\"https://…\", titel=\"Film zum Programm\", anbieter=\"Name des Dienstes\") }}",
    },
    Command {
        name: "diagramm",
        place: Place::Paragraph,
        required: &["datei", "titel", "beschreibung"],
        optional: &["art", "einheit"],
        example: "{{ diagramm(datei=\"zahlen.csv\", titel=\"Schulen je Bezirk\", beschreibung=\"Die meisten liegen in …\", art=\"saeulen\") }}",
    },
];

/// Stands for the body while the template is rendered; no text holds it.
const BODY: &str = "\u{e002}";

/// Whether the command in these braces is one that stands as a paragraph of its own.
pub fn is_block(text: &str) -> bool {
    super::call(text).is_ok_and(|call| find(call.name).is_ok_and(|command| command.place != Place::Sentence))
}

/// Whether a command that was refused was meant to stand around other paragraphs, and so may have its `{% ende %}`.
pub fn may_have_body(text: &str) -> bool {
    let inner = text.trim_start_matches(['{', '%']);
    let name = inner.split(['(', '%', '}']).next().unwrap_or_default();
    match find(name.trim()) {
        Ok(command) => command.place == Place::Body,
        Err(_) => text.starts_with("{%"),
    }
}

/// A command within a sentence: there is only `frist`.
pub fn inline(call: &Call<'_>, around: &Surroundings<'_>) -> Result<Frist, Refusal> {
    let command = find(call.name)?;
    if command.place != Place::Sentence {
        return Err((
            "E-KURZBEFEHL",
            format!("Der Befehl „{}“ steht nicht allein in seinem Absatz.", call.name),
            "Lassen Sie davor und danach eine Zeile leer.".to_owned(),
        ));
    }
    command.check_arguments(call)?;
    let fall = match call.get("fall") {
        None | Some("nominativ") => Fall::Nominativ,
        Some("dativ") => Fall::Dativ,
        Some(other) => {
            return Err(command.wrong(
                format!("Den Fall „{other}“ kennt frist nicht."),
                "Möglich sind nominativ und dativ.",
            ));
        }
    };
    let id = call.get("id").unwrap_or_default();
    let words = around.klassen.find(id)?.map(|klasse| klasse.frist_text(fall));
    Ok(Frist {
        klasse: id.to_owned(),
        words: words.unwrap_or_default(),
    })
}

/// A command that is a paragraph or stands around some.
pub fn block(call: &Call<'_>, around: &Surroundings<'_>, made: &mut Byproducts) -> Result<Block, Refusal> {
    let command = find(call.name)?;
    command.check_arguments(call)?;
    let mut values: Values = call
        .arguments
        .iter()
        .map(|(key, value)| ((*key).to_owned(), Value::from(*value)))
        .collect();
    for key in command.optional {
        values.entry((*key).to_owned()).or_insert_with(|| Value::from(""));
    }
    match call.name {
        "hinweis" => hinweis(command, call, &mut values)?,
        "formular" => formular(call, around, made, &mut values)?,
        "download" => download(command, call, around, made, &mut values)?,
        "kontakt" => kontakt(around, &mut values)?,
        "zweiklick" => zweiklick(command, call, made)?,
        "diagramm" => diagramm(command, call, around, made, &mut values)?,
        _ => {}
    }
    if command.place == Place::Body {
        values.insert("inhalt".to_owned(), Value::safe_string(BODY));
    }
    let html = render(command, around, values, made)?;
    let html = html.trim_end();
    Ok(match html.split_once(BODY) {
        Some((before, after)) => Block {
            before: before.to_owned(),
            after: Some(after.to_owned()),
        },
        None => Block {
            before: html.to_owned(),
            after: (command.place == Place::Body).then(String::new),
        },
    })
}

type Values = BTreeMap<String, Value>;

fn render(
    command: &Command,
    around: &Surroundings<'_>,
    values: Values,
    made: &mut Byproducts,
) -> Result<String, Refusal> {
    let Some((theme, (_, page))) = around.theme.zip(around.site) else {
        return Ok(String::new());
    };
    match theme.render_command(command.name, values, &page.source_file) {
        None => Err((
            "E-KURZBEFEHL",
            format!("Das Thema hat keine Vorlage für den Befehl „{}“.", command.name),
            format!(
                "Legen Sie {}/templates/kurzbefehle/{}.html an.",
                theme.shown, command.name
            ),
        )),
        Some(Ok(html)) => Ok(html),
        Some(Err(found)) => {
            made.problems.extend(found);
            Ok(String::new())
        }
    }
}

fn find(name: &str) -> Result<&'static Command, Refusal> {
    COMMANDS.iter().find(|command| command.name == name).ok_or_else(|| {
        let names = COMMANDS.map(|command| command.name);
        let remedy = match nearest(name, &names) {
            Some(near) => format!("Meinten Sie „{near}“?"),
            None => format!("Es gibt: {}.", names.join(", ")),
        };
        ("E-KURZBEFEHL", format!("Den Befehl „{name}“ gibt es nicht."), remedy)
    })
}

impl Command {
    /// Every argument is known, none is there twice, and none that is needed is missing or empty.
    fn check_arguments(&self, call: &Call<'_>) -> Result<(), Refusal> {
        for (index, (key, _)) in call.arguments.iter().enumerate() {
            if !self.required.contains(key) && !self.optional.contains(key) {
                return Err(self.wrong(format!("Die Angabe „{key}“ kennt {} nicht.", self.name), ""));
            }
            if call.arguments[..index].iter().any(|(before, _)| before == key) {
                return Err(self.wrong(format!("Die Angabe „{key}“ steht zweimal da."), ""));
            }
        }
        let is_missing = |key: &&&str| call.get(key).is_none_or(|value| value.trim().is_empty());
        match self.required.iter().find(is_missing) {
            Some(key) => Err(self.wrong(format!("Bei {} fehlt die Angabe „{key}“.", self.name), "")),
            None => Ok(()),
        }
    }

    fn wrong(&self, message: String, remedy: &str) -> Refusal {
        let remedy = if remedy.is_empty() {
            format!("Schreiben Sie {}.", self.example)
        } else {
            remedy.to_owned()
        };
        ("E-KURZBEFEHL-ANGABE", message, remedy)
    }
}

fn hinweis(command: &Command, call: &Call<'_>, values: &mut Values) -> Result<(), Refusal> {
    let art = match call.get("art") {
        None => "info",
        Some(art @ ("info" | "wichtig" | "warnung")) => art,
        Some(other) => {
            return Err(command.wrong(
                format!("Die Art „{other}“ kennt hinweis nicht."),
                "Möglich sind info, wichtig und warnung.",
            ));
        }
    };
    values.insert("art".to_owned(), art.into());
    Ok(())
}

fn formular(
    call: &Call<'_>,
    around: &Surroundings<'_>,
    made: &mut Byproducts,
    values: &mut Values,
) -> Result<(), Refusal> {
    let kennung = call.get("kennung").unwrap_or_default();
    let Some((site, _)) = around.site else { return Ok(()) };
    let file = format!("formularschrank/{kennung}/index.md");
    // What is wrong with a form, or with the page beside it, has been reported there.
    let is_form = |page: &&Page| page.file == file && (page.form.is_some() || page.is_incomplete);
    let Some(page) = site.pages.iter().find(is_form) else {
        let known: Vec<&str> = site.forms.iter().map(|form| form.kennung.as_str()).collect();
        let remedy = match nearest(kennung, &known) {
            Some(near) => format!("Meinten Sie „{near}“?"),
            None => format!("Es gibt: {}.", known.join(", ")),
        };
        return Err((
            "E-KURZBEFEHL-ANGABE",
            format!("Das Formular „{kennung}“ gibt es nicht."),
            remedy,
        ));
    };
    made.reads
        .push((format!("formular:{kennung}"), page.facts() ^ page.form_digest));
    let head = &page.front_matter;
    values.extend([
        ("title".to_owned(), Value::from(head.title.as_str())),
        ("path".to_owned(), page.path.as_str().into()),
        ("description".to_owned(), head.description.as_str().into()),
        (
            "stand".to_owned(),
            date_value(head.stand.as_ref().map(|stand| stand.value)),
        ),
        (
            "valid_until".to_owned(),
            date_value(head.valid_until.as_ref().map(|until| until.value)),
        ),
        (
            "version".to_owned(),
            page.form
                .as_ref()
                .map_or_else(Value::none, |form| form.version.as_str().into()),
        ),
    ]);
    Ok(())
}

fn download(
    command: &Command,
    call: &Call<'_>,
    around: &Surroundings<'_>,
    made: &mut Byproducts,
    values: &mut Values,
) -> Result<(), Refusal> {
    let file = around.file(call.get("datei").unwrap_or_default(), made)?;
    let bytes = read(&file)?;
    let stand = match call.get("stand").map(str::parse::<Date>) {
        None => None,
        Some(Ok(day)) => Some(day),
        Some(Err(_)) => {
            return Err(command.wrong(
                "Bei stand wird ein Tag erwartet.".to_owned(),
                "Schreiben Sie das Jahr zuerst: stand=\"2026-11-01\".",
            ));
        }
    };
    let ending = file.address.rsplit_once('.').map_or("", |(_, ending)| ending);
    values.extend([
        ("path".to_owned(), Value::from(file.address.as_str())),
        ("art".to_owned(), ending.to_uppercase().into()),
        ("groesse".to_owned(), size_text(bytes.len()).into()),
        ("stand".to_owned(), date_value(stand)),
        ("sha256".to_owned(), sha256_text(&bytes).into()),
    ]);
    Ok(())
}

fn kontakt(around: &Surroundings<'_>, values: &mut Values) -> Result<(), Refusal> {
    let Some((site, _)) = around.site else { return Ok(()) };
    let Some(contact) = &site.config.contact else {
        return Err((
            "E-KURZBEFEHL",
            "In site.toml steht kein Kontakt.".to_owned(),
            "Ergänzen Sie dort den Abschnitt [contact] mit name, address, phone und email.".to_owned(),
        ));
    };
    values.extend([
        ("name".to_owned(), Value::from(contact.name.as_str())),
        ("address".to_owned(), Value::from_serializable(&contact.address)),
        ("phone".to_owned(), contact.phone.as_str().into()),
        ("phone_link".to_owned(), contact.phone_link().into()),
        ("email".to_owned(), contact.email.as_str().into()),
        ("hours".to_owned(), contact.hours.as_str().into()),
    ]);
    Ok(())
}

/// The frame is made by a script after a click; without one the card is a link.
fn zweiklick(command: &Command, call: &Call<'_>, made: &mut Byproducts) -> Result<(), Refusal> {
    let address = call.get("adresse").unwrap_or_default();
    let host = address
        .strip_prefix("https://")
        .map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    match host {
        Some(host) if !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:".contains(c)) => {
            made.frames.push(format!("https://{host}"));
            Ok(())
        }
        Some(_) => Err(command.wrong(format!("„{address}“ nennt keinen Server."), "")),
        None => Err(command.wrong(format!("„{address}“ beginnt nicht mit https://."), "")),
    }
}

/// The picture is a file of its own beside the page; the numbers stand in a table as well.
fn diagramm(
    command: &Command,
    call: &Call<'_>,
    around: &Surroundings<'_>,
    made: &mut Byproducts,
    values: &mut Values,
) -> Result<(), Refusal> {
    let kind = match call.get("art") {
        None | Some("saeulen") => chart::Kind::Saeulen,
        Some("linie") => chart::Kind::Linie,
        Some(other) => {
            return Err(command.wrong(
                format!("Die Art „{other}“ kennt diagramm nicht."),
                "Möglich sind saeulen und linie.",
            ));
        }
    };
    let Some((site, page)) = around.site else { return Ok(()) };
    let file = around.file(call.get("datei").unwrap_or_default(), made)?;
    let shown = format!("{}{}", site.inventory.shown, file.address);
    let text = SourceText::read(&file.on_disk, shown.clone(), &mut made.problems).text;
    let text = text.ok_or_else(problem::said)?;
    let table = chart::parse(&text).map_err(|found| {
        let source = Source {
            file: &shown,
            text: &text,
        };
        let problem = source.error_at("E-DIAGRAMM", found.line, found.column, found.message, found.remedy);
        made.problems.push(problem);
        problem::said()
    })?;
    let svg = chart::svg(&chart::Chart {
        kind,
        title: call.get("titel").unwrap_or_default(),
        description: call.get("beschreibung").unwrap_or_default(),
        unit: call.get("einheit").unwrap_or_default(),
        table: &table,
    });
    let address = format!("{}diagramm-{}.svg", page.path, made.files.len() + 1);
    let (width, height) = image::svg_size(&svg).unwrap_or_default();
    values.extend([
        ("path".to_owned(), Value::from(address.as_str())),
        ("csv".to_owned(), file.address.as_str().into()),
        ("csv_groesse".to_owned(), size_text(text.len()).into()),
        ("width".to_owned(), (width as u64).into()),
        ("height".to_owned(), (height as u64).into()),
        ("table".to_owned(), Value::from_serializable(&table.text())),
    ]);
    made.files.push((address[1..].to_owned(), svg.into_bytes()));
    Ok(())
}

fn read(file: &SiteFile) -> Result<Vec<u8>, Refusal> {
    std::fs::read(&file.on_disk).map_err(|error| {
        let message = format!("Die Datei „{}“ lässt sich nicht lesen: {error}.", file.address);
        let remedy = "Prüfen Sie, ob die Datei noch da ist und wer sie lesen darf.".to_owned();
        ("E-LESEN", message, remedy)
    })
}
