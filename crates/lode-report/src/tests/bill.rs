//! A bill with everything on its page, small enough to add up by hand.
//!
//! 28 days from 2026-10-01 on, without the 10th and the 11th. On each of the other 26: 10 million Nova Pro input tokens
//! at 0.72 (list 0.80), 7.20 dollars; a million Claude output tokens through AWS Marketplace at list, 16.50, of no
//! caller; 24 OCU-hours, 5.76. Once: Nova Lite input at five times list, 0.30, on the 5th; tokens withheld, 3.20, on the
//! 6th; a fee of 100. Together 187.20 + 429.00 + 149.76 + 0.30 + 3.20 + 100.00 = 869.46.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::date;
use lode_model::{
    BillingSource, CallerKey, ChargeKind, Class, ContextBand, Layer, Mode, Money, Owner, PriceKey, Quantity, Routing,
    Span, Unit, WorkloadId,
};
use lode_prices::{Catalogue, PriceBook};
use lode_sim::{Adjustment, Anomaly, BillView, Charge, Misfit};

use super::fixture::{Fixture, dollars, workload};
use crate::{Look, bill_csv, bill_markdown, bill_table, v1};

const NOVA_PRO: &str = "amazon.nova-pro-v1:0";
const CLAUDE: &str = "anthropic.claude-sonnet-4-6";

fn owned(caller: &str, model: &str) -> Owner {
    match workload(caller, "all") {
        Owner::Workload(workload) => Owner::Workload(WorkloadId { model: model.into(), ..workload }),
        other => other,
    }
}

fn charge(
    source: BillingSource,
    model: &str,
    class: Class,
    day: i8,
    quantity: Option<Quantity>,
    billed: &str,
) -> Charge {
    let ocu = class == Class::SearchOcuHour;
    let caller = if source == BillingSource::AwsMarketplace { "unattributed" } else { "role/app" };
    Charge {
        owner: if ocu {
            Owner::Resource("111111111111".into(), "us-east-1".into(), "collection/docs".into())
        } else {
            owned(caller, model)
        },
        key: PriceKey {
            account: "111111111111".into(),
            region: "us-east-1".into(),
            model: model.into(),
            routing: Routing::Regional,
            mode: Mode::Standard,
            band: ContextBand::Standard,
            class,
            source,
            custom: false,
        },
        span: Span::day(date(2026, 10, day)),
        layer: if ocu { Layer::VectorStore } else { Layer::Inference },
        kind: ChargeKind::Usage,
        usage_type: format!("USE1-{model}").as_str().into(),
        quantity,
        billed: dollars(billed),
    }
}

fn tokens(millions: i128) -> Option<Quantity> {
    Some(Quantity { steps: millions * 1_000_000, unit: Unit::Token })
}

pub(super) fn whole_bill() -> Fixture {
    use BillingSource::{AmazonBedrock, AwsMarketplace, Beside};
    let mut charges = Vec::new();
    for day in (1..=28).filter(|day| !(10..=11).contains(day)) {
        let hours = Some(Quantity { steps: 24_000_000, unit: Unit::MicroHour });
        charges.push(charge(AmazonBedrock, NOVA_PRO, Class::Input, day, tokens(10), "7.2"));
        charges.push(charge(AwsMarketplace, CLAUDE, Class::Output, day, tokens(1), "16.5"));
        charges.push(charge(Beside, "unknown", Class::SearchOcuHour, day, hours, "5.76"));
    }
    charges.push(charge(AmazonBedrock, "amazon.nova-lite-v1:0", Class::Input, 5, tokens(1), "0.3"));
    charges.push(charge(AmazonBedrock, NOVA_PRO, Class::Input, 6, None, "3.2"));
    let fee = charge(AmazonBedrock, "unknown", Class::Other("fee".into()), 1, None, "100");
    let owner = Owner::Account("111111111111".into());
    charges.push(Charge { owner, layer: Layer::Other, kind: ChargeKind::Fee, ..fee });
    charges.sort();
    let mut fixture = Fixture::without_logs();
    let priced = charges.iter().filter_map(|c| Some((&c.key, c.quantity?.steps, c.billed)));
    fixture.estate.prices = PriceBook::new(Catalogue::builtin(), priced);
    fixture.estate.charges = charges;
    fixture.estate.has_principals = false;
    fixture.estate.implausible = vec![Anomaly {
        usage_type: "USE1-NovaPro-raw".into(),
        misfit: Misfit::ThousandTooMany,
        unit: Unit::Token,
        billed: dollars("3.2"),
        list: dollars("3200"),
        used: false,
    }];
    let credit = Adjustment { kind: ChargeKind::Credit, account: "111111111111".into(), amount: dollars("-12.5") };
    fixture.estate.aside = vec![credit];
    fixture
}

fn look(width: usize) -> Look {
    Look { width, colour: false }
}

fn view() -> BillView {
    BillView::of(&whole_bill().estate)
}

fn named(slices: &[lode_sim::Slice]) -> Vec<(&str, String)> {
    slices.iter().map(|slice| (slice.name.as_str(), slice.billed.to_decimal(2))).collect()
}

#[test]
fn pages() {
    let fixture = whole_bill();
    insta::assert_snapshot!("whole-bill-80", fixture.show(|report| bill_table(report, look(80))));
    insta::assert_snapshot!("whole-bill-160", fixture.show(|report| bill_table(report, look(160))));
    insta::assert_snapshot!("whole-bill-markdown", fixture.show(bill_markdown));
    let csv = fixture.show(bill_csv);
    let days = csv.lines().filter(|line| line.starts_with("day")).count();
    assert_eq!(days, 28 + 1 + 26 * 2 + 1, "days, fees, inference and vector store on 26 days, fees");
    let rest: Vec<&str> = csv.lines().filter(|line| !line.starts_with("day")).collect();
    insta::assert_snapshot!("whole-bill-csv", rest.join("\n"));
}

#[test]
fn natures_services_and_callers_are_what_was_billed() {
    let view = view();
    let expected = [("usage", "619.70"), ("standing", "149.76"), ("one-off", "100.00")];
    assert_eq!(named(&view.by_nature), expected.map(|(name, billed)| (name, billed.to_owned())));
    assert_eq!(view.by_nature[2].monthly, Money::ZERO, "no month repeats a fee");
    let expected = [
        ("Claude Sonnet 4.6 (Amazon Bedrock Edition)", "429.00"),
        ("Amazon Bedrock", "290.70"),
        ("Amazon OpenSearch Service", "149.76"),
    ];
    assert_eq!(named(&view.by_service), expected.map(|(name, billed)| (name, billed.to_owned())));
    let found = &view.attribution;
    assert_eq!((found.inference, found.unattributed), (dollars("619.7"), dollars("429")));
    assert_eq!((found.marketplace, view.unattributed.billed), (dollars("429"), dollars("429")));
    assert_eq!(
        found.largest_role.as_ref().map(|(role, billed)| (role.as_str(), *billed)),
        Some(("role/app", dollars("190.7")))
    );
}

#[test]
fn rates_stand_beside_list() {
    let view = view();
    let of = |model: &str| {
        view.rates.iter().find(|row| row.key.model.as_str() == model && row.quantity.is_some()).expect("a row")
    };
    let nova = of(NOVA_PRO);
    assert_eq!((nova.effective_rate(), nova.list_rate()), (Some(dollars("0.72")), Some(dollars("0.8"))));
    assert_eq!((nova.billed, nova.at_list()), (dollars("187.2"), Some(dollars("208"))));
    let claude = of(CLAUDE);
    assert_eq!((claude.effective_rate(), claude.list_rate()), (Some(dollars("16.5")), Some(dollars("16.5"))));
    assert_eq!(of("unknown").effective_rate(), Some(dollars("0.24")), "an OCU-hour");
    assert_eq!(view.rates.iter().map(|row| row.billed).sum::<Money>(), view.billed, "fixed amounts and fees too");
    let sellers: Vec<_> = view.against_list.iter().map(|s| (s.source, s.billed, s.list, s.unpriced)).collect();
    assert_eq!(
        sellers,
        [
            (BillingSource::AmazonBedrock, dollars("187.5"), dollars("208.06"), dollars("3.2")),
            (BillingSource::AwsMarketplace, dollars("429"), dollars("429"), Money::ZERO),
            (BillingSource::Beside, dollars("149.76"), dollars("149.76"), Money::ZERO),
        ]
    );
}

#[test]
fn what_does_not_fit_is_said_and_only_what_cannot_be_is_withheld() {
    let found = view().anomalies;
    let said: Vec<_> = found.iter().map(|a| (&*a.usage_type, a.misfit, a.used)).collect();
    assert_eq!(
        said,
        [("USE1-NovaPro-raw", Misfit::ThousandTooMany, false), ("USE1-amazon.nova-lite-v1:0", Misfit::Dear, true)]
    );
    for page in
        whole_bill().show(|report| [bill_table(report, look(100)), bill_markdown(report), v1::bill_json(report)])
    {
        let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(page.contains("raw tokens read as thousands"), "{page}");
    }
}

#[test]
fn the_trend_names_weeks_peak_and_gaps() {
    let trend = view().trend;
    let [first, last] = trend.weeks.expect("28 complete days");
    assert_eq!((first.1, last.1), (dollars("209.72"), dollars("206.22")), "7 x 29.46, and 3.50 more");
    assert_eq!(last.0, Span { first: date(2026, 10, 22), last: date(2026, 10, 28) });
    assert_eq!(trend.peak, Some((date(2026, 10, 6), dollars("32.66"))));
    assert_eq!(trend.missing, [Span { first: date(2026, 10, 10), last: date(2026, 10, 11) }]);
    let page = whole_bill().show(|report| bill_table(report, look(160)));
    assert!(page.contains("$206.22, -1.7 %."), "{page}");
    assert!(page.contains("No usage billed on 2 days: 2026-10-10 to 2026-10-11."), "{page}");
    // A month's fee says nothing of its days.
    let mut fixture = whole_bill();
    let month = fixture.estate.charges[0].clone();
    let span = Span { first: date(2026, 10, 1), last: date(2026, 10, 28) };
    fixture.estate.charges.push(lode_sim::Charge { span, billed: dollars("1"), ..month });
    assert_eq!(BillView::of(&fixture.estate).trend.missing, trend.missing);
    // A month that is missing as a whole is said elsewhere.
    let mut fixture = whole_bill();
    fixture.estate.missing_periods = vec![Span { first: date(2026, 10, 1), last: date(2026, 10, 31) }];
    assert_eq!(BillView::of(&fixture.estate).trend.missing, []);
    // Days after the last complete one may still come.
    let mut fixture = whole_bill();
    fixture.estate.window.complete_to = Some(date(2026, 10, 9));
    let trend = BillView::of(&fixture.estate).trend;
    assert_eq!((trend.weeks, trend.missing), (None, vec![]));
}

#[test]
fn what_costs_stand_on_is_said() {
    let mut fixture = whole_bill();
    fixture.estate.committed = dollars("620.01");
    fixture.estate.after_discounts = true;
    let page = fixture.show(|report| bill_table(report, look(160))).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains("$620.01 are what a Savings Plan or a reservation pays for"), "{page}");
    assert!(page.contains("(billed cost, after discounts: FOCUS has none before)"), "{page}");
    fixture.estate.basis = lode_sim::Basis::List;
    let page = fixture.show(|report| bill_table(report, look(160)));
    assert!(page.contains("not what was paid"), "{page}");
}

#[test]
fn an_export_by_months_has_no_trend() {
    let mut fixture = whole_bill();
    for charge in &mut fixture.estate.charges {
        charge.span = Span { first: date(2026, 10, 1), last: date(2026, 10, 28) };
    }
    let trend = BillView::of(&fixture.estate).trend;
    assert_eq!((trend.weeks, trend.peak, trend.missing), (None, None, vec![]));
    assert!(fixture.show(|report| bill_table(report, look(160))).contains("it is spread evenly"));
}

#[test]
fn the_step_is_chosen_by_what_the_bill_lacks() {
    let steps = |principals: bool, keys: Vec<CallerKey>| {
        let mut fixture = whole_bill();
        fixture.estate.has_principals = principals;
        fixture.estate.caller_keys = keys;
        fixture.show(crate::bill::attribution::steps).join(" ")
    };
    let none = steps(false, CallerKey::defaults());
    for part in
        ["INCLUDE_IAM_PRINCIPAL_DATA", "2026-04-08", "not back-filled", "$429.00 of it is sold through AWS Marketplace"]
    {
        assert!(none.contains(part), "{part}: {none}");
    }
    assert!(!none.contains("role/app"), "30.8 % is no shared role: {none}");
    let some = steps(true, CallerKey::defaults());
    assert!(some.contains("application inference profile") && !some.contains("INCLUDE_IAM"), "{some}");
    let left_out = steps(true, vec![CallerKey::ApplicationInferenceProfile]);
    assert!(left_out.contains("add iam-principal"), "{left_out}");

    let mut fixture = whole_bill();
    for charge in &mut fixture.estate.charges {
        if let Owner::Workload(_) = &charge.owner {
            charge.owner = workload("role/app", "all");
        }
    }
    let page = fixture.show(|report| bill_table(report, look(160)));
    assert!(!page.contains("Unattributable"), "{page}");
    assert!(page.contains("role/app makes 100.0 % of the inference."), "{page}");
}

/// The fields of a line, quotes undone.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let field = fields.last_mut().expect("one at least");
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.push(chars.next().expect("peeked")),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => field.push(c),
        }
    }
    fields
}

/// Every cut of the table adds up to its total, to the last digit, in the window and a month.
#[test]
fn csv_cuts_add_up() {
    let mut fixture = whole_bill();
    // Thirds of a cent, so that nothing is even.
    for (place, charge) in fixture.estate.charges.iter_mut().enumerate() {
        charge.billed += Money::from_pico(3_333_333_333 + place as i128);
    }
    fixture.estate.account_names = [("111111111111".into(), "=prod, \"main\"".into())].into();
    let csv = fixture.show(bill_csv);
    let mut lines = csv.lines();
    let header = fields(lines.next().expect("a header"));
    let at = |name: &str| header.iter().position(|column| column == name).expect("a column");
    let (billed, monthly, name) = (at("billed"), at("monthly"), at("name"));
    let mut sums: BTreeMap<String, (Money, Money)> = BTreeMap::new();
    for line in lines {
        let line = fields(line);
        assert_eq!(line.len(), header.len(), "{line:?}");
        let money = |place: usize| if line[place].is_empty() { Money::ZERO } else { dollars(&line[place]) };
        let sum = sums.entry(line[0].clone()).or_default();
        *sum = (sum.0 + money(billed), sum.1 + money(monthly));
        if line[0] == "account" {
            assert_eq!(line[name], "'=prod, \"main\"");
        }
    }
    let total = sums["total"];
    assert_eq!(total.0, fixture.estate.billed());
    for cut in ["nature", "layer", "source", "service", "model", "caller", "class", "account"] {
        assert_eq!(sums[cut], total, "{cut}");
    }
    for cut in ["price", "day", "day-layer"] {
        assert_eq!(sums[cut].0, total.0, "{cut}");
    }
    assert_eq!(sums["part:anomaly"].0, dollars("3.5") + Money::from_pico(3_333_333_333 + fixture_place(&fixture)));
    assert_eq!(sums["aside"].0, dollars("-12.5"), "in no total");
}

/// Place of the charge at five times list.
fn fixture_place(fixture: &Fixture) -> i128 {
    let lite = |charge: &Charge| charge.key.model.as_str() == "amazon.nova-lite-v1:0";
    i128::try_from(fixture.estate.charges.iter().position(lite).expect("it is there")).expect("small")
}

#[test]
fn json_cuts_add_up() {
    let json: serde_json::Value = serde_json::from_str(&whole_bill().show(v1::bill_json)).expect("JSON");
    let bill = &json["bill"];
    let money = |value: &serde_json::Value| dollars(value.as_str().expect("a decimal text"));
    let sum = |cut: &serde_json::Value| -> Money {
        cut.as_array().expect("rows").iter().map(|row| money(&row["billed"])).sum()
    };
    for cut in ["by_nature", "by_service", "rates", "by_account"] {
        assert_eq!(sum(&bill[cut]), money(&bill["billed"]), "{cut}");
    }
    for day in bill["by_day"].as_array().expect("days") {
        assert_eq!(sum(&day["by_layer"]), money(&day["billed"]));
    }
    assert_eq!(sum(&bill["by_day"]) + money(&bill["fees"]), money(&bill["billed"]));
    let service = &bill["by_service"][0];
    assert_eq!(money(&service["billed"]) + money(&service["missed"]), money(&bill["billed"]));
    let nova = bill["rates"].as_array().expect("rates").iter().find(|row| row["model"] == NOVA_PRO).expect("a row");
    assert_eq!((&nova["effective_rate"], &nova["list_rate"]), (&"0.72".into(), &"0.80".into()));
    assert_eq!(nova["difference"], -0.1);
    assert_eq!(bill["trend"]["missing"], serde_json::json!([{ "from": "2026-10-10", "to": "2026-10-11" }]));
    assert_eq!(bill["by_account"][0]["name"], "prod");
}

/// Equal prices are one line; one that differs by region or account says so; long parts are cut, and add up.
#[test]
fn long_parts_are_cut_and_different_prices_said() {
    let mut fixture = whole_bill();
    // The twelve largest prices, and 11 dollars of models and 30 cents in one line.
    let mut day = date(2026, 10, 1);
    for place in 0..20 {
        let mut odd = charge(BillingSource::AmazonBedrock, &format!("model-{place}"), Class::Input, 1, tokens(1), "1");
        odd.span = Span::day(day);
        fixture.estate.charges.push(odd);
        day = day.saturating_add(1.day());
    }
    let mut dear = charge(BillingSource::AmazonBedrock, NOVA_PRO, Class::Input, 1, tokens(10), "9");
    dear.key.region = "eu-west-1".into();
    fixture.estate.charges.push(dear);
    let page = fixture.show(|report| bill_table(report, look(160)));
    assert!(page.contains("amazon.nova-pro-v1:0 · input tokens · AmazonBedrock · 0.72 to 0.90"), "{page}");
    let rates: Vec<&str> = page.lines().skip_while(|line| !line.starts_with("Effective rates")).take(16).collect();
    assert!(rates.iter().any(|line| line.trim_start().starts_with("12 more") && line.contains("11.30")), "{rates:#?}");
}
