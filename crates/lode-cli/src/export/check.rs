//! Files of records, read line by line.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use lode_batch::{Checked, Checker, Family, Form, Limits, Manifest};
use lode_model::ModelId;
use lode_report::{clean, whole};

use super::ExportError;
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
    let jobs = jobs(args);
    let told_of: Vec<&JobFiles> = jobs.iter().filter(|job| job.is_told).collect();
    let first = told_of.first().map(|job| (job.form, &job.model));
    if told_of.iter().any(|job| Some((job.form, &job.model)) != first) {
        let named = told_of.iter().map(|job| format!("{} ({})", job.name, job.what()));
        return Err(ExportError::OtherJobs(named.collect::<Vec<_>>().join(", ")).into());
    }
    let mut lines = Vec::new();
    let mut sound = true;
    for job in &jobs {
        let checked = files(&job.files, args.quotas.limits(), (job.form, &job.model))?;
        let name = if jobs.len() > 1 { format!("{}: ", job.name) } else { String::new() };
        lines.extend(told(&checked, &job.files, &name));
        let found = checked.violations.len() as u64 + checked.more;
        lines.push(if checked.is_sound() {
            format!("{name}{}, all as a job takes them ({})", count(checked.records, "record"), job.what())
        } else {
            format!("{name}{}, {} not as a job takes them", count(checked.lines, "line"), count(found, "thing"))
        });
        sound &= checked.is_sound();
    }
    commands::write(&format!("{}\n", lines.join("\n")), None, shell)?;
    Ok(if sound { Exit::Made } else { Exit::Usage })
}

fn count(number: u64, one: &str) -> String {
    format!("{} {one}{}", whole(number.into()), if number == 1 { "" } else { "s" })
}

/// Each violation on a line: file, line, what; `job` stands before one of the whole job.
pub(crate) fn told(checked: &Checked, files: &[PathBuf], job: &str) -> Vec<String> {
    let name = |place: usize| files.get(place).map_or_else(String::new, |file| clean(&file.display().to_string()));
    let line = |found: &lode_batch::Violation| match found.line {
        Some(line) => format!("{}:{}: {}", name(found.file), line, found.fault),
        None => format!("{job}{}", found.fault),
    };
    let mut lines: Vec<String> = checked.violations.iter().map(line).collect();
    if checked.more > 0 {
        lines.push(format!("{job}and {} more", whole(checked.more.into())));
    }
    lines
}

/// Files of one job.
struct JobFiles {
    /// Its file, or the folder where there is none.
    name: String,
    files: Vec<PathBuf>,
    form: Option<Form>,
    model: ModelId,
    /// Whether a file says what the job is.
    is_told: bool,
}

impl JobFiles {
    /// Form and model, in words.
    fn what(&self) -> String {
        let model = if self.model.as_str().is_empty() { "any model".to_owned() } else { clean(self.model.as_str()) };
        format!("{}, {model}", self.form.map_or("any form", Form::as_str))
    }
}

/// The jobs that the files are of: one for each folder, and for each job of an export of several.
fn jobs(args: &BatchArgs) -> Vec<JobFiles> {
    let mut by_job: BTreeMap<(PathBuf, String), Vec<PathBuf>> = BTreeMap::new();
    for file in &args.check {
        let folder = beside(file);
        let job = job_file(&folder, file);
        by_job.entry((folder.canonicalize().unwrap_or(folder), job)).or_default().push(file.clone());
    }
    let of = |((_, job), files): ((PathBuf, String), Vec<PathBuf>)| {
        let folder = files.first().map(|file| beside(file)).unwrap_or_default();
        let json = std::fs::read(folder.join(&job)).ok();
        let is_told = json.is_some();
        let name = if is_told { folder.join(&job) } else { folder };
        let (form, model) = expected(args, json.as_deref().unwrap_or_default());
        JobFiles { name: clean(&name.display().to_string()), files, form, model, is_told }
    };
    by_job.into_iter().map(of).collect()
}

/// The folder of a file.
fn beside(file: &Path) -> PathBuf {
    let folder = file.parent().unwrap_or(Path::new(""));
    if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() }
}

/// The name of the file of the job that a file of records belongs to, as an export's manifest tells it.
fn job_file(folder: &Path, file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let manifest = std::fs::read(folder.join(Manifest::FILE)).ok().and_then(|json| Manifest::read(&json).ok());
    let jobs = manifest.map(|manifest| manifest.jobs).unwrap_or_default();
    let job = jobs.into_iter().find(|job| job.inputs.iter().any(|input| *input == name));
    // No manifest can have a file of another folder read.
    let job = job.map(|job| job.file).filter(|job| Path::new(job).file_name() == Some(OsStr::new(job)));
    job.unwrap_or_else(|| "job.json".to_owned())
}

/// Form and model as the arguments say, or the file of a job.
fn expected(args: &BatchArgs, job: &[u8]) -> (Option<Form>, ModelId) {
    let job: serde_json::Value = serde_json::from_slice(job).unwrap_or_default();
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
