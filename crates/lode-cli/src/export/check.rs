//! Files of records, read line by line.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use lode_batch::{Checked, Checker, Family, Form, Limits};
use lode_model::ModelId;
use lode_report::{clean, whole};

use crate::args::BatchArgs;
use crate::input::InputError;
use crate::{Exit, Shell, commands};

/// Checks the files of one job.
///
/// # Errors
/// When a file cannot be read to its end.
pub(crate) fn files(
    files: &[PathBuf],
    limits: Limits,
    (form, model): (Option<Form>, &ModelId),
) -> Result<Checked, InputError> {
    let mut checker = Checker::new(limits, form, Family::of(model));
    let mut line = Vec::new();
    for path in files {
        let unreadable = |cause| InputError::Unreadable { path: path.clone(), cause };
        let mut reader = BufReader::new(File::open(path).map_err(unreadable)?);
        checker.file();
        loop {
            line.clear();
            if reader.read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
                break;
            }
            checker.line(&line);
        }
    }
    Ok(checker.finish())
}

/// `lode export batch --check`.
pub(crate) fn run(args: &BatchArgs, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    let (form, model) = expected(args);
    let checked = files(&args.check, args.quotas.limits(), (form, &model))?;
    let mut lines = told(&checked, &args.check);
    let of = |number: u64, one: &str| format!("{} {one}{}", whole(number.into()), if number == 1 { "" } else { "s" });
    let found = checked.violations.len() as u64 + checked.more;
    lines.push(if checked.is_sound() {
        let form = form.map_or("any form", Form::as_str);
        let model = if model.as_str().is_empty() { "any model".to_owned() } else { clean(model.as_str()) };
        format!("{}, all as a job takes them ({form}, {model})", of(checked.records, "record"))
    } else {
        format!("{}, {} not as a job takes them", of(checked.lines, "line"), of(found, "thing"))
    });
    commands::write(&format!("{}\n", lines.join("\n")), None, shell)?;
    Ok(if checked.is_sound() { Exit::Made } else { Exit::Usage })
}

/// Each violation on a line: file, line, what.
pub(crate) fn told(checked: &Checked, files: &[PathBuf]) -> Vec<String> {
    let name = |place: usize| files.get(place).map_or_else(String::new, |file| clean(&file.display().to_string()));
    let line = |found: &lode_batch::Violation| match found.line {
        Some(line) => format!("{}:{line}: {}", name(found.file), found.fault),
        None => found.fault.to_string(),
    };
    let mut lines: Vec<String> = checked.violations.iter().map(line).collect();
    if checked.more > 0 {
        lines.push(format!("and {} more", whole(checked.more.into())));
    }
    lines
}

/// Form and model as the arguments say, or a `job.json` beside the first file.
fn expected(args: &BatchArgs) -> (Option<Form>, ModelId) {
    let beside = args.check.first().and_then(|file| file.parent()).unwrap_or(Path::new(""));
    let job = std::fs::read(beside.join("job.json")).or_else(|_| std::fs::read(beside.join("job-001.json")));
    let job: serde_json::Value = job.ok().and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
    let word = |key: &str| job.get(key).and_then(serde_json::Value::as_str);
    let form = match word("modelInvocationType") {
        Some("Converse") => Some(Form::Converse),
        Some("InvokeModel") => Some(Form::InvokeModel),
        // What the API takes it for where it is not said.
        None if word("modelId").is_some() => Some(Form::InvokeModel),
        _ => None,
    };
    let model = args.model.as_deref().or_else(|| word("modelId")).unwrap_or_default();
    (args.form.map(Form::from).or(form), ModelId::from(model))
}
