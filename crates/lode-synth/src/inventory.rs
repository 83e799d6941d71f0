//! What the AWS command line prints about the estate's configuration (API models of 2026-08).

use serde_json::{Value, json};

use crate::Estate;
use crate::apps::{ALL, Part, REGION, UNITS, position};
use crate::habits::HabitId;
use crate::prices::{NOVA, OPUS};
use crate::record::through;
use crate::{customs, guardrails, stores};

/// Path and content of each file. What has no account and region in every answer stands in folders of their names.
pub(crate) fn files(estate: &Estate) -> Vec<(String, Value)> {
    let units: Vec<Value> = UNITS.iter().filter_map(|units| unit(estate, units.role)).collect();
    let listed = [
        ("list-provisioned-model-throughputs", json!({"provisionedModelSummaries": units})),
        ("list-inference-profiles", json!({"inferenceProfileSummaries": profiles()})),
    ];
    let listed = listed.map(|(name, value)| (format!("inventory/{name}.json"), value));
    [listed.to_vec(), stores::inventory(estate), customs::inventory(estate), guardrails::inventory(estate)].concat()
}

fn unit(estate: &Estate, role: &str) -> Option<Value> {
    let app = ALL.get(position(role)?)?;
    if app.part == Part::Has(HabitId::IdleUnits) && !estate.options.habits.has(HabitId::IdleUnits) {
        return None;
    }
    let (arn, model) = (through(app)?, format!("arn:aws:bedrock:{REGION}::foundation-model/{}", NOVA.id));
    Some(json!({
        "creationTime": "2026-09-28T08:55:00+00:00",
        "desiredModelArn": model,
        "desiredModelUnits": 1,
        "foundationModelArn": model,
        "lastModifiedTime": "2026-10-28T12:00:00+00:00",
        "modelArn": model,
        "modelUnits": 1,
        "provisionedModelArn": arn,
        "provisionedModelName": app.role,
        "status": "InService",
    }))
}

/// Every application profile is made from the global system profile of its model.
fn profiles() -> Vec<Value> {
    let applications = ALL.iter().filter(|app| app.through.is_some_and(|path| path.starts_with("application-")));
    let profile = |app: &crate::apps::App| {
        Some(json!({
            "createdAt": "2026-09-29T09:00:00+00:00",
            "description": "",
            "inferenceProfileArn": through(app)?,
            "inferenceProfileId": app.through?.rsplit('/').next()?,
            "inferenceProfileName": app.role,
            "models": [
                {"modelArn": format!("arn:aws:bedrock:{REGION}::foundation-model/{}", OPUS.id)},
                {"modelArn": format!("arn:aws:bedrock:::foundation-model/{}", OPUS.id)},
            ],
            "status": "ACTIVE",
            "type": "APPLICATION",
            "updatedAt": "2026-09-29T09:00:00+00:00",
        }))
    };
    applications.filter_map(profile).collect()
}
