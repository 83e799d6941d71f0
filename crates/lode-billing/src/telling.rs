//! Which rows of a Parquet file may belong to the bill, told from a few columns, so that the others need not be read.
//!
//! It says yes whenever it cannot tell: the classifier has the last word.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::classify::{has_marketplace_form, is_serverless};
use crate::columns::{Col, Layout};
use crate::row::Value;

/// The columns that tell, and the test on their texts.
#[derive(Clone, Debug)]
pub struct Telling {
    columns: Vec<(Col, String)>,
    stores: Arc<BTreeSet<String>>,
    /// Whether a column tells Marketplace rows: by seller, by product name, or (FOCUS) by operation.
    names_seller: bool,
    /// Whether nothing but the product's code tells the seller.
    opaque_codes: bool,
}

impl Telling {
    pub(crate) fn of(layout: &Layout, stores: Arc<BTreeSet<String>>) -> Self {
        let telling = layout.telling(!stores.is_empty());
        let columns: Vec<(Col, String)> = telling.into_iter().map(|(col, name)| (col, name.to_owned())).collect();
        let names_seller =
            columns.iter().any(|(col, _)| matches!(col, Col::BillingEntity | Col::ProductName | Col::Operation));
        let opaque_codes = !layout.has(Col::BillingEntity);
        Self { columns, stores, names_seller, opaque_codes }
    }

    /// The columns, as the table spells them.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        self.columns.iter().map(|(_, name)| name.clone()).collect()
    }

    /// Whether a row with these texts in those columns may belong to the bill.
    #[must_use]
    pub fn may_be_ours(&self, texts: &[Option<&str>]) -> bool {
        let said = |text: &Option<&str>| text.is_some_and(|text| !Value::of_text(text).is_null());
        let mut named = false;
        let tells = self.columns.iter().zip(texts).any(|((col, _), text)| {
            named |= said(text) && matches!(col, Col::ProductCode | Col::ServiceName);
            match (col, text.filter(|_| said(text))) {
                (Col::BillingEntity, None) => true,
                (Col::BillingEntity, Some(entity)) => entity.trim().eq_ignore_ascii_case("AWS Marketplace"),
                (_, None) => false,
                (Col::Operation, Some(operation)) => operation.contains("InvokeModel"),
                (Col::UsageType, Some(usage_type)) => has_marketplace_form(usage_type) || is_serverless(usage_type),
                (Col::Resource, Some(resource)) => self.stores.contains(resource.trim()),
                // Codes of Marketplace products are opaque; those of AWS' own services mostly begin like this.
                (Col::ProductCode, Some(code)) => holds_bedrock(code) || self.opaque_codes && !is_own_code(code),
                (_, Some(name)) => holds_bedrock(name),
            }
        });
        // A row that says neither its seller nor its service may be anyone's.
        tells || !named || !self.names_seller
    }
}

fn is_own_code(code: &str) -> bool {
    ["amazon", "aws"].iter().any(|own| code.get(..own.len()).is_some_and(|start| start.eq_ignore_ascii_case(own)))
}

/// Whether a name holds the product's, in any case and with any spaces within.
fn holds_bedrock(name: &str) -> bool {
    let plain: Vec<u8> = name
        .bytes()
        .filter(|b| !b.is_ascii_whitespace() && !matches!(b, b'-' | b'_'))
        .map(|b| b.to_ascii_lowercase())
        .collect();
    plain.windows(b"bedrock".len()).any(|window| window == b"bedrock")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::classify::{Named, classify};

    const CUR: [&str; 6] = [
        "bill_billing_entity",
        "line_item_product_code",
        "line_item_usage_type",
        "line_item_usage_account_id",
        "line_item_unblended_cost",
        "line_item_usage_amount",
    ];

    fn telling(columns: &[&str], stores: &[&str]) -> Telling {
        let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        let layout = Layout::of(Path::new("x"), &columns, &[]).expect("an export");
        Telling::of(&layout, Arc::new(stores.iter().map(|store| (*store).to_owned()).collect()))
    }

    #[test]
    fn rows_of_other_services_are_passed_over() {
        let cur = telling(&[&CUR[..], &["line_item_usage_start_date"]].concat(), &[]);
        assert_eq!(cur.columns(), CUR[..3].to_vec());
        let ours = |entity, code, usage_type| cur.may_be_ours(&[Some(entity), Some(code), Some(usage_type)]);
        assert!(!ours("AWS", "AmazonEC2", "USE1-BoxUsage:m5.large"));
        assert!(!ours("AWS", "AmazonES", "USE1-ESInstance:m5.large"));
        assert!(ours("AWS", "AmazonES", "USE1-SearchOCU"));
        assert!(ours("AWS", "AmazonBedrockService", "x"));
        assert!(ours("AWS Marketplace", "4a524th30q", "x"));
        assert!(ours("", "4a524th30q", "x"), "who sells it is not said");
        assert!(cur.may_be_ours(&[Some("AWS"), None, None]));
    }

    fn word(words: &'static [&'static str]) -> impl Strategy<Value = Option<&'static str>> {
        proptest::sample::select(words).prop_map(|word: &str| (!word.is_empty()).then_some(word))
    }

    proptest! {
        /// What the classifier takes is never passed over.
        #[test]
        fn nothing_of_the_bill_is_passed_over(
            entity in word(&["", "AWS", "AWS Marketplace", "aws marketplace", "NULL"]),
            code in word(&["", "AmazonEC2", "AmazonBedrock", "Amazon Bedrock", "AmazonES", "AmazonRDS", "4a524th30q"]),
            service in word(&["", "Amazon Bedrock Service", "Amazon OpenSearch Service", "Amazon EC2", "X (Amazon Bedrock Edition)"]),
            operation in word(&["", "InvokeModelInference", "Usage", "RunInstances"]),
            usage_type in word(&["", "USE1-BoxUsage", "USE1-SearchOCU", "USE1-MP:USE1_InputTokenCount-Units", "USE1-NovaPro-input-tokens",
                "USE1_input_tokens_standard-Units", "USE1-Aurora:ServerlessV2Usage"]),
            publisher in word(&["", "AWS", "Anthropic"]),
            resource in word(&["", "arn:aws:bedrock:us-east-1::foundation-model/x", "the-store", "i-1"]),
        ) {
            let stores = ["the-store"];
            let named = |in_focus: bool| Named {
                entity: if in_focus { None } else { entity },
                product_code: code.unwrap_or_default(),
                product_name: None,
                usage_type: usage_type.unwrap_or_default(),
                resource,
                service_name: service.filter(|_| in_focus),
                publisher: publisher.filter(|_| in_focus),
                operation: operation.filter(|_| in_focus),
                knowledge_base_store: resource == Some("the-store"),
            };
            let cur = telling(&[&CUR[..], &["line_item_usage_start_date", "line_item_resource_id"]].concat(), &stores);
            if classify(&named(false)).is_some() {
                prop_assert!(cur.may_be_ours(&[entity, code, usage_type, resource]));
            }
            let columns = ["BilledCost", "ChargeCategory", "SubAccountId", "ChargePeriodStart", "PricingQuantity", "x_ServiceCode",
                "ServiceName", "x_Operation", "x_UsageType", "ResourceId"];
            if classify(&named(true)).is_some() {
                let focus = telling(&columns, &stores);
                prop_assert_eq!(focus.columns(), columns[5..].to_vec());
                prop_assert!(focus.may_be_ours(&[code, service, operation, usage_type, resource]));
            }
        }
    }
}
