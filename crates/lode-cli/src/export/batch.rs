//! `lode export batch`: the calls of one recommendation out of the logs into the input of a batch job.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::civil::Date;
use lode_batch::{Digest, Export, FilePart, Form, Job, LeftOut, Target, files, jobs, split};
use lode_engine::Recommendation;
use lode_model::{ModelId, Owner, WorkloadId};
use lode_prices::Catalogue;
use lode_report::whole;
use lode_sim::SelectedCall;

use super::calls::{self, Made, day};
use super::folder::Folder;
use super::page::{Said, page};
use super::price::{Cost, routing};
use super::spool::{Lying, Spool, Spooled};
use super::{ExportError, check, model};
use crate::args::BatchArgs;
use crate::commands;
use crate::eval::called::Today;
use crate::{Exit, Shell};

/// Runs the command.
pub(crate) fn run(args: &BatchArgs, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    let (id, output) = (args.id.as_deref().unwrap_or_default(), args.output.clone().unwrap_or_default());
    let limits = args.quotas.limits();
    let mut folder = Folder::at(&output, args.overwrite)?;
    let loaded = commands::load(&args.input, &args.reading, shell)?;
    let outcome = loaded.plan();
    let r = calls::named(&outcome.recommendations, id)?;
    if loaded.log_files.is_empty() {
        return Err(ExportError::NoLogs { input: loaded.sources.input.clone() }.into());
    }
    let moved = calls::moved(&loaded.estate, r);
    let asked = Asked::of(args, r, &moved)?;
    let mut picked = Picked::of(&moved, &asked);
    asked.check(picked.wanted.len() as u64, limits.min_records, &picked.left_out)?;

    let spool = Spool::new(folder.unfinished()?);
    let models = picked.wanted.iter().map(|call| (Arc::clone(&call.request.id), call.model.clone())).collect();
    let mut read = calls::read(&loaded.log_files, &models, &spool, shell).with_context(|| folder.cannot())?;
    let kept = picked.kept(&mut read, args.form.map(Form::from));
    asked.check(kept.calls.len() as u64, limits.min_records, &picked.left_out)?;

    let Owner::Workload(workload) = &r.subject else { return Err(asked.none().into()) };
    let target = kept.target(args, workload, loaded.estate.prices.catalogue())?;
    let cost = Cost::of(
        &loaded.estate,
        &r.parts.first().map_or(&r.subject, |part| &part.action.selector.owner).clone(),
        &kept.calls,
    );
    let days = by_day(kept.calls.iter());
    let price = cost.words();
    let export = Export {
        recommendation: &r.id,
        caller: workload.caller.as_str(),
        target: &target,
        earlier: &calls::earlier(r),
        days: &days,
        selected: moved.len() as u64,
        left_out: &picked.left_out,
        removed: &kept.removed,
        limits,
        price: &price,
    };
    let bytes: Vec<u64> = kept.lying.iter().map(|lying| lying.bytes).collect();
    let parts = split(&bytes, &limits);
    let jobs = jobs(&export, &parts);
    folder.clear()?;
    let sums = write(&mut folder, &jobs, &parts, &kept.lying, &mut spool.finish()?)?;
    for job in &jobs {
        let inputs: Vec<PathBuf> = job.inputs.iter().map(|name| folder.path().join(name)).collect();
        let checked = check::files(&inputs, limits, (Some(target.form), &kept.model))?;
        if !checked.is_sound() {
            let told: Vec<String> = check::told(&checked, &inputs, "").into_iter().take(5).collect();
            return Err(ExportError::Unsound(told.join("; ")).into());
        }
    }
    for (name, bytes) in files(&export, &jobs, &sums)? {
        folder.write(&name, &bytes)?;
    }
    let said = Said { all_days: by_day(moved.iter()).len(), files: jobs.len() + sums.len() + 4 };
    let page = page(&export, &jobs, folder.path(), said);
    folder.keep();
    commands::write(&page, None, shell)?;
    Ok(loaded.exit(&args.reading))
}

/// How many calls there are of each day.
fn by_day<'a>(calls: impl Iterator<Item = &'a SelectedCall>) -> BTreeMap<Date, u64> {
    let mut days = BTreeMap::new();
    for call in calls {
        *days.entry(day(&call.request)).or_default() += 1;
    }
    days
}

/// Which days are asked for, and how to say so.
struct Asked<'a> {
    id: &'a str,
    /// `None` for all.
    day: Option<Date>,
    when: String,
    help: String,
}

impl<'a> Asked<'a> {
    fn of(args: &BatchArgs, r: &'a Recommendation, moved: &[SelectedCall]) -> Result<Self, ExportError> {
        let days = by_day(moved.iter());
        let newest = days.last_key_value().map(|(day, _)| *day);
        let day = if args.all { None } else { args.day.or(newest) };
        let help = match (&args.day, newest) {
            (_, None) => "give the logs of its account and region".to_owned(),
            (Some(_), Some(newest)) => {
                format!("the newest day with calls is {newest}; --all takes all {} days", days.len())
            }
            (None, _) if args.all => "give logs of more days".to_owned(),
            (None, _) => format!("--all takes all {} days, --day another one", days.len()),
        };
        let when = day.map_or_else(|| "of all days".to_owned(), |day| format!("of {day}"));
        let asked = Self { id: &r.id, day, when, help };
        if newest.is_none() || day.is_some_and(|day| !days.contains_key(&day)) {
            return Err(asked.none());
        }
        Ok(asked)
    }

    fn none(&self) -> ExportError {
        let when = self.day.map(|day| format!(" on {day}")).unwrap_or_default();
        ExportError::NoCalls { id: self.id.to_owned(), when, help: self.help.clone() }
    }

    fn check(&self, found: u64, least: u64, left_out: &BTreeMap<LeftOut, Vec<String>>) -> Result<(), ExportError> {
        // A job of nothing is none, whatever the quota.
        if found >= least.max(1) {
            return Ok(());
        }
        let parts: Vec<String> =
            left_out.iter().map(|(why, ids)| format!("{} {}", whole(ids.len() as i128), why.words())).collect();
        let why = if parts.is_empty() { String::new() } else { format!(" (left out: {})", parts.join("; ")) };
        let (id, when, help) = (self.id.to_owned(), self.when.clone(), self.help.clone());
        Err(ExportError::TooFew { id, found, when, least, why, help })
    }
}

/// The calls of the days asked for.
struct Picked {
    wanted: Vec<SelectedCall>,
    left_out: BTreeMap<LeftOut, Vec<String>>,
}

impl Picked {
    /// What the requests alone tell: bodies are read of the others only.
    fn of(moved: &[SelectedCall], asked: &Asked<'_>) -> Self {
        let mut picked = Self { wanted: Vec::new(), left_out: BTreeMap::new() };
        for call in moved.iter().filter(|call| asked.day.is_none_or(|asked| asked == day(&call.request))) {
            let request = &call.request;
            if request.error.is_some() {
                picked.leave(LeftOut::Failed, request.id.as_ref());
            } else if request.schema_bound {
                picked.leave(LeftOut::SchemaBound, request.id.as_ref());
            } else {
                picked.wanted.push(call.clone());
            }
        }
        picked
    }

    fn leave(&mut self, why: LeftOut, id: &str) {
        self.left_out.entry(why).or_default().push(id.to_owned());
    }

    /// The records of one job: one form and one model, those of most calls. The others are left out.
    fn kept(&mut self, read: &mut BTreeMap<Arc<str>, Result<Made, LeftOut>>, asked: Option<Form>) -> Kept {
        let mut sound: Vec<(SelectedCall, Made)> = Vec::with_capacity(self.wanted.len());
        for call in std::mem::take(&mut self.wanted) {
            match read.remove(&call.request.id).unwrap_or(Err(LeftOut::NoBody)) {
                Ok(made) => sound.push((call, made)),
                Err(why) => self.leave(why, call.request.id.as_ref()),
            }
        }
        let form = asked.or_else(|| most(sound.iter().map(|(_, made)| made.form))).unwrap_or(Form::InvokeModel);
        let of_form = || sound.iter().filter(|(_, made)| made.form == form);
        let model = most(of_form().map(|(call, _)| call.model.clone())).unwrap_or_else(|| ModelId::from(""));
        let name = most(of_form().filter(|(call, _)| call.model == model).map(|(_, made)| made.name.clone()));
        let mut kept = Kept {
            calls: Vec::with_capacity(sound.len()),
            lying: Vec::with_capacity(sound.len()),
            removed: BTreeMap::new(),
            form,
            name: name.unwrap_or_default(),
            model,
        };
        for (call, made) in sound {
            if made.form != form {
                self.leave(LeftOut::OtherForm, call.request.id.as_ref());
            } else if call.model != kept.model {
                self.leave(LeftOut::OtherModel, call.request.id.as_ref());
            } else {
                for (what, many) in made.removed {
                    *kept.removed.entry(what).or_default() += many;
                }
                kept.lying.push(made.lying);
                kept.calls.push(call);
            }
        }
        for ids in self.left_out.values_mut() {
            ids.sort();
        }
        kept
    }
}

/// The most frequent one; of several the first in order.
fn most<T: Ord>(all: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: BTreeMap<T, u64> = BTreeMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    let highest = counts.values().copied().max()?;
    counts.into_iter().find(|(_, count)| *count == highest).map(|(one, _)| one)
}

/// The records of the job, in time order.
struct Kept {
    calls: Vec<SelectedCall>,
    /// Where they lie, call by call.
    lying: Vec<Lying>,
    removed: BTreeMap<&'static str, u64>,
    form: Form,
    /// The model that the plan has them call.
    model: ModelId,
    /// The model as most of them call it now.
    name: String,
}

impl Kept {
    fn target(&self, args: &BatchArgs, workload: &WorkloadId, catalogue: &Catalogue) -> Result<Target, ExportError> {
        let target = Target {
            account: workload.account.to_string(),
            region: workload.region.to_string(),
            model_id: args.model.clone().unwrap_or_else(|| self.model_id(workload, catalogue)),
            form: self.form,
            hours: args.hours,
        };
        if target.is_plain() {
            return Ok(target);
        }
        let [found, region] = [&target.model_id, &target.region].map(|name| name.escape_default().take(100).collect());
        Err(ExportError::Names { found, region })
    }

    fn model_id(&self, workload: &WorkloadId, catalogue: &Catalogue) -> String {
        let region = workload.region.to_string();
        let today = Today { name: self.name.clone(), region, routing: routing(&self.calls) };
        let is_moved = self.calls.first().is_some_and(|call| call.request.model != self.model);
        model::name(&today, &self.model, is_moved, catalogue)
    }
}

/// Writes the files of records, in time order, and says their SHA-256 by name.
fn write(
    folder: &mut Folder,
    jobs: &[Job],
    parts: &[Vec<FilePart>],
    lying: &[Lying],
    spooled: &mut Spooled,
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut sums = BTreeMap::new();
    let mut line = Vec::new();
    for (job, parts) in jobs.iter().zip(parts) {
        for (name, part) in job.inputs.iter().zip(parts) {
            let mut file = BufWriter::new(folder.create(name)?);
            let mut sum = Digest::default();
            let mut each = || -> std::io::Result<()> {
                for lying in lying.get(part.records.clone()).unwrap_or_default() {
                    spooled.read(*lying, &mut line)?;
                    sum.add(&line);
                    file.write_all(&line)?;
                }
                file.flush()
            };
            each().with_context(|| folder.cannot())?;
            sums.insert(name.clone(), sum.hex());
        }
    }
    Ok(sums)
}
