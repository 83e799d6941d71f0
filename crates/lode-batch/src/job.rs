//! The job: the input of `CreateModelInvocationJob`, and the commands that make it. Shapes and patterns: AWS API model of
//! `bedrock` 2023-04-20, read 2026-11.

use serde::Serialize;

use crate::Form;
use crate::words::count;

/// What stands where only the user knows better. Each fits the pattern of its field.
pub const BUCKET: &str = "replace-with-your-bucket";
/// The same for the name of the service role.
pub const ROLE: &str = "replace-with-your-batch-role";

/// One job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its name, by [`job_name`].
    pub name: String,
    /// Its file: `job.json`, or `job-001.json` of several.
    pub file: String,
    /// Its files of records, in order.
    pub inputs: Vec<String>,
    /// Records in them.
    pub records: u64,
    /// Bytes in them.
    pub bytes: u64,
}

/// What all jobs of an export share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Account that calls.
    pub account: String,
    /// Region that it calls from.
    pub region: String,
    /// The model as the job names it: id, inference profile or ARN.
    pub model_id: String,
    /// The form of the records.
    pub form: Form,
    /// Hours after which the job expires.
    pub hours: u32,
}

impl Target {
    /// Whether the names are what AWS' own are: they come out of logs and go into a script.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let only = |text: &str, more: &[u8]| {
            let first = text.bytes().next();
            first.is_some_and(|byte| byte.is_ascii_alphanumeric())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
        };
        only(&self.region, b"-") && only(&self.account, b"") && only(&self.model_id, b"-._:/")
    }

    fn partition(&self) -> &'static str {
        if self.region.starts_with("us-gov-") {
            "aws-us-gov"
        } else if self.region.starts_with("cn-") {
            "aws-cn"
        } else {
            "aws"
        }
    }
}

/// A name for a job, out of names of any form: letters, digits and hyphens, at most 63, the end kept whole.
#[must_use]
pub fn job_name(about: &str, end: &str) -> String {
    let mut name = "lode".to_owned();
    let room = 63usize.saturating_sub(end.len() + 1);
    for byte in about.bytes() {
        if name.len() >= room {
            break;
        }
        match byte {
            _ if byte.is_ascii_alphanumeric() => {
                if name == "lode" {
                    name.push('-');
                }
                name.push(char::from(byte.to_ascii_lowercase()));
            }
            _ if !name.ends_with('-') => name.push('-'),
            _ => {}
        }
    }
    format!("{}-{end}", name.trim_end_matches('-'))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    job_name: &'a str,
    role_arn: String,
    model_id: &'a str,
    model_invocation_type: Form,
    input_data_config: InputDataConfig,
    output_data_config: OutputDataConfig,
    timeout_duration_in_hours: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InputDataConfig {
    s3_input_data_config: S3Input,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct S3Input {
    s3_input_format: &'static str,
    s3_uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OutputDataConfig {
    s3_output_data_config: S3Output,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct S3Output {
    s3_uri: String,
}

/// `job.json`: what `aws bedrock create-model-invocation-job --cli-input-json` takes.
///
/// # Errors
/// Never: a struct of texts is always JSON.
pub(crate) fn json(job: &Job, target: &Target) -> Result<Vec<u8>, serde_json::Error> {
    let folder = |what: &str| format!("s3://{BUCKET}/lode-batch/{}/{what}/", job.name);
    let request = Request {
        job_name: &job.name,
        role_arn: format!("arn:{}:iam::{}:role/{ROLE}", target.partition(), target.account),
        model_id: &target.model_id,
        model_invocation_type: target.form,
        // A job reads all that is in its folder, so each has one of its own.
        input_data_config: InputDataConfig {
            s3_input_data_config: S3Input { s3_input_format: "JSONL", s3_uri: folder("input") },
        },
        output_data_config: OutputDataConfig { s3_output_data_config: S3Output { s3_uri: folder("output") } },
        timeout_duration_in_hours: target.hours,
    };
    let mut bytes = serde_json::to_vec_pretty(&request)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// `create-job.sh`: uploads the records and makes the jobs, once the placeholders are filled in.
pub(crate) fn script(jobs: &[Job], region: &str) -> Vec<u8> {
    let mut out = format!(
        "#!/usr/bin/env bash\n\
         # Uploads the records and makes the batch job. Nothing has been run yet. Fill in the bucket and the role first:\n\
         #   sed -i 's/{BUCKET}/YOUR-BUCKET/; s/{ROLE}/YOUR-ROLE/' job*.json\n\
         set -euo pipefail\n\
         cd \"$(dirname \"$0\")\"\n\
         if grep -q replace-with-your job*.json; then\n\
         \x20 echo 'fill in the bucket and the role in job*.json first' >&2\n\
         \x20 exit 2\n\
         fi\n\
         input_of() {{ sed -n 's|.*\"s3Uri\": \"\\(s3://[^\"]*/input/\\)\".*|\\1|p' \"$1\"; }}\n"
    );
    for job in jobs {
        out.push_str(&format!("\n# {}: {}\n", job.name, count(job.records, "record")));
        for file in &job.inputs {
            out.push_str(&format!(
                "aws s3 cp {file} \"$(input_of {})\" --region {region} --no-guess-mime-type --content-type application/jsonl\n",
                job.file
            ));
        }
        out.push_str(&format!(
            "aws bedrock create-model-invocation-job --region {region} --cli-input-json file://{}\n",
            job.file
        ));
    }
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_the_api_takes() {
        assert_eq!(job_name("role/nightly-digest", "2026-10-30"), "lode-role-nightly-digest-2026-10-30");
        assert_eq!(job_name("$(rm -rf /)", "all"), "lode-rm-rf-all");
        assert_eq!(job_name("", "all"), "lode-all");
        assert_eq!(job_name("日本", "all"), "lode-all");
        let long = job_name(&"a".repeat(200), "2026-10-30-001");
        assert_eq!((long.len(), long.ends_with("a-2026-10-30-001")), (63, true));
    }

    #[test]
    fn names_that_a_shell_would_obey_are_told() {
        let of = |region: &str, model_id: &str| Target {
            account: "111111111111".to_owned(),
            region: region.to_owned(),
            model_id: model_id.to_owned(),
            form: Form::Converse,
            hours: 72,
        };
        assert!(of("us-east-1", "arn:aws:bedrock:us-east-1:111111111111:inference-profile/us.a.b-v1:0").is_plain());
        for (region, model) in
            [("us-east-1; ls", "m"), ("--help", "m"), ("", "m"), ("us-east-1", "m$(ls)"), ("us-east-1", "")]
        {
            assert!(!of(region, model).is_plain(), "{region} {model}");
        }
    }
}
