//! The words every other room of Lode speaks: money and rates, token classes, model ids, charges,
//! requests, edits.
//!
//! This crate knows no files, no prices, no clock and no rules. Everything in it is a plain value;
//! every function is total. Money and quantities are integers; nothing here is a float except the
//! conversions at its edge.

mod caller;
mod charge;
mod dimension;
mod edit;
mod id;
mod inventory;
mod money;
mod request;
mod row;

pub use caller::CallerKey;
pub use charge::{
    Bill, BillLine, BilledAs, ChargeKind, Endpoint, Layer, Loss, PriceKey, Quantity, Rejected, Span, Unit,
};
pub use dimension::{BillingSource, Class, ContextBand, Mode, Routing, Term, Ttl};
pub use edit::{Action, CachePolicy, Edit, Placement, Property, Ratio, ResourceChange, Selector};
pub use id::{AccountId, Caller, Cohort, ModelId, Owner, PoolId, Region, ResourceId, WorkloadId};
pub use inventory::{
    Chunking, Collection, DataSource, InferenceProfile, Inventory, KnowledgeBase, ProvisionedThroughput,
};
pub use money::{Money, ParseMoneyError, Rate};
pub use request::{MemoryTrace, OutputForm, Request, Segment, SegmentKind, TaskForm, TokenCounts, Trace, TraceError};
pub use row::{Cell, Column, RowBatch};
