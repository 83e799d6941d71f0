//! The invocation logs as files: one a day and account, in the folder of its first hour, app by app, each in time order
//! (delivery promises no order, and records of one app pack well). Batch jobs are not logged.

use std::collections::BTreeMap;
use std::io;

use crate::Estate;
use crate::apps::{ALL, REGION};
use crate::bill;
use crate::cache::Split;
use crate::call::{Call, Mode};
use crate::month::day_of;
use crate::record::{record, request_id};
use crate::text::gzip;

const BUCKET: &str = "s3://example-invocation-logs";

/// Hands out the log files of an estate.
pub(crate) fn write(estate: &Estate, each: &mut dyn FnMut(&str, &[u8]) -> io::Result<()>) -> io::Result<()> {
    let splits = bill::splits(&estate.calls);
    let mut files: BTreeMap<(i64, &str), Vec<(&Call, Split)>> = BTreeMap::new();
    for (call, split) in estate.calls.iter().zip(splits).filter(|(call, _)| call.mode != Mode::Batch) {
        files.entry((day_of(call.time), ALL[call.app].account)).or_default().push((call, split));
    }
    for ((_, account), mut calls) in files {
        calls.sort_by_key(|(call, _)| (call.app, call.time));
        let Some(first) = calls.iter().map(|(call, _)| call.time).min() else { continue };
        let begun = jiff::Timestamp::from_second(first).unwrap_or_default();
        let folder =
            format!("AWSLogs/{}/BedrockModelInvocationLogs/{REGION}/{}", account, begun.strftime("%Y/%m/%d/%H"));
        let mut text = String::new();
        for (call, split) in calls {
            let record = record(call, &split, estate.options.seed, &format!("{BUCKET}/{folder}"));
            text.push_str(&record.line);
            text.push('\n');
            if let Some(body) = record.beside {
                let id = request_id(call, estate.options.seed);
                each(&format!("logs/{folder}/data/{id}_input.json.gz"), &gzip(body.as_bytes())?)?;
            }
        }
        let name = begun.strftime("%Y%m%dT%H%M%S000Z");
        each(&format!("logs/{folder}/{name}_{first:016x}.json.gz"), &gzip(text.as_bytes())?)?;
    }
    Ok(())
}
