//! The list of recommenders. Its order *is* the documented priority: plan, help and docs read it from here.
//!
//! This crate knows the recommenders and nothing else; it holds no logic.

use lode_engine::Recommender;

/// Every recommender, in documented order: the six levers, then our own.
pub const ALL: &[&dyn Recommender] = &[
    &lode_rec_model_rightsizing::ModelRightsizing,
    &lode_rec_input_reduction::InputReduction,
    &lode_rec_prompt_caching::PromptCaching,
    &lode_rec_batch_inference::BatchInference,
    &lode_rec_provisioned_throughput::ProvisionedThroughput,
    &lode_rec_chunk_size::ChunkSize,
    &lode_rec_agents::Agents,
    &lode_rec_guardrails::Guardrails,
    &lode_rec_custom_models::CustomModels,
    &lode_rec_routing_tier::RoutingTier,
    &lode_rec_vector_store::VectorStore,
];
