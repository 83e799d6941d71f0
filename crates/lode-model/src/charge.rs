//! What was billed: lines of a bill, and the price key that a simulated charge is priced by.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::dimension::words;
use crate::money::{ParseMoneyError, parse_decimal};
use crate::{AccountId, BillingSource, CallerKey, Class, ContextBand, Mode, ModelId, Money, Region, Routing};

words! {
    /// The cost layer of a charge. Layers partition the bill by usage type.
    Layer {
        /// Tokens of text and multimodal models, on demand and in batch.
        Inference = "inference",
        /// Tokens of embedding models.
        Embedding = "embedding",
        /// Vector stores: OpenSearch Serverless and the like.
        VectorStore = "vector-store",
        /// Guardrail text units.
        Guardrails = "guardrails",
        /// Provisioned Throughput and Reserved.
        Capacity = "capacity",
        /// Custom model training, storage and import.
        CustomModels = "custom-models",
        /// Bedrock features with a usage type of their own: rerank, media, AgentCore, data automation, …
        Other = "other",
        /// A usage type no rule knows. The dollars stay in every total.
        Unclassified = "unclassified",
    }
}

words! {
    /// The endpoint that was called, as far as the usage type says.
    Endpoint {
        /// `bedrock-runtime`, or not said.
        Runtime = "bedrock-runtime",
        /// `bedrock-mantle`: its calls are in no invocation log.
        Mantle = "bedrock-mantle",
    }
}

words! {
    /// The smallest step in which a quantity is counted. Quantities are integers of this step.
    Unit {
        /// One token.
        Token = "token",
        /// A millionth of an hour (of a model unit, of an OCU).
        MicroHour = "micro-hour",
        /// A millionth of a GB-month.
        MicroGbMonth = "micro-GB-month",
        /// A millionth of whatever the bill counts: images, text units, requests, …
        Micro = "micro-unit",
    }
}

impl Unit {
    /// How many steps make one of the unit people speak of: a token, an hour, a GB-month, a piece.
    #[must_use]
    pub const fn steps(self) -> i128 {
        match self {
            Self::Token => 1,
            Self::MicroHour | Self::MicroGbMonth | Self::Micro => 1_000_000,
        }
    }

    /// The unit people speak of.
    #[must_use]
    pub const fn spoken(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::MicroHour => "hour",
            Self::MicroGbMonth => "GB-month",
            Self::Micro => "unit",
        }
    }
}

/// A usable quantity: a non-negative integer of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity {
    /// Count of steps.
    pub steps: i128,
    /// What a step is.
    pub unit: Unit,
}

impl Quantity {
    /// Reads a decimal amount of `10^scale` steps each: `scale` 3 for thousands of tokens, 6 for millions
    /// of tokens, for hours and for pieces. Rounded to the nearest step, half away from zero.
    ///
    /// # Errors
    /// When the text is no finite decimal number, or is absurdly large.
    pub fn parse(text: &str, scale: i32, unit: Unit) -> Result<Self, ParseMoneyError> {
        parse_decimal(text, scale).map(|steps| Self { steps, unit })
    }
}

/// What kind of line the bill has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChargeKind {
    /// Usage, at its price.
    Usage,
    /// A one-time or upfront fee. In the window's total; never projected.
    Fee,
    /// Credits: shown apart, outside the run rate.
    Credit,
    /// Refunds: shown apart, outside the run rate.
    Refund,
    /// Tax: shown apart, outside the run rate.
    Tax,
    /// A negative row of a negotiated discount, for exports without net columns: spread over the usage it
    /// belongs to.
    Discount,
}

/// The days a charge covers: from the first to the last, both included (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First day.
    pub first: Date,
    /// Last day; the same as `first` in hourly and daily exports.
    pub last: Date,
}

impl Span {
    /// One day.
    #[must_use]
    pub const fn day(day: Date) -> Self {
        Self { first: day, last: day }
    }

    /// Its days, in order.
    pub fn each_day(self) -> impl Iterator<Item = Date> {
        self.first.series(1.day()).take(self.days())
    }

    /// How many days it covers; at least 1.
    #[must_use]
    pub fn days(self) -> usize {
        usize::try_from((self.last - self.first).get_days()).unwrap_or(0) + 1
    }
}

/// What a bill says a row is, read from its usage type and product before any catalogue is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BilledAs {
    /// Layer by usage type alone; embedding models are known only with the catalogue.
    pub layer: Layer,
    /// What is metered.
    pub class: Class,
    /// Pricing mode.
    pub mode: Mode,
    /// Regional or global price.
    pub routing: Routing,
    /// Context band.
    pub band: ContextBand,
    /// The model's name as billed: a short name, a model id, or a Marketplace product name.
    pub model: Option<Arc<str>>,
    /// A custom model's own price line.
    pub custom: bool,
    /// Which endpoint the usage type names.
    pub endpoint: Endpoint,
}

/// One line of the bill: rows of the export that agree in everything but their amounts, added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillLine {
    /// Days covered.
    pub span: Span,
    /// Usage account.
    pub account: AccountId,
    /// Source region.
    pub region: Region,
    /// Who sells it.
    pub source: BillingSource,
    /// Usage type as billed, region prefix included.
    pub usage_type: Arc<str>,
    /// What that usage type means.
    pub billed_as: BilledAs,
    /// Kind of line.
    pub kind: ChargeKind,
    /// `line_item_resource_id`, where the export has it and it says more than the rest of the line: tokens of a model that
    /// is no custom one keep only the application inference profile they were used through.
    pub resource: Option<Arc<str>>,
    /// `line_item_iam_principal`, where the export has it.
    pub principal: Option<Arc<str>>,
    /// Value of each tag and cost category that was asked for, by its key; those without a value are not here.
    pub labels: Vec<(CallerKey, Arc<str>)>,
    /// Usable quantity; `None` when the unit is unknown or the amount cannot be counted.
    pub quantity: Option<Quantity>,
    /// Unblended cost.
    pub unblended: Money,
    /// Net unblended cost, where the export has it.
    pub net: Option<Money>,
    /// Public on-demand cost; `None` where the export lacks it or gives 0 for a charged row (Marketplace).
    pub list: Option<Money>,
    /// Whether a Savings Plan or a reservation pays: the costs are effective costs, the same used or not.
    pub committed: bool,
    /// How many rows of the export are in this line.
    pub rows: u64,
}

/// What is lost of a bill where something could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// Nothing: the row is used, something beside its dollars and quantity is not known.
    Nothing,
    /// Its quantity: the dollars stay as a fixed amount that no edit touches.
    Quantity,
    /// The row: its dollars are in no total.
    Row,
    /// The rest of the file from that row on.
    RestOfFile,
    /// The whole file.
    File,
}

/// A row or file that could not be used, and where it stands. Its dollars, where known, stay in the totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// File, as the user named it.
    pub file: PathBuf,
    /// Row of data (1 is the first after the header), where the trouble is in one row.
    pub row: Option<u64>,
    /// Column, where the trouble is in one cell.
    pub column: Option<String>,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
    /// Dollars of the row kept in the totals as a fixed amount, where its cost could be read.
    pub kept: Option<Money>,
    /// What is lost.
    pub loss: Loss,
}

/// A billing export, read: its Bedrock lines and what could not be read.
#[derive(Clone, Debug, Default)]
pub struct Bill {
    /// Bedrock lines and those beside it, in a fixed order.
    pub lines: Vec<BillLine>,
    /// Rows and files that could not be used: the first thousand, in file and row order.
    pub rejected: Vec<Rejected>,
    /// How many more could not be used.
    pub rejected_more: u64,
    /// Rows whose cost could not be read: their dollars are in no total.
    pub rows_lost: u64,
    /// Whether some costs are after discounts already and none before them is known: `BilledCost` of FOCUS.
    pub after_discounts: bool,
    /// Currencies of the rows kept, with their rows. More than one cannot be added up.
    pub currencies: Vec<(String, u64)>,
    /// The days the export speaks of: from the start of its first billing period to the last usage day of
    /// any row, of any service.
    pub covered: Option<Span>,
    /// Months between the first and the last of which no row was read, of any service.
    pub missing_periods: Vec<Span>,
    /// Names of accounts, where the export has them.
    pub account_names: BTreeMap<AccountId, Arc<str>>,
    /// Files whose rows are not in the bill, because their billing period was also read from a better place, and which.
    pub superseded: Vec<(PathBuf, String)>,
    /// Whether the principal column is there and filled.
    pub has_principals: bool,
    /// Whether the net cost column is there.
    pub has_net: bool,
    /// All rows read, of any service.
    pub rows_read: u64,
    /// Rows of other services, left aside.
    pub rows_elsewhere: u64,
    /// Files read, in order.
    pub files: Vec<PathBuf>,
}

/// What decides the price of a simulated charge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PriceKey {
    /// Usage account: negotiated prices differ by account.
    pub account: AccountId,
    /// Source region.
    pub region: Region,
    /// Model, or the resource kind where there is none.
    pub model: ModelId,
    /// Regional or global.
    pub routing: Routing,
    /// Pricing mode.
    pub mode: Mode,
    /// Context band.
    pub band: ContextBand,
    /// What is metered.
    pub class: Class,
    /// Who sells it.
    pub source: BillingSource,
    /// A custom model's own price line.
    pub custom: bool,
}
