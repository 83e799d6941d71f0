//! The reader of telemetry: Bedrock model invocation logs become [`Request`](lode_model::Request)s, and the JSON that
//! the read-only AWS CLI lists becomes an [`Inventory`](lode_model::Inventory), what CloudWatch counted
//! [`Metrics`](lode_model::Metrics), and a CSV table of demand [`DemandRow`](lode_model::DemandRow)s.
//!
//! [`sniff`] says what a JSON file is; [`LogReader`] reads logs, [`InventoryReader`] lists, [`MetricsReader`] metrics. A
//! record that cannot be used is counted and located in [`LogFile::rejected`], the records around it are kept.
//!
//! This crate must not know bills, prices, catalogues, rules or Parquet: a model's id leaves it as it was called,
//! without its profile prefix. The text of prompts and answers never leaves it, not in a value, not in a message, not
//! in a `Debug` form: only counts, sizes, hashes, shapes, caller identifiers, tool names and error codes do. The one
//! exception is [`TextReader`], which hands over the text of calls that somebody names, for an export that the user
//! asked for.

mod answer;
mod asks;
mod code;
mod count;
mod demand;
mod documents;
mod elements;
mod error;
mod guarded;
mod hash;
mod inventory;
mod json;
mod marks;
mod metrics;
mod metrics_forms;
mod metrics_label;
mod model_id;
mod notes;
mod offload;
mod passages;
mod place;
mod prompt;
mod reader;
mod record;
mod segments;
mod sniff;
mod source;
mod texts;
mod traits;

pub use demand::{DEMAND_COLUMNS, DemandReader, DemandTable, demand_time};
pub use error::TelemetryError;
pub use hash::SEED;
pub use inventory::InventoryReader;
pub use metrics::MetricsReader;
pub use place::is_delivered_log;
pub use reader::{LogFile, LogReader};
pub use sniff::{JsonKind, sniff};
pub use texts::{CallText, TextReader};
