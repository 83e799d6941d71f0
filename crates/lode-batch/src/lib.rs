#![doc = include_str!("../README.md")]

mod check;
mod export;
mod form;
mod input;
mod job;
mod limits;
mod manifest;
mod readme;
mod record;
mod split;
mod words;

pub use check::{Checked, Checker, Violation};
pub use export::{Export, files, jobs};
pub use form::{Family, Form};
pub use input::{Fault, LeftOut};
pub use job::{BUCKET, Job, ROLE, Target, job_name};
pub use limits::{Limits, needs_profile};
pub use manifest::{Manifest, ManifestError, ManifestJob};
pub use record::{Digest, RawCall, Record, hex, record, record_id};
pub use split::{FilePart, split};
