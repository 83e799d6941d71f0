//! What people and programs read: the ranked report, the bill and the explanation of one figure, as table, Markdown,
//! JSON and CSV.
//!
//! Everything here is a pure function of the engine's outcome, a width and a choice of colour. It computes no
//! saving, reads no file, clock or terminal. Text from bills and logs is hostile: it is
//! shown with control characters taken out, and in Markdown without markup.

mod agents;
mod bill;
mod block_tokens;
mod clock;
mod cohorts;
mod coverage;
mod evidence;
mod explain;
mod habits;
mod look;
mod markdown;
mod metrics;
mod misses;
mod pictures;
mod prose;
mod report_csv;
mod retrieval;
mod rounded;
mod rule_page;
mod silenced;
mod sketch;
mod source;
mod table;
mod text;
mod tie_out;
pub mod v1;
mod whatif;

pub use bill::words::trimmed;
pub use bill::{bill_csv, bill_markdown, bill_table};
pub use clock::say_local_times;
pub use cohorts::explain_cohorts;
pub use explain::explain_recommendation;
pub use habits::means;
pub use look::Look;
pub use markdown::report_markdown;
pub use prose::{DeclinedGroup, Details, Prose, Seen, TieOutLine};
pub use report_csv::report_csv;
pub use rule_page::{explain_all, explain_recommender, explain_rules};
pub use source::{Filter, Labels, Report, Sort, Sources, Unlisted};
pub use table::report_table;
pub use text::{clean, count, dollars, labelled, part, percent, short, whole};
pub use whatif::{
    CachingPage, CapacityPage, ChunkingPage, ChunkingPrice, SkippedFile, WhatIfCachingV1, WhatIfCapacityV1,
    WhatIfChunkingV1, whatif_caching_json, whatif_caching_schema, whatif_caching_table, whatif_capacity_json,
    whatif_capacity_schema, whatif_capacity_table, whatif_chunking_json, whatif_chunking_schema, whatif_chunking_svg,
    whatif_chunking_table,
};

#[cfg(test)]
mod tests;
