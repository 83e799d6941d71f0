//! Models and what runs them: inference profiles, Provisioned Throughput, custom and imported models, prompt routers,
//! batch jobs; and whether calls are logged.

use std::sync::Arc;

use lode_model::{
    AccountId, BatchJob, CustomModel, CustomModelDeployment, ImportedModel, InferenceProfile, Inventory,
    LoggingConfiguration, PromptRouter, ProvisionedThroughput, Region, Term,
};
use serde_json::Value;

use super::cli::{Place, count, day, flag, name, parts, text, time, whole};
use super::{list, single};

/// Takes what a document lists of these; says whether it is one of their forms.
pub(super) fn see(document: &Value, place: &Place, all: &mut Inventory) -> bool {
    page(document, "modelSummaries", "modelArn", all);
    page(document, "modelDeploymentSummaries", "customModelDeploymentArn", all);
    let mut any = list(document, "inferenceProfileSummaries", &mut all.profiles, profile)
        || single(profile(document), &mut all.profiles);
    any |= list(document, "provisionedModelSummaries", &mut all.provisioned, provisioned)
        || single(provisioned(document), &mut all.provisioned);
    // Custom and imported models are listed under one key; foundation models too, of which nothing is kept.
    if document.get("modelSummaries").is_some_and(Value::is_array) {
        list(document, "modelSummaries", &mut all.setup.custom_models, custom_model);
        list(document, "modelSummaries", &mut all.setup.imported_models, imported_model);
        any = true;
    } else {
        any |= single(custom_model(document), &mut all.setup.custom_models)
            | single(imported_model(document), &mut all.setup.imported_models);
    }
    any |= list(document, "modelDeploymentSummaries", &mut all.setup.deployments, deployment)
        || single(deployment(document), &mut all.setup.deployments);
    any |= list(document, "promptRouterSummaries", &mut all.setup.routers, router)
        || single(router(document), &mut all.setup.routers);
    any |= list(document, "invocationJobSummaries", &mut all.setup.batch_jobs, batch_job)
        || single(batch_job(document), &mut all.setup.batch_jobs);
    any | single(document.get("loggingConfig").map(|config| logging(config, place)), &mut all.setup.logging)
}

/// Takes note of a page of a list, and whether another follows it: what it lists tells which list it is, and whose.
fn page(document: &Value, list: &str, arn: &str, all: &mut Inventory) {
    let entries = document.get(list).and_then(Value::as_array);
    let Some(arn) = entries.and_then(|entries| text(entries.first()?, arn)) else { return };
    let Some((region, account, resource)) = parts(&arn) else { return };
    let kind = resource.split_once('/').map_or(resource, |(kind, _)| kind);
    let is_last = text(document, "nextToken").is_none();
    let list = (Arc::from(kind), AccountId::from(account), Region::from(region));
    *all.setup.model_lists.entry(list).or_default() |= is_last;
}

/// ARNs of models.
fn model_arns(object: &Value) -> Vec<Arc<str>> {
    let models = object.get("models").and_then(Value::as_array);
    models.into_iter().flatten().filter_map(|model| text(model, "modelArn")).collect()
}

fn profile(object: &Value) -> Option<InferenceProfile> {
    let arn = text(object, "inferenceProfileArn")?;
    let (_, _, id) = parts(&arn)?;
    Some(InferenceProfile { id: id.into(), name: name(object, "inferenceProfileName"), models: model_arns(object) })
}

fn provisioned(object: &Value) -> Option<ProvisionedThroughput> {
    let arn = text(object, "provisionedModelArn")?;
    let (region, account, id) = parts(&arn)?;
    let term = object.get("commitmentDuration").and_then(Value::as_str).and_then(|word| match word {
        "OneMonth" => Some(Term::OneMonth),
        "SixMonths" => Some(Term::SixMonths),
        _ => None,
    });
    Some(ProvisionedThroughput {
        id: id.into(),
        account: AccountId::from(account),
        region: Region::from(region),
        name: name(object, "provisionedModelName"),
        foundation_model: text(object, "foundationModelArn").unwrap_or_else(|| name(object, "modelArn")),
        units: count(object, "modelUnits").unwrap_or_default(),
        status: name(object, "status"),
        term,
        term_ends: object.get("commitmentExpirationTime").and_then(day),
    })
}

/// The ARN of a model of this kind. What only refers to a model has an ARN of its own beside it.
fn model_arn(object: &Value, kind: &str) -> Option<Arc<str>> {
    const REFERRING: [&str; 2] = ["provisionedModelArn", "customModelDeploymentArn"];
    let arn = text(object, "modelArn")?;
    let (_, _, resource) = parts(&arn)?;
    let is_it = resource.starts_with(kind) && REFERRING.iter().all(|key| object.get(key).is_none());
    is_it.then_some(arn)
}

fn custom_model(object: &Value) -> Option<CustomModel> {
    Some(CustomModel {
        arn: model_arn(object, "custom-model/")?,
        name: name(object, "modelName"),
        base_model: text(object, "baseModelArn"),
        customization: text(object, "customizationType"),
        status: text(object, "modelStatus"),
        created: time(object, "creationTime"),
    })
}

fn imported_model(object: &Value) -> Option<ImportedModel> {
    Some(ImportedModel {
        arn: model_arn(object, "imported-model/")?,
        name: name(object, "modelName"),
        architecture: text(object, "modelArchitecture"),
        created: time(object, "creationTime"),
    })
}

fn deployment(object: &Value) -> Option<CustomModelDeployment> {
    Some(CustomModelDeployment {
        arn: text(object, "customModelDeploymentArn")?,
        // The list and the single look-up call it differently.
        name: text(object, "customModelDeploymentName").unwrap_or_else(|| name(object, "modelDeploymentName")),
        model: text(object, "modelArn"),
        status: name(object, "status"),
        created: time(object, "createdAt"),
    })
}

fn router(object: &Value) -> Option<PromptRouter> {
    Some(PromptRouter {
        arn: text(object, "promptRouterArn")?,
        name: name(object, "promptRouterName"),
        kind: name(object, "type"),
        status: name(object, "status"),
        models: model_arns(object),
        fallback: object.get("fallbackModel").and_then(|model| text(model, "modelArn")),
    })
}

fn batch_job(object: &Value) -> Option<BatchJob> {
    let arn = text(object, "jobArn")?;
    if !parts(&arn)?.2.starts_with("model-invocation-job/") {
        return None;
    }
    Some(BatchJob {
        arn,
        updated: time(object, "lastModifiedTime"),
        status: name(object, "status"),
        name: name(object, "jobName"),
        model: name(object, "modelId"),
        role: text(object, "roleArn"),
        invocation: text(object, "modelInvocationType"),
        submitted: time(object, "submitTime"),
        ended: time(object, "endTime"),
        timeout_hours: count(object, "timeoutDurationInHours"),
        records: whole(object, "totalRecordCount"),
        processed: whole(object, "processedRecordCount"),
        succeeded: whole(object, "successRecordCount"),
        failed: whole(object, "errorRecordCount"),
    })
}

/// An empty or absent configuration is an answer: nothing is logged.
fn logging(config: &Value, place: &Place) -> LoggingConfiguration {
    let s3 = config.get("s3Config");
    let cloudwatch = config.get("cloudWatchConfig");
    let large = cloudwatch.and_then(|cloudwatch| cloudwatch.get("largeDataDeliveryS3Config"));
    LoggingConfiguration {
        account: place.account.clone(),
        region: place.region.clone(),
        bucket: s3.and_then(|s3| text(s3, "bucketName")),
        prefix: s3.map(|s3| name(s3, "keyPrefix")).unwrap_or_default(),
        log_group: cloudwatch.and_then(|cloudwatch| text(cloudwatch, "logGroupName")),
        large_bucket: large.and_then(|large| text(large, "bucketName")),
        text: flag(config, "textDataDeliveryEnabled"),
        images: flag(config, "imageDataDeliveryEnabled"),
        embeddings: flag(config, "embeddingDataDeliveryEnabled"),
        video: flag(config, "videoDataDeliveryEnabled"),
        audio: flag(config, "audioDataDeliveryEnabled"),
    }
}
