//! What pictures are drawn from, in the contract: the same figures as numbers, for who draws or reads them otherwise.

use schemars::JsonSchema;
use serde::Serialize;

use super::Usd;

/// When calls are made, by hour of the week in one time zone: the logged calls that could be tied to the bill, failed ones
/// included, on the complete UTC days of the window.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DemandV1 {
    /// The time zone of weekdays and hours: its IANA name, such as `UTC` or `Europe/Berlin`.
    pub time_zone: String,
    /// Complete UTC days counted.
    pub days: usize,
    /// Calls on them: the sum over `hours`.
    pub calls: u64,
    /// Of them, those that recommendations move to batch or Flex, each once, as the simulator moves them: the sum over
    /// `hours`, and over `moves`.
    pub movable_calls: u64,
    /// The hours of the week, Monday 0 o'clock first: 168.
    pub hours: Vec<HourOfWeekV1>,
    /// Recommendations that move calls, by rank.
    pub moves: Vec<MovedCallsV1>,
}

/// An hour of the week.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HourOfWeekV1 {
    /// 1 for Monday to 7 for Sunday.
    pub weekday: u8,
    /// 0 to 23.
    pub hour: u8,
    /// How many hours of the days counted are such an hour; not whole where the zone is off by a part of an hour.
    pub count: f64,
    /// Calls in them.
    pub calls: u64,
    /// Of them, those that recommendations move.
    pub movable: u64,
    /// Tokens of the calls: prompts with what the cache read and wrote, and answers.
    pub tokens: u64,
    /// Calls in such an hour on average; 0 where the days have none.
    pub calls_per_hour: f64,
}

/// Calls that one recommendation moves.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MovedCallsV1 {
    /// Id of the recommendation.
    pub id: String,
    /// `batch` or `flex`.
    pub mode: String,
    /// Calls that none before it moves.
    pub calls: u64,
}

/// Prompt-cache reads and writes of each caller by complete UTC day, on demand.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CacheDaysV1 {
    /// The callers with most tokens read and written, six at the most.
    pub callers: Vec<CallerCacheV1>,
    /// The others with any, summed up; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub others: Option<OtherCacheV1>,
}

/// What one caller of one model read and wrote.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CallerCacheV1 {
    /// Account.
    pub account: String,
    /// Source region.
    pub region: String,
    /// Model.
    pub model: String,
    /// Caller, all kinds of its calls together.
    pub caller: String,
    /// `bill`; `logs` where the bill has rows of several days at once.
    pub source: String,
    /// The first day of the last unbroken run of days whose reads do not repay the writes, where earlier days did: by the
    /// logs of the kind of its calls that writes most, at list prices. Absent where there is none, or no prompt is known.
    #[serde(rename = "break", skip_serializing_if = "Option::is_none")]
    pub breaks: Option<String>,
    /// Ids of the recommendations about its caching.
    pub recommendations: Vec<String>,
    /// Every complete day of the window.
    pub days: Vec<CachedDayV1>,
}

/// A day.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CachedDayV1 {
    /// Date.
    pub date: String,
    /// Prompt tokens, with those read and written.
    pub prompt_tokens: u64,
    /// Of them, read from the cache.
    pub read_tokens: u64,
    /// Of them, written to it.
    pub written_tokens: u64,
}

/// Callers that are not listed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OtherCacheV1 {
    /// How many callers of a model.
    pub callers: usize,
    /// Their prompt tokens on complete days.
    pub prompt_tokens: u64,
    /// Of them, read from the cache.
    pub read_tokens: u64,
    /// Of them, written to it.
    pub written_tokens: u64,
}

/// What committed capacity costs by the number of units, at one term.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CurveV1 {
    /// What units are bought in: `model-unit`, or `reserved-input` and `reserved-output`, thousands of tokens a minute.
    pub kind: String,
    /// How long they are bought for: `no-commitment`, `1-month`, `3-month` or `6-month`.
    pub term: String,
    /// What everything on demand costs a month: the point of no units.
    pub on_demand_monthly: Usd,
    /// The number that costs least; 0 says: do not buy.
    pub best: u32,
    /// The cheapest number above 0; absent where none is on sale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bought: Option<u32>,
    /// The number in force today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owned: Option<u32>,
    /// Tokens a minute that one unit has to answer, all the time, to be worth what it costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub break_even_tokens_per_minute: Option<u64>,
    /// Whether the busiest minute of the units in force is all that tells what a unit answers: at least so much, and fewer
    /// units may do.
    pub capacity_seen: bool,
    /// By number of units, rising, from 0: all numbers on sale, or about 200 of very many, with those named above.
    pub points: Vec<CurvePointV1>,
}

/// One number of units.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CurvePointV1 {
    /// Units.
    pub units: u32,
    /// The units and what is beyond them on demand.
    pub monthly: Usd,
    /// Tokens that the units answer, as a share of what they could.
    pub utilisation: f64,
    /// Tokens beyond the units, as a share of all.
    pub overflow_share: f64,
}

/// What the customer's own retrieval came to, as `lode whatif chunking` measured it: recall against context tokens.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RetrievalFrontierV1 {
    /// Id of the recommendation that it was measured for.
    pub recommendation: String,
    /// The day of the measurement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Questions asked of each configuration.
    pub questions: u64,
    /// The most recall that the configuration to take may lose against the best, as asked.
    pub max_recall_loss: f64,
    /// Configurations, by context tokens, recall and name.
    pub points: Vec<RetrievalPointV1>,
}

/// One configuration with a number of results.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RetrievalPointV1 {
    /// How documents are cut, such as `fixed 300, 20 %`.
    pub label: String,
    /// Results a question.
    pub results: u32,
    /// Tokens that the results put into a prompt, on average.
    pub context_tokens: f64,
    /// The share of the passages that answer a question that was found, on average.
    pub recall: f64,
    /// Whether no other has both fewer context tokens and a higher recall.
    pub on_frontier: bool,
    /// Whether it is in force.
    pub in_force: bool,
    /// Whether it is the one to take.
    pub recommended: bool,
}
