//! What AWS asks: the built-in catalogue of Bedrock list prices, with models, their lifecycle, the pairs
//! of models worth comparing, and the names all of them go by on bills.
//!
//! The catalogue is data, in `data/*.json`, one model or move a line, prices as decimal text. Every price
//! carries the letters of its sources; [`Catalogue::sources`] says what they are. This crate knows list
//! prices only: no bill, no file, no clock. A price it does not have is an [`Unpriced`] with its reason,
//! never zero and never a guess; a price it computes by a documented multiplier says how.

mod book;
mod catalogue;
mod model_info;
mod moves;
mod names;
mod price;
mod service;
mod sheet;

pub use book::{NewRates, Origin, PriceBook, Quote, is_implausible};
pub use catalogue::{Catalogue, Source};
pub use model_info::{
    Billing, CacheRules, CustomPrices, ExtendedAccess, Lifecycle, Modality, ModelInfo, ModelKind, ModelStatus,
    Provisioned, Tier, TokenizerChange, TokenizerGroup, UnitPrices,
};
pub use moves::{Move, MoveKind, Risk, Score, Watch};
pub use price::{ListPrice, Unpriced};
pub use service::{ServiceCount, ServicePrice};
