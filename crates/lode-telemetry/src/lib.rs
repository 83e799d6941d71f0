//! The room for invocation logs, CloudWatch metrics and inventory JSON: they will become a
//! `lode_model::Trace` here. It is empty in this version: the command line says of such files that they are not
//! yet read, and levers that need them are declined as data gaps.
//!
//! It must not know bills, prices, rules or Parquet. The text of requests never leaves it: only counts, hashes,
//! shapes, caller identifiers and tool names will.
