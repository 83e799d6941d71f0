//! The reader of billing exports, CUR 2.0, legacy CUR and FOCUS, become a [`Bill`](lode_model::Bill).
//!
//! Three steps, each usable alone: [`recognise`] says what a table is by its column names; [`BillReader`]
//! reads CSV files itself and takes Parquet as row batches from whoever can read Parquet; [`classify`] says
//! what one usage type means. Every Bedrock row keeps its dollars: what cannot be counted stays as a fixed
//! amount and is listed in `Bill::rejected`.
//!
//! This crate must not know prices, model catalogues, telemetry or Parquet. A model's name leaves it as it was
//! billed.

mod classify;
mod columns;
mod days;
mod delivery;
mod error;
mod gather;
mod kinds;
mod lines;
mod meanings;
mod moment;
mod notes;
mod overlap;
mod periods;
mod place;
mod reader;
mod regions;
mod row;
mod scan;
mod source;
mod tables;
mod telling;
mod units;

pub use classify::{Named, classify};
pub use columns::{Form, recognise};
pub use delivery::{Delivery, Manifest, deliver};
pub use error::BillingError;
pub use reader::{BillReader, Wanted};
pub use regions::region_of_prefix;
pub use telling::Telling;
