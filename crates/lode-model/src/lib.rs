//! The words every other room of Lode speaks: money and rates, token classes, model ids, charges,
//! requests, edits.
//!
//! This crate knows no files, no prices, no clock and no rules. Everything in it is a plain value;
//! every function is total. Money and quantities are integers; nothing here is a float except the
//! conversions at its edge.

mod caller;
mod charge;
mod curve;
mod demand;
mod dimension;
mod edit;
mod guarded;
mod id;
mod inventory;
mod metrics;
mod money;
mod request;
mod row;
mod table;
mod traits;

pub use caller::{CallerKey, ServiceRole};
pub use charge::{
    Bill, BillLine, BilledAs, ChargeKind, Endpoint, Layer, Loss, PriceKey, Quantity, Rejected, Span, Unit,
};
pub use curve::{CostCurve, CostPoint, Note, UnitKind};
pub use demand::DemandRow;
pub use dimension::{BillingSource, Class, ContextBand, Mode, Routing, Term, Ttl};
pub use edit::{
    Action, CachePolicy, Edit, MOST_MARKERS, Marker, Placement, Property, READABLE_AFTER, Ratio, Reserved,
    ResourceChange, Run, Selector, Waste,
};
pub use guarded::{Guarded, GuardedSide};
pub use id::{AccountId, Caller, Cohort, ModelId, Owner, PoolId, Region, ResourceId, WorkloadId};
pub use inventory::{
    Agent, BatchJob, CapacityLimits, CapacitySettings, Chunking, Collection, CollectionGroup, CustomModel,
    CustomModelDeployment, DataSource, Guardrail, GuardrailPolicy, ImportedModel, InferenceProfile, IngestionJob,
    IngestionStatistics, Inventory, KnowledgeBase, KnowledgeBaseList, LoggingConfiguration, PromptRouter,
    ProvisionedThroughput, Setup,
};
pub use metrics::{
    DimensionName, MetricUsage, MetricValue, Metrics, RejectedMetric, Series, UsageKey, UsageSpan, UsageTotals,
};
pub use money::{Money, ParseMoneyError, Rate};
pub use request::{
    Chain, MemoryTrace, OutputForm, Request, Segment, SegmentKind, TaskForm, TokenCounts, Trace, TraceError,
};
pub use row::{Cell, Column, RowBatch};
pub use table::{Table, Values};
pub use traits::{Ask, Traits};
