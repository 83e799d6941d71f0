//! `lode whatif capacity --format json`, version 1. Plain structs copied from the answer: what changes inside must not
//! change here. Described in `docs/whatif.md`.
//!
//! Money is decimal text with six places, tokens and units whole numbers, shares numbers; what is unknown is absent.
//! Adding an optional field keeps the version.

use lode_model::Term;
use lode_sim::capacity::Point;
use lode_sim::{CapacityOffer, CapacityPart, CapacityPool, CapacityRegret, OfferedUnits};
use schemars::JsonSchema;
use serde::Serialize;

use super::{CapacityPage, end, notes, points};
use crate::v1::Usd;
use crate::whatif::v1::pretty;

/// Points of a curve at the most.
const POINTS: usize = 1_000;

/// The answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WhatIfCapacityV1 {
    /// Version of this contract: 1.
    pub schema_version: u32,
    /// `model-units`, whose figures stand at this level; or `reserved`, whose figures are in `parts`.
    pub tier: String,
    /// Start of the first bin, UTC.
    pub from: String,
    /// End of the last bin, UTC.
    pub to: String,
    /// Account, where calls tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Region whose prices count.
    pub region: String,
    /// Model whose prices count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What a million prompt tokens cost on demand, Standard tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_price: Option<Usd>,
    /// What a million generated tokens cost on demand, Standard tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_price: Option<Usd>,
    /// Day of the list prices.
    pub prices_as_of: String,
    /// Calls in the figures; of a table, those that it counts.
    pub requests: u64,
    /// Of them, on dedicated capacity today.
    pub dedicated_requests: u64,
    /// Left out: failed.
    pub failed_requests: u64,
    /// Left out: batch.
    pub batch_requests: u64,
    /// Left out: calls or rows outside of the time asked for.
    pub outside: u64,
    /// Left out: rows that could not be used.
    pub rejected_rows: u64,
    /// The first thousand of them, and files that broke off.
    pub rejected: Vec<RejectedV1>,
    /// What all tokens cost on demand.
    pub on_demand_cost: Usd,
    /// What they cost with the best numbers of units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_cost: Option<Usd>,
    /// Model units.
    #[serde(flatten)]
    pub units: Option<UnitsV1>,
    /// Reserved input and output; empty of model units.
    pub parts: Vec<PartV1>,
    /// Other models, accounts and regions of the input, which are in no figure.
    pub others: Vec<PoolV1>,
    /// What the figures assume, in words. No contract.
    pub notes: Vec<String>,
}

/// One kind of units of the Reserved tier.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PartV1 {
    /// `input` or `output`.
    pub part: String,
    /// What its tokens cost on demand.
    pub on_demand_cost: Usd,
    /// Its figures.
    #[serde(flatten)]
    pub units: UnitsV1,
}

/// Units and what they come to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UnitsV1 {
    /// Demand by bin.
    pub series: SeriesV1,
    /// Tokens that a unit answers a minute; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_tokens: Option<u64>,
    /// What a unit costs an hour under the commitment chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Usd>,
    /// The commitment chosen: `no-commitment`, `1-month`, `3-month` or `6-month`; absent with a price of the user's that
    /// names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term: Option<String>,
    /// The fewest units that are sold.
    pub min_units: u32,
    /// Tokens a minute that a unit has to answer all the time to be worth it; absent where none could.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub break_even_unit_tokens: Option<u64>,
    /// The number of units that costs least; 0: do not buy. Of reserved input and output both are bought or none: the sum
    /// decides. Absent where what a unit answers is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best: Option<PointV1>,
    /// Every number of units that can be bought, up to the busiest bin; of more than a thousand, a thousand evenly apart,
    /// with the best.
    pub curve: Vec<PointV1>,
    /// How many numbers of units there are.
    pub curve_points: u64,
    /// Whether the curve ends before the busiest bin is answered.
    pub curve_capped: bool,
    /// What the best number costs where demand is not as it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regret: Option<RegretV1>,
    /// Every commitment compared.
    pub terms: Vec<TermV1>,
}

/// Tokens by bin, idle bins included; percentiles are nearest ranks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SeriesV1 {
    /// Bins.
    pub bins: u64,
    /// Seconds of one.
    pub bin_seconds: u32,
    /// Mean, rounded down.
    pub mean: u64,
    /// Half of the bins have no more.
    pub p50: u64,
    /// 90 % have no more.
    pub p90: u64,
    /// 95 % have no more.
    pub p95: u64,
    /// 99 % have no more.
    pub p99: u64,
    /// The busiest.
    pub max: u64,
}

/// A number of units.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PointV1 {
    /// Units.
    pub units: u32,
    /// Their cost and that of what is beyond them.
    pub cost: Usd,
    /// Tokens answered, as a share of what could be.
    pub utilisation: f64,
    /// Tokens beyond the units, as a share of all.
    pub overflow_share: f64,
}

/// A commitment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TermV1 {
    /// How long it binds; absent with a price of the user's that names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term: Option<String>,
    /// What a unit costs an hour.
    pub unit_price: Usd,
    /// Tokens a minute that a unit has to answer all the time to be worth it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub break_even_unit_tokens: Option<u64>,
    /// The number of units that costs least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best: Option<PointV1>,
}

/// What the best number of units costs where demand is not as it was.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RegretV1 {
    /// At other volumes.
    pub volumes: Vec<VolumeV1>,
    /// UTC days compared.
    pub days: u64,
    /// Above each day's own best number, on average.
    pub day_mean: Usd,
    /// The same on the worst day.
    pub day_worst: Usd,
    /// Which that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worst_day: Option<String>,
}

/// Another volume.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VolumeV1 {
    /// As a share of the volume measured.
    pub volume: f64,
    /// Units that would be best.
    pub best_units: u32,
    /// What the units chosen cost above them. Of reserved input or output it may be negative; the sum of both is not.
    pub cost: Usd,
}

/// A model in an account and region.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PoolV1 {
    /// Account.
    pub account: String,
    /// Source region.
    pub region: String,
    /// Model.
    pub model: String,
    /// Tokens.
    pub tokens: u64,
}

/// A row that could not be used, or a file that broke off.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "RejectedRowV1")]
pub struct RejectedV1 {
    /// File, as named.
    pub file: String,
    /// Row of data; 1 is the first after the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// Column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What was found.
    pub found: String,
    /// What was expected, and what to do.
    pub expected: String,
}

impl From<&lode_model::Rejected> for RejectedV1 {
    fn from(rejected: &lode_model::Rejected) -> Self {
        Self {
            file: rejected.file.display().to_string(),
            row: rejected.row,
            column: rejected.column.clone(),
            found: rejected.found.clone(),
            expected: rejected.expected.clone(),
        }
    }
}

impl From<&CapacityPool> for PoolV1 {
    fn from(pool: &CapacityPool) -> Self {
        Self {
            account: pool.account.as_str().to_owned(),
            region: pool.region.as_str().to_owned(),
            model: pool.model.as_str().to_owned(),
            tokens: pool.tokens,
        }
    }
}

impl From<Point> for PointV1 {
    fn from(point: Point) -> Self {
        let Point { units, cost, utilisation, overflow_share } = point;
        Self { units, cost: cost.into(), utilisation, overflow_share }
    }
}

fn word(term: Term) -> String {
    term.as_str().to_owned()
}

impl From<&CapacityOffer> for TermV1 {
    fn from(offer: &CapacityOffer) -> Self {
        Self {
            term: offer.term.map(word),
            unit_price: offer.hourly.into(),
            break_even_unit_tokens: offer.break_even,
            best: offer.best.map(PointV1::from),
        }
    }
}

impl From<&CapacityRegret> for RegretV1 {
    fn from(regret: &CapacityRegret) -> Self {
        let volume = |volume: &lode_sim::OtherVolume| VolumeV1 {
            volume: f64::from(volume.percent) / 100.0,
            best_units: volume.best_units,
            cost: volume.regret.into(),
        };
        Self {
            volumes: regret.volumes.iter().map(volume).collect(),
            days: regret.days.days,
            day_mean: regret.days.mean.into(),
            day_worst: regret.days.worst.into(),
            worst_day: regret.worst_day.map(|day| day.to_string()),
        }
    }
}

impl UnitsV1 {
    fn of(part: &CapacityPart, bin_seconds: u32) -> Self {
        let (offer, series) = (part.offer(), &part.series);
        let curve = part.curve.as_ref().zip(part.best());
        let curve_points = curve.map_or(0, |(curve, _)| curve.units().count() as u64);
        Self {
            series: SeriesV1 {
                bins: series.bins,
                bin_seconds,
                mean: series.mean(),
                p50: series.p50,
                p90: series.p90,
                p95: series.p95,
                p99: series.p99,
                max: series.max,
            },
            unit_tokens: part.unit_tokens,
            unit_price: offer.map(|offer| offer.hourly.into()),
            term: offer.and_then(|offer| offer.term).map(word),
            min_units: part.least,
            break_even_unit_tokens: offer.and_then(|offer| offer.break_even),
            best: part.best().map(PointV1::from),
            curve: curve.map_or_else(Vec::new, |(curve, best)| {
                points(curve, best, POINTS).into_iter().map(PointV1::from).collect()
            }),
            curve_points,
            curve_capped: part.curve.as_ref().is_some_and(lode_sim::capacity::Curve::is_capped),
            regret: part.regret.as_ref().map(RegretV1::from),
            terms: part.offers.iter().map(TermV1::from).collect(),
        }
    }
}

impl From<&CapacityPage<'_>> for WhatIfCapacityV1 {
    fn from(page: &CapacityPage<'_>) -> Self {
        let answer = page.answer;
        let (mut units, mut parts, mut tier) = (None, Vec::new(), "model-units");
        for part in &answer.parts {
            let figures = UnitsV1::of(part, answer.bin_seconds);
            let name = match part.units {
                OfferedUnits::Model => {
                    units = Some(figures);
                    continue;
                }
                OfferedUnits::ReservedInput => "input",
                OfferedUnits::ReservedOutput => "output",
            };
            tier = "reserved";
            parts.push(PartV1 { part: name.to_owned(), on_demand_cost: part.on_demand.into(), units: figures });
        }
        let time =
            |second| jiff::Timestamp::from_second(second).map_or_else(|_| String::new(), |time| time.to_string());
        Self {
            schema_version: 1,
            tier: tier.to_owned(),
            from: time(answer.first),
            to: time(end(answer)),
            account: answer.pool.as_ref().map(|pool| pool.account.as_str().to_owned()),
            region: answer.region.as_str().to_owned(),
            model: answer.model.as_ref().map(|model| model.as_str().to_owned()),
            input_price: answer.input_price.map(Usd::from),
            output_price: answer.output_price.map(Usd::from),
            prices_as_of: page.prices_as_of.to_string(),
            requests: answer.calls.requests,
            dedicated_requests: answer.calls.dedicated,
            failed_requests: answer.calls.failed,
            batch_requests: answer.calls.batch,
            outside: answer.calls.outside,
            rejected_rows: page.rejected_rows(),
            rejected: page.rejected.iter().map(RejectedV1::from).collect(),
            on_demand_cost: answer.on_demand().into(),
            best_cost: answer.best_cost().map(Usd::from),
            units,
            parts,
            others: answer.others.iter().map(PoolV1::from).collect(),
            notes: notes::notes(page),
        }
    }
}

/// The answer as JSON.
#[must_use]
pub fn whatif_capacity_json(page: &CapacityPage<'_>) -> String {
    pretty(&WhatIfCapacityV1::from(page))
}

/// The JSON schema of [`WhatIfCapacityV1`].
#[must_use]
pub fn whatif_capacity_schema() -> String {
    pretty(&schemars::schema_for!(WhatIfCapacityV1))
}
