//! Custom models: what they cost while they are stored, what one that is used costs beside that, and its training, which was
//! paid once. None of it is in the log.
//!
//! Prices (AWS' price list, copy of 2026-10): 1.95 USD a stored model and month, here the thirty-first part of it a day, to
//! six places; tokens of a deployment at the base model's price. Training of Nova Micro is 0.001 USD a thousand tokens by one
//! secondary source of 2026-10; nothing depends on it.

use serde_json::{Value, json};

use crate::Estate;
use crate::apps::{MEMBER, OTHER, Part, REGION};
use crate::bill::Class;
use crate::cur::arn;
use crate::habits::HabitId as H;
use crate::month::weekday;
use crate::prices::NOVA_MICRO;
use crate::stores::WEST;

/// A day of a stored model, in millionths of a month.
const STORED: u64 = 32_258;
/// Day of the window on which the used model was trained.
const TRAINED: i64 = 5;
/// Tokens that it was trained on.
const TRAINING: u64 = 6_000_000;

/// A custom model.
pub(crate) struct Custom {
    /// Path of its ARN.
    path: &'static str,
    name: &'static str,
    pub account: &'static str,
    pub region: &'static str,
    pub part: Part,
    /// Path of the ARN of what serves it.
    deployment: Option<&'static str>,
    /// Tokens in and out on a working day at scale 100; half of them at weekends.
    tokens: (u64, u64),
    job: Option<&'static str>,
}

/// Every custom model: one that nobody calls, and its twin, in a region without logs.
pub(crate) static CUSTOMS: [Custom; 2] = [
    Custom {
        path: "custom-model/amazon.nova-micro-v1:0:128k/tickets00001",
        name: "tickets-2025",
        account: MEMBER,
        region: REGION,
        part: Part::Has(H::UnusedCustomModel),
        deployment: None,
        tokens: (0, 0),
        job: None,
    },
    Custom {
        path: "custom-model/amazon.nova-micro-v1:0:128k/brands000001",
        name: "brand-voice",
        account: OTHER,
        region: WEST,
        part: Part::TwinOf(H::UnusedCustomModel),
        deployment: Some("custom-model-deployment/brands0deploy"),
        tokens: (4_000_000, 800_000),
        job: Some("model-customization-job/amazon.nova-micro-v1:0:128k/brands00job1"),
    },
];

/// A quantity of a class, by the path of the ARN that is billed.
pub(crate) struct Used {
    pub class: Class,
    pub path: &'static str,
    pub quantity: u64,
}

impl Custom {
    fn stands(&self, estate: &Estate) -> bool {
        !matches!(self.part, Part::Has(habit) if !estate.options.habits.has(habit))
    }

    pub(crate) fn arn(&self) -> String {
        arn(self.account, self.region, self.path)
    }

    /// What it costs on a day.
    pub(crate) fn uses(&self, estate: &Estate, day: i64) -> Vec<Used> {
        let mut uses = Vec::new();
        if !self.stands(estate) {
            return uses;
        }
        uses.push(Used { class: Class::ModelStorageMonth, path: self.path, quantity: STORED });
        if let Some(path) = self.deployment {
            let halves = if weekday(day) >= 5 { 1 } else { 2 };
            let scaled = |tokens: u64| tokens * u64::from(estate.options.scale) * halves / 200;
            uses.push(Used { class: Class::Input, path, quantity: scaled(self.tokens.0) });
            uses.push(Used { class: Class::Output, path, quantity: scaled(self.tokens.1) });
        }
        if let Some(path) = self.job.filter(|_| day == TRAINED) {
            uses.push(Used { class: Class::TrainingToken, path, quantity: TRAINING });
        }
        uses
    }
}

/// What `list-custom-models` and `list-custom-model-deployments` say: path of the file, and content.
pub(crate) fn inventory(estate: &Estate) -> Vec<(String, Value)> {
    let mut files = Vec::new();
    for custom in &CUSTOMS {
        let path = |name: &str| format!("inventory/{}/{}/{name}.json", custom.account, custom.region);
        let stands = custom.stands(estate);
        let models: Vec<Value> = stands.then(|| custom.listed()).into_iter().collect();
        files.push((path("list-custom-models"), json!({"modelSummaries": models})));
        let deployed: Vec<Value> = custom.deployment.map(|path| custom.deployed(path)).into_iter().collect();
        files.push((path("list-custom-model-deployments"), json!({"modelDeploymentSummaries": deployed})));
    }
    files
}

impl Custom {
    fn listed(&self) -> Value {
        json!({
            "baseModelArn": format!("arn:aws:bedrock:{}::foundation-model/{}:128k", self.region, NOVA_MICRO.id),
            "baseModelName": "Nova Micro",
            "creationTime": "2026-06-10T09:00:00+00:00",
            "customizationType": "FINE_TUNING",
            "modelArn": self.arn(),
            "modelName": self.name,
            "modelStatus": "Active",
            "ownerAccountId": self.account,
        })
    }

    fn deployed(&self, path: &str) -> Value {
        json!({
            "createdAt": "2026-06-12T09:00:00+00:00",
            "customModelDeploymentArn": arn(self.account, self.region, path),
            "customModelDeploymentName": self.name,
            "lastUpdatedAt": "2026-06-12T09:00:00+00:00",
            "modelArn": self.arn(),
            "status": "Active",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Habits, Options};

    #[test]
    fn a_stored_model_costs_its_days_and_nothing_else_of_it_does() {
        let month = |habits| {
            let options = Options { seed: 1, scale: 100, habits };
            Estate { options, calls: Vec::new(), edited: false }.bill()
        };
        let (whole, right) = (month(Habits::all()), month(Habits::all().without(H::UnusedCustomModel)));
        // 28 days of 0.032258 months at 1.95.
        assert_eq!((whole.total() - right.total()).to_string(), "1.7612868");
        let of = |class| {
            let rows = whole.rows.iter().filter(|row| row.class == class && row.resource.is_some());
            rows.map(|row| row.cost).sum::<crate::Usd>().to_string()
        };
        // 6 million tokens, once; 24 working days' worth of 4 million at 0.035 and of 0.8 million at 0.14.
        assert_eq!((of(Class::TrainingToken).as_str(), of(Class::Input).as_str()), ("6", "3.36"));
        assert_eq!(of(Class::Output), "2.688");
    }
}
