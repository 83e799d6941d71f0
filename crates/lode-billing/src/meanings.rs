//! What rows are, by the names they carry: worked out once for all rows that carry the same.

#![expect(clippy::disallowed_types, reason = "looked up for every row, never walked through")]

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use lode_model::{BilledAs, BillingSource, Caller, Layer, Region};
use memchr::memmem;

use crate::classify::{Named, classify, model_in};
use crate::columns::Col;
use crate::place::{region_name, region_of_arn};
use crate::row::{Row, map_entry};
use crate::units::Measure;

/// What a row is. The order of the fields is that of the bill's lines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Meaning {
    pub(crate) region: Region,
    pub(crate) source: BillingSource,
    pub(crate) usage_type: Arc<str>,
    pub(crate) billed_as: BilledAs,
}

/// By usage type and model, which tell nearly all meanings apart: lines are looked up for every row.
impl Hash for Meaning {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.usage_type.hash(state);
        self.billed_as.model.hash(state);
    }
}

impl Meaning {
    /// What a fee, a credit or a tax is: without a usage type there is nothing to be classified.
    pub(crate) fn of_no_usage(this: &Arc<Self>) -> Arc<Self> {
        if !this.usage_type.is_empty() || this.billed_as.layer != Layer::Unclassified {
            return Arc::clone(this);
        }
        let mut plain = this.as_ref().clone();
        plain.billed_as.layer = Layer::Other;
        Arc::new(plain)
    }

    /// Whether a resource says more of such a row than the row does: tokens of a model that is no custom one are the
    /// model's whatever they ran on, but for the inference profiles that callers have of their own.
    pub(crate) fn needs(&self, resource: &str) -> bool {
        let plain = matches!(self.billed_as.layer, Layer::Inference | Layer::Embedding)
            && self.billed_as.class.is_token()
            && !self.billed_as.custom;
        !plain || Caller::from_profile_arn(resource).is_some()
    }
}

/// All that the names of a row decide.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) meaning: Arc<Meaning>,
    /// Whether no cell of the row names a region that is known.
    pub(crate) nowhere: bool,
    /// How an amount in the pricing unit is read, and one in FOCUS' unit of consumption.
    pub(crate) priced: Option<Measure>,
    pub(crate) consumed: Option<Measure>,
}

/// All that a row's resource says of its meaning.
struct Told<'a> {
    /// The model in its ARN.
    model: Option<&'a str>,
    region: Option<&'a str>,
    /// Whether it is one of Bedrock's.
    bedrock: bool,
    /// Whether a knowledge base keeps its vectors there.
    is_store: bool,
}

impl<'a> Told<'a> {
    fn by(resource: Option<&'a str>, stores: &BTreeSet<String>) -> Self {
        Self {
            model: resource.and_then(model_in),
            region: region_of_arn(resource),
            bedrock: resource.is_some_and(|resource| memmem::find(resource.as_bytes(), b":bedrock").is_some()),
            is_store: resource.is_some_and(|resource| stores.contains(resource)),
        }
    }
}

/// The names of the rows so far, with everything that they decide: rows of one hour, caller or price differ in
/// nothing of it.
#[derive(Debug, Default)]
pub(crate) struct Meanings {
    known: HashMap<Box<str>, Option<Arc<Known>>>,
    key: String,
}

/// The columns that are part of what decides, beside the seller, the product's name and the resource.
const NAMES: [Col; 9] = [
    Col::ProductCode,
    Col::ServiceName,
    Col::Publisher,
    Col::Issuer,
    Col::Operation,
    Col::UsageType,
    Col::RegionCode,
    Col::PricingUnit,
    Col::ConsumedUnit,
];

impl Meanings {
    /// More than that are not remembered: their rows have little in common.
    const MOST: usize = 65_536;

    /// What a row is; `None` for rows of other services.
    pub(crate) fn of(
        &mut self,
        row: &impl Row,
        resource: Option<&str>,
        stores: &BTreeSet<String>,
    ) -> Option<Arc<Known>> {
        let entity = row.cell(Col::BillingEntity).text();
        let may_be_marketplace = entity.as_deref().is_none_or(|entity| entity.eq_ignore_ascii_case("AWS Marketplace"));
        let asks_name = may_be_marketplace || row.cell(Col::ProductCode).is_null();
        let name = asks_name.then(|| {
            let own = row.cell(Col::ProductName).text().map(Cow::into_owned);
            own.or_else(|| map_entry(&row.cell(Col::Product), &["product_name"]))
        });
        let name = name.flatten();
        let texts = NAMES.map(|col| row.cell(col).text());
        let told = Told::by(resource, stores);
        self.key.clear();
        let names = [entity.as_deref(), name.as_deref(), told.model, told.region];
        for text in names.into_iter().chain(texts.iter().map(|text| text.as_deref())) {
            self.key.push_str(text.unwrap_or_default());
            self.key.push('\0');
        }
        self.key.push_str(if told.is_store { "store" } else { "" });
        self.key.push_str(if told.bedrock { "bedrock" } else { "" });
        if let Some(known) = self.known.get(self.key.as_str()) {
            return known.clone();
        }
        let [code, service, publisher, issuer, operation, usage_type, region, pricing_unit, consumed_unit] =
            texts.each_ref().map(|text| text.as_deref());
        let usage_type = usage_type.unwrap_or_default();
        let named = Named {
            entity: entity.as_deref(),
            product_code: code.unwrap_or_default(),
            product_name: name.as_deref(),
            usage_type,
            resource,
            service_name: service,
            publisher: publisher.or(issuer),
            operation,
            knowledge_base_store: told.is_store,
        };
        let known = classify(&named).map(|(source, prefix_region, billed_as)| {
            let region = region.and_then(region_name).or(prefix_region).or_else(|| told.region.map(Region::from));
            let measure = |unit| Measure::of(unit, &billed_as.class, usage_type);
            Arc::new(Known {
                nowhere: region.is_none(),
                priced: measure(pricing_unit),
                consumed: measure(consumed_unit),
                meaning: Arc::new(Meaning {
                    region: region.unwrap_or_else(|| Region::from("unknown")),
                    source,
                    usage_type: usage_type.into(),
                    billed_as,
                }),
            })
        });
        if self.known.len() < Self::MOST {
            self.known.insert(self.key.as_str().into(), known.clone());
        }
        known
    }
}
