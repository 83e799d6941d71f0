//! Whether files are input that a batch job takes: line by line, so that a file of any size can be read.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::input::{Fault, faults};
use crate::{Family, Form, Limits};

/// How many violations are kept; the others are counted.
const KEPT: usize = 1_000;

/// Something that a job would not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Place of the file, from 0; of the last one where it is about the job.
    pub file: usize,
    /// The line, from 1; `None` where it is about a file or the job.
    pub line: Option<u64>,
    /// What.
    pub fault: Fault,
}

/// What a check came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Lines that are a record without fault.
    pub records: u64,
    /// Lines.
    pub lines: u64,
    /// What was found, the first thousand.
    pub violations: Vec<Violation>,
    /// How many more there are.
    pub more: u64,
}

impl Checked {
    /// Whether the job takes it as it is.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.violations.is_empty()
    }
}

/// Checks the files of one job.
#[derive(Debug)]
pub struct Checker {
    limits: Limits,
    form: Option<Form>,
    family: Family,
    ids: BTreeSet<String>,
    /// Files so far.
    files: usize,
    /// Records and bytes of this file, and of the job.
    file: (u64, u64),
    job: (u64, u64),
    checked: Checked,
}

impl Checker {
    /// A checker of a job's files, for a model of this family. Where the form is not known, what every form has is checked,
    /// and what `anthropic_version` or `inferenceConfig` say of a record.
    #[must_use]
    pub fn new(limits: Limits, form: Option<Form>, family: Family) -> Self {
        let (file, job) = ((0, 0), (0, 0));
        Self { limits, form, family, ids: BTreeSet::new(), files: 0, file, job, checked: Checked::default() }
    }

    /// Begins the next file.
    pub const fn file(&mut self) {
        self.files += 1;
        self.file = (0, 0);
    }

    /// Takes a line, with its line break or without.
    pub fn line(&mut self, line: &[u8]) {
        let place = self.file.0 + 1;
        let bytes = line.len() as u64;
        let before = (self.file, self.job);
        for (records, size) in [&mut self.file, &mut self.job] {
            *records += 1;
            *size += bytes;
        }
        let limits = self.limits;
        // Each limit is told once, where it is passed.
        for (fault, most, was, is) in [
            (Fault::FileRecords as fn(u64) -> Fault, limits.records_per_file, before.0.0, self.file.0),
            (Fault::FileBytes, limits.bytes_per_file, before.0.1, self.file.1),
            (Fault::JobRecords, limits.records_per_job, before.1.0, self.job.0),
            (Fault::JobBytes, limits.bytes_per_job, before.1.1, self.job.1),
        ] {
            if was <= most && is > most {
                self.found(Some(place), fault(most));
            }
        }
        self.checked.lines += 1;
        let found = self.record(line);
        self.checked.records += u64::from(found.is_empty());
        for fault in found {
            self.found(Some(place), fault);
        }
    }

    /// What all lines come to.
    #[must_use]
    pub fn finish(mut self) -> Checked {
        let (found, least) = (self.job.0, self.limits.min_records);
        if found < least {
            self.found(None, Fault::TooFew { found, least });
        }
        self.checked
    }

    fn record(&mut self, line: &[u8]) -> Vec<Fault> {
        let Ok(text) = std::str::from_utf8(line) else { return vec![Fault::NotJson] };
        if text.trim().is_empty() {
            return vec![Fault::Empty];
        }
        let fields = match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => fields,
            Ok(_) => return vec![Fault::NotAnObject],
            Err(_) => return vec![Fault::NotJson],
        };
        let mut found = Vec::new();
        match fields.get("recordId") {
            None => found.push(Fault::NoRecordId),
            Some(Value::String(id)) if is_record_id(id) => {
                if !self.ids.insert(id.clone()) {
                    found.push(Fault::Twice);
                }
            }
            Some(_) => found.push(Fault::RecordId),
        }
        let Some(Value::Object(input)) = fields.get("modelInput") else {
            found.push(Fault::NoInput);
            return found;
        };
        let (form, family) = match self.form {
            None if input.contains_key("anthropic_version") => (Some(Form::InvokeModel), Family::Claude),
            None if input.contains_key("inferenceConfig") => (Some(Form::Converse), self.family),
            form => (form, self.family),
        };
        found.extend(faults(form, family, input));
        found
    }

    fn found(&mut self, line: Option<u64>, fault: Fault) {
        if self.checked.violations.len() < KEPT {
            self.checked.violations.push(Violation { file: self.files.saturating_sub(1), line, fault });
        } else {
            self.checked.more += 1;
        }
    }
}

fn is_record_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
