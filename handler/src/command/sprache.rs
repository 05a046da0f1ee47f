//! What the command line says of itself, in German: help, usage, and what is wrong with what was typed.

use crate::clock::read_day;
use clap::builder::PossibleValue;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, Error};
use jiff::civil::Date;
use std::any::TypeId;
use std::io;
use std::process::ExitCode;

/// A command with all below it as people read it.
pub(super) fn german(command: Command) -> Command {
    let version = Arg::new("version")
        .short('V')
        .long("version")
        .action(ArgAction::Version)
        .help("Zeigt die Version")
        .help_heading(ALLGEMEIN);
    let mut command = worded(command.disable_version_flag(true)).arg(version);
    command.build();
    with_usage(command)
}

const ANGABEN: &str = "Angaben";
const OPTIONEN: &str = "Optionen";
const ALLGEMEIN: &str = "Für jeden Befehl";

fn worded(command: Command) -> Command {
    let style = *command.get_styles().get_usage();
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::HelpShort)
        .help("Zeigt diese Hilfe")
        .help_heading(ALLGEMEIN);
    command
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .mut_args(argument)
        .arg(help)
        .mut_subcommands(worded)
        .subcommand_help_heading("Befehle")
        .subcommand_value_name("BEFEHL")
        .help_template(format!(
            "{{before-help}}{{about-with-newline}}\n{style}Aufruf:{style:#} {{usage}}\n\n{{all-args}}{{after-help}}"
        ))
}

/// Says in the help what clap would say in English behind it.
fn argument(argument: Arg) -> Arg {
    let heading = match () {
        () if argument.is_positional() => ANGABEN,
        () if argument.is_global_set() => ALLGEMEIN,
        () => OPTIONEN,
    };
    let argument = argument.help_heading(heading);
    if !argument.get_action().takes_values() {
        return argument;
    }
    let mut help: Vec<String> = argument.get_help().map(ToString::to_string).into_iter().collect();
    let possible = argument.get_possible_values();
    if !possible.is_empty() {
        let names: Vec<&str> = possible.iter().map(PossibleValue::get_name).collect();
        help.push(format!("[möglich: {}]", names.join(", ")));
    }
    if let [default] = argument.get_default_values() {
        help.push(format!("[sonst:\u{a0}{}]", default.to_string_lossy()));
    }
    let is_day = argument.get_value_parser().type_id() == TypeId::of::<Date>();
    let argument = argument
        .help(help.join(" "))
        .hide_default_value(true)
        .hide_possible_values(true);
    if is_day { argument.value_parser(day) } else { argument }
}

fn day(text: &str) -> Result<Date, String> {
    read_day(text).ok_or_else(|| "ein Tag wird so geschrieben: 2027-03-31 oder 31.3.2027".to_owned())
}

/// Only a command that is built knows its full name.
fn with_usage(mut command: Command) -> Command {
    let usage = command.render_usage().to_string();
    command = command.override_usage(usage.trim_start_matches("Usage: ").replace("[OPTIONS]", "[OPTIONEN]"));
    for below in command.get_subcommands_mut() {
        *below = with_usage(std::mem::take(below));
    }
    command
}

/// Prints what was asked for, or what is wrong with what was typed.
pub(super) fn answer(error: &Error, command: &Command) -> ExitCode {
    match sentence(error) {
        Some(sentence) => eprintln!("{sentence}\n\n{}", usage(command, std::env::args())),
        None => {
            // Whoever does not listen misses nothing.
            let _ = error.print();
        }
    }
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

/// What is wrong; `None` where help or version were asked for.
fn sentence(error: &Error) -> Option<String> {
    let of = |kind| text(error, kind);
    let (argument, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
    let number = |kind| match error.get(kind) {
        Some(ContextValue::Number(number)) => *number,
        _ => 0,
    };
    let said = match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::DisplayVersion
        | ErrorKind::Io
        | ErrorKind::Format => return None,
        ErrorKind::InvalidValue if value.is_empty() => format!("Hinter {argument} fehlt die Angabe."),
        ErrorKind::InvalidValue => format!(
            "„{value}“ passt nicht zu {argument}. Möglich ist: {}.",
            of(ContextKind::ValidValue)
        ),
        ErrorKind::ValueValidation if value.trim().is_empty() => format!("Hinter {argument} fehlt die Angabe."),
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map(|why| format!(": {why}"));
            format!("„{value}“ passt nicht zu {argument}{}.", why.unwrap_or_default())
        }
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            format!(
                "Die Option {argument} gibt es hier nicht.{}",
                meant(&of(ContextKind::SuggestedArg))
            )
        }
        ErrorKind::UnknownArgument => format!(
            "Mit „{argument}“ ist hier nichts anzufangen. Angaben mit Leerzeichen gehören in Anführungszeichen."
        ),
        ErrorKind::InvalidSubcommand => format!(
            "Den Befehl „{}“ gibt es nicht.{}",
            of(ContextKind::InvalidSubcommand),
            meant(&of(ContextKind::SuggestedSubcommand))
        ),
        ErrorKind::MissingRequiredArgument => {
            let missing = argument.replace("<--", "--").replace(">>", ">").replace('|', " oder ");
            format!("Es fehlt: {missing}.")
        }
        ErrorKind::ArgumentConflict => match of(ContextKind::PriorArg) {
            prior if prior == argument => format!("{argument} darf nur einmal stehen."),
            prior => format!("{argument} und {prior} gehen nicht zusammen."),
        },
        ErrorKind::WrongNumberOfValues => format!(
            "Hinter {argument} gehören {} Angaben, nicht {}.",
            number(ContextKind::ExpectedNumValues),
            number(ContextKind::ActualNumValues)
        ),
        ErrorKind::InvalidUtf8 => "Eine Angabe enthält Zeichen, die sich nicht lesen lassen.".to_owned(),
        _ => "Dieser Aufruf ist nicht vollständig oder hat zu viele Angaben.".to_owned(),
    };
    Some(said)
}

fn meant(what: &str) -> String {
    if what.is_empty() {
        return String::new();
    }
    format!(" Gemeint ist vielleicht: {what}.")
}

/// How the command is called, and where more is said.
fn usage(command: &Command, typed: impl Iterator<Item = String>) -> String {
    let command = typed.fold(command, |command, word| {
        command.find_subcommand(word).unwrap_or(command)
    });
    format!(
        "Aufruf: {}\nMehr dazu: {} --help",
        command
            .get_overridden_usage()
            .map(ToString::to_string)
            .unwrap_or_default(),
        command.get_bin_name().unwrap_or("handler")
    )
}

fn text(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        _ => String::new(),
    }
}

/// A failure with its causes, where the system speaks English in German.
pub(super) fn in_words(error: &anyhow::Error) -> String {
    let causes = error.chain().map(|cause| match cause.downcast_ref::<io::Error>() {
        Some(system) => system_error(system),
        None => cause.to_string(),
    });
    let text = causes.collect::<Vec<_>>().join(": ");
    if text.ends_with(['.', '!', '?']) {
        text
    } else {
        format!("{text}.")
    }
}

fn system_error(error: &io::Error) -> String {
    let words = match error.kind() {
        io::ErrorKind::NotFound => "die Datei oder ihr Ordner ist nicht da",
        io::ErrorKind::PermissionDenied => "die Rechte reichen dafür nicht",
        io::ErrorKind::AlreadyExists => "das gibt es schon",
        io::ErrorKind::IsADirectory => "das ist ein Ordner",
        io::ErrorKind::NotADirectory => "ein Teil davon ist kein Ordner",
        io::ErrorKind::StorageFull => "der Datenträger ist voll",
        io::ErrorKind::ReadOnlyFilesystem => "der Datenträger lässt sich nur lesen",
        io::ErrorKind::AddrInUse => "die Adresse wird schon benutzt",
        _ => return error.to_string(),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::command;
    use super::*;

    fn answered(line: &str) -> (ErrorKind, String) {
        let error = command()
            .try_get_matches_from(std::iter::once("handler").chain(line.split(' ').filter(|word| !word.is_empty())))
            .expect_err("nothing to run");
        (
            error.kind(),
            sentence(&error).unwrap_or_else(|| error.render().to_string()),
        )
    }

    #[test]
    fn whatever_is_wrong_is_said_in_german() {
        for (line, kind, said) in [
            (
                "meldung list",
                ErrorKind::MissingRequiredArgument,
                "Es fehlt: --runde <KENNUNG>.",
            ),
            (
                "register adresse 10054",
                ErrorKind::MissingRequiredArgument,
                "Es fehlt: --neu <EMAIL> oder --entfernen <EMAIL> oder --sperren <EMAIL>.",
            ),
            (
                "meldung list --runde",
                ErrorKind::InvalidValue,
                "Hinter --runde <KENNUNG> fehlt die Angabe.",
            ),
            (
                "meldung list --rolle=",
                ErrorKind::ValueValidation,
                "Hinter --rolle <FUNKTION> fehlt die Angabe.",
            ),
            (
                "meldung list --rund cb-2026",
                ErrorKind::UnknownArgument,
                "Die Option --rund gibt es hier nicht. Gemeint ist vielleicht: --runde.",
            ),
            (
                "meldung list cb-2026 --runde cb-2026",
                ErrorKind::UnknownArgument,
                "Mit „cb-2026“ ist hier nichts anzufangen. Angaben mit Leerzeichen gehören in Anführungszeichen.",
            ),
            (
                "meldung list --runde a --runde b",
                ErrorKind::ArgumentConflict,
                "--runde <KENNUNG> darf nur einmal stehen.",
            ),
            (
                "meldung list --runde a --xlsx b --json",
                ErrorKind::ArgumentConflict,
                "--xlsx <DATEI> und --json gehen nicht zusammen.",
            ),
            (
                "meldung lst",
                ErrorKind::InvalidSubcommand,
                "Den Befehl „lst“ gibt es nicht. Gemeint ist vielleicht: list.",
            ),
            (
                "completions basch",
                ErrorKind::InvalidValue,
                "„basch“ passt nicht zu <SHELL>. Möglich ist: bash, elvish, fish, powershell, zsh.",
            ),
            (
                "runde frist a --traeger 1 --grund x --bis bald",
                ErrorKind::ValueValidation,
                "„bald“ passt nicht zu --bis <TAG>: ein Tag wird so geschrieben: 2027-03-31 oder 31.3.2027.",
            ),
            (
                "verify --eingang CB-2026",
                ErrorKind::WrongNumberOfValues,
                "Hinter --eingang <NUMMER> <KETTE> gehören 2 Angaben, nicht 1.",
            ),
        ] {
            assert_eq!(answered(line), (kind, said.to_owned()), "{line}");
        }
    }

    #[test]
    fn a_wrong_call_shows_the_right_one() {
        let typed = ["handler", "--rolle", "Kasse", "meldung", "file", "CB-2026"];
        expect_test::expect![[r#"
            Aufruf: handler meldung file [OPTIONEN] --out <DATEI> <NUMMER>
            Mehr dazu: handler meldung file --help"#]]
        .assert_eq(&usage(&command(), typed.map(str::to_owned).into_iter()));
    }

    #[test]
    fn every_help_is_german_and_has_an_example() {
        fn check(command: &mut Command) {
            let help = command.render_help().to_string();
            for english in [
                "Usage",
                "ommand",
                "ptions",
                "OPTIONS",
                "Print",
                "default",
                "possible",
                "Arguments",
            ] {
                assert!(!help.contains(english), "{english} in:\n{help}");
            }
            assert!(
                help.contains("Aufruf: handler") && help.contains("Zeigt diese Hilfe"),
                "{help}"
            );
            let mut leaf = true;
            for below in command.get_subcommands_mut() {
                check(below);
                leaf = false;
            }
            assert!(!leaf || help.contains("Beispiel"), "{help}");
            // A line to be copied is not broken.
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in after.lines().filter(|line| line.starts_with("  ")) {
                assert!(line.chars().count() <= 100, "{line}");
            }
        }
        check(&mut command());
    }

    #[test]
    fn what_the_system_refuses_is_said_in_german() {
        let missing = anyhow::Error::from(io::Error::from(io::ErrorKind::NotFound));
        assert_eq!(
            in_words(&missing.context("traeger.csv lässt sich nicht lesen")),
            "traeger.csv lässt sich nicht lesen: die Datei oder ihr Ordner ist nicht da."
        );
    }

    #[test]
    fn help_and_version_are_no_mistake() {
        for (line, kind) in [
            ("meldung list --help", ErrorKind::DisplayHelp),
            ("meldung", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand),
            ("-V", ErrorKind::DisplayVersion),
        ] {
            let (found, said) = answered(line);
            assert_eq!(found, kind);
            assert!(!said.contains("Usage"), "{said}");
        }
    }
}
