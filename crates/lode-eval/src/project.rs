//! The files of a promptfoo project: the sampled calls, two providers, a judge, and how to run it all.
//!
//! Texts of prompts and answers stand in `calls/` alone. promptfoo renders whatever is in its own configuration as a
//! template that can read the environment; a prompt that happens to hold `{{ … }}` must not be one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use lode_model::{Cohort, ModelId};
use serde_json::{Value, json};

use crate::call::Call;
use crate::manifest::{ManifestCohort, ManifestTest, pretty};
use crate::{Candidate, Design, Manifest, PassRule, Pattern, Plan, RawCall, Redactor, Skip, readme};

/// A model as promptfoo calls it.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The id of a promptfoo provider: `bedrock:converse:…`, or any other.
    pub provider: String,
    /// Its configuration, laid over the settings of the recorded call: region, a profile, a temperature.
    pub config: Value,
}

impl Target {
    /// A model on Bedrock, by its id, inference profile or ARN, called through Converse, which takes the same messages and
    /// tools for every model.
    #[must_use]
    pub fn bedrock(model_id: &str, region: &str) -> Self {
        let provider = format!("bedrock:converse:{model_id}");
        Self { provider, config: json!({"region": region, "showThinking": false}) }
    }

    fn json(&self) -> Value {
        json!({"provider": self.provider, "config": self.config})
    }
}

/// What is to be exported.
#[derive(Clone, Debug)]
pub struct Export<'a> {
    /// The id of the recommendation.
    pub recommendation: &'a str,
    /// Today's model, as the catalogue names it.
    pub from: &'a ModelId,
    /// The candidate, as the catalogue names it.
    pub to: &'a ModelId,
    /// How today's model is called.
    pub today: &'a Target,
    /// How the candidate is called.
    pub candidate: &'a Target,
    /// How the judge is called. A third model, so that neither judges itself.
    pub judge: &'a Target,
    /// The design that the plan was made for.
    pub design: Design,
    /// The sample.
    pub plan: &'a Plan,
    /// What running it costs, in words, for the README.
    pub price: &'a str,
    /// Patterns that are not redacted.
    pub not_redacted: &'a BTreeSet<Pattern>,
    /// The share of the fields of an extraction that must be the same: 1 for all.
    pub field_threshold: f64,
}

/// A project, and what is to be said of it.
#[derive(Clone, PartialEq)]
pub struct Project {
    /// Bytes by relative path, with `/` between folders. All of them may hold what the user's prompts hold.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What is in `lode-eval.json`.
    pub manifest: Manifest,
    /// Calls of the sample that were left out, by reason. Others took their place as far as there were any.
    pub skipped: BTreeMap<Skip, u64>,
    /// Places that were redacted, by pattern; patterns that are off are not in it.
    pub redacted: BTreeMap<Pattern, u64>,
}

/// Without the text of its files.
impl fmt::Debug for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { files, manifest, skipped, redacted } = self;
        let files = files.len();
        f.debug_struct("Project")
            .field("files", &files)
            .field("manifest", manifest)
            .field("skipped", skipped)
            .field("redacted", redacted)
            .finish()
    }
}

/// The versions that a project is run with: promptfoo's own of 2026-11, and the SDK that it asks for.
const PROMPTFOO: &str = "0.121.20";
const SDK: &str = "^3.1045.0";

/// Scripts of every project, with their names.
const SCRIPTS: [(&str, &str); 6] = [
    ("lode.mjs", include_str!("../assets/lode.mjs")),
    ("provider.mjs", include_str!("../assets/provider.mjs")),
    ("judge.mjs", include_str!("../assets/judge.mjs")),
    ("judge.md", include_str!("../assets/judge.md")),
    ("check.mjs", include_str!("../assets/check.mjs")),
    ("settings.env", include_str!("../assets/settings.env")),
];

/// Makes the files of a project. `calls` holds the bodies of the calls that the plan asks to be read, by request id. The
/// same input gives the same bytes.
#[must_use]
pub fn project(export: &Export<'_>, calls: &BTreeMap<Arc<str>, RawCall>) -> Project {
    let mut redactor = Redactor::new(export.not_redacted.clone());
    let mut made = Project {
        files: BTreeMap::new(),
        manifest: Manifest {
            schema_version: Manifest::VERSION,
            recommendation: export.recommendation.to_owned(),
            from: export.from.clone(),
            to: export.to.clone(),
            design: export.design,
            cohorts: Vec::new(),
            tests: Vec::new(),
        },
        skipped: BTreeMap::new(),
        redacted: BTreeMap::new(),
    };
    for cohort in &export.plan.cohorts {
        let before = made.manifest.tests.len();
        for candidate in &cohort.order {
            if (made.manifest.tests.len() - before) as u64 >= cohort.needed {
                break;
            }
            // Calls beyond those that were to be read are not there.
            let Some(raw) = calls.get(&candidate.request) else { continue };
            match Call::read(raw) {
                Ok(call) => made.add(candidate, &cohort.cohort, call, &mut redactor, export.field_threshold),
                Err(skip) => *made.skipped.entry(skip).or_default() += 1,
            }
        }
        let tests = (made.manifest.tests.len() - before) as u64;
        let row = ManifestCohort { cohort: cohort.cohort.clone(), calls: cohort.calls(), needed: cohort.needed, tests };
        made.manifest.cohorts.push(row);
    }
    made.redacted = redactor.counts();
    made.finish(export);
    made
}

impl Project {
    fn add(&mut self, candidate: &Candidate, cohort: &Cohort, call: Call, redactor: &mut Redactor, threshold: f64) {
        let test = format!("t{:04}", self.manifest.tests.len() + 1);
        let rule = match PassRule::of(candidate.task) {
            Some(PassRule::Extraction) if !call.answer.is_structured() => PassRule::Judged,
            Some(PassRule::Label) if !call.answer.tools.is_empty() => PassRule::Judged,
            rule => rule.unwrap_or(PassRule::Judged),
        };
        let Call { messages, mut config, answer } = call;
        let mut messages = Value::from(messages);
        redactor.value(&mut messages);
        if let Some(tools) = config.get_mut("tools") {
            redactor.strings(tools);
        }
        let tools = answer.tools.into_iter().map(|(name, input)| json!({"name": name, "input": input})).collect();
        let mut reference = json!({"text": answer.text, "tools": Value::Array(tools)});
        redactor.value(&mut reference);
        let call = json!({
            "messages": messages,
            "config": config,
            "reference": reference,
            "rule": rule,
            "fieldThreshold": threshold,
        });
        self.files.insert(format!("calls/{test}.json"), pretty(&call));
        let request = candidate.request.to_string();
        self.manifest.tests.push(ManifestTest { test, request, cohort: cohort.clone(), rule });
    }

    fn finish(&mut self, export: &Export<'_>) {
        let mut put = |name: &str, bytes: Vec<u8>| self.files.insert(name.to_owned(), bytes);
        for (name, text) in SCRIPTS {
            put(name, text.into());
        }
        put("promptfooconfig.yaml", pretty(&config(&self.manifest)));
        let models = json!({
            "today": export.today.json(),
            "candidate": export.candidate.json(),
            "judge": export.judge.json(),
        });
        put("models.json", pretty(&models));
        put("package.json", pretty(&package()));
        put(".gitignore", b"*\n".to_vec());
        put(Manifest::FILE, self.manifest.to_json());
        let readme = readme::readme(export, self);
        self.files.insert("README.md".to_owned(), readme.into_bytes());
    }
}

/// The configuration: YAML that is JSON. Tests are named by their ids and hold nothing else.
fn config(manifest: &Manifest) -> Value {
    let test = |test: &ManifestTest| {
        let check = match test.rule {
            PassRule::Label | PassRule::Extraction => json!({"type": "javascript", "value": "file://check.mjs"}),
            PassRule::Judged => json!({"type": "llm-rubric", "value": "as good as the recorded answer"}),
        };
        json!({"vars": {"test": test.test}, "assert": [check]})
    };
    let model = |name: &str| json!({"id": "file://provider.mjs", "label": name, "config": {"model": name}});
    json!({
        "description": "Lode evaluation",
        "prompts": ["{{test}}"],
        "providers": [model("today"), model("candidate")],
        "defaultTest": {"options": {
            "provider": "file://judge.mjs",
            "rubricPrompt": "{\"test\": \"{{test}}\", \"answer\": \"{{output}}\"}",
        }},
        "tests": manifest.tests.iter().map(test).collect::<Vec<Value>>(),
        "evaluateOptions": {"cache": false, "maxConcurrency": 4},
        "sharing": false,
    })
}

fn package() -> Value {
    json!({
        "name": "lode-eval",
        "private": true,
        "type": "module",
        "scripts": {
            "eval": "promptfoo eval --env-file settings.env --no-cache --no-write --no-share --no-table -o results.json",
        },
        "dependencies": {"promptfoo": PROMPTFOO, "@aws-sdk/client-bedrock-runtime": SDK},
    })
}
