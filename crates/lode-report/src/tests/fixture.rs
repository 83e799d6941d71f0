//! A month of 28 days of one caller, with logs for a part of it, and one recommendation of 65.178571 dollars a month.
//!
//! Billed: 60 million input tokens at 3 dollars a million (180 dollars), in the logs 40 million of them, none of the
//! days before the first record; 10 million
//! batch input tokens at 1.50 (15 dollars), never logged; 2 million output tokens at 15 (30 dollars), all logged. The
//! requests explain 120 + 30 of 225 dollars.

use jiff::civil::{Date, date};
use lode_engine::{
    Arithmetic, DataGap, Declined, Evidence, Grade, Input, Lever, Line, Outcome, Plan, PlanName, RateFrom, Reason,
    Recommendation, Rule, Savings, Step, Value, Waiting,
};
use lode_model::{
    BillingSource, Caller, ChargeKind, Class, Cohort, ContextBand, Inventory, Layer, Metrics, Mode, Money, Owner,
    PriceKey, Quantity, Routing, Span, Unit, WorkloadId,
};
use lode_prices::{Catalogue, PriceBook};
use lode_sim::{Basis, BillView, Cause, Charge, Daily, Demand, Estate, TieOut, TieRow, Window};

use crate::{Report, Sort, Sources};

pub(crate) const MODEL: &str = "anthropic.claude-sonnet-4-6";

pub(crate) struct Fixture {
    pub(crate) estate: Estate,
    pub(crate) outcome: Outcome,
    pub(crate) sources: Sources,
}

pub(crate) fn dollars(text: &str) -> Money {
    Money::parse(text).expect("a decimal number")
}

pub(crate) fn workload(caller: &str, cohort: &str) -> Owner {
    Owner::Workload(WorkloadId {
        account: "111111111111".into(),
        region: "us-east-1".into(),
        model: MODEL.into(),
        caller: Caller::from(caller),
        cohort: Cohort::from(cohort),
    })
}

fn key(mode: Mode, class: Class) -> PriceKey {
    PriceKey {
        account: "111111111111".into(),
        region: "us-east-1".into(),
        model: MODEL.into(),
        routing: Routing::Regional,
        mode,
        band: ContextBand::Standard,
        class,
        source: BillingSource::AmazonBedrockService,
        custom: false,
    }
}

fn charge(owner: &Owner, (mode, class): (Mode, Class), tokens: i128, billed: &str) -> Charge {
    Charge {
        owner: owner.clone(),
        key: key(mode, class),
        span: Span { first: first(), last: date(2026, 10, 28) },
        layer: Layer::Inference,
        kind: ChargeKind::Usage,
        usage_type: "USE1-Tokens".into(),
        quantity: Some(Quantity { steps: tokens, unit: Unit::Token }),
        billed: dollars(billed),
    }
}

fn first() -> Date {
    date(2026, 10, 1)
}

pub(crate) fn tie_row(mode: Mode, class: Class, tokens: (i128, i128), money: (&str, &str), cause: Cause) -> TieRow {
    TieRow {
        account: "111111111111".into(),
        region: "us-east-1".into(),
        model: MODEL.into(),
        routing: Routing::Regional,
        mode,
        band: ContextBand::Standard,
        class,
        billed_tokens: tokens.0,
        logged_tokens: tokens.1,
        matched_tokens: tokens.0.min(tokens.1),
        billed: dollars(money.0),
        unlogged: dollars(money.1),
        cause,
    }
}

pub(crate) fn tie_out() -> TieOut {
    TieOut {
        rows: vec![
            tie_row(Mode::Standard, Class::Input, (20_000_000, 0), ("60", "60"), Cause::LoggingBegan),
            tie_row(Mode::Batch, Class::Input, (10_000_000, 0), ("15", "15"), Cause::Batch),
            tie_row(Mode::Standard, Class::Input, (40_000_000, 40_000_000), ("120", "0"), Cause::Matched),
            tie_row(Mode::Standard, Class::Output, (2_000_000, 2_000_000), ("30", "0"), Cause::Matched),
        ],
        billed: dollars("225"),
        logged: dollars("150"),
        calls: 31_204,
        calls_with_bodies: 29_956,
        ..TieOut::default()
    }
}

const RULE: &str = r#"
[[rule]]
id = "unused"
title = "Tools that are never used"
what = "Prompts carry tools that no answer calls."
why = "Every call pays for them."
do = "Drop them."
verify = "The prompt is shorter."
caution = "A rare call may need one."
rollback = "Put them back."
effort = "low"
risk = "low"
grade = "replayed"

[[rule.clause]]
signal = "tools.unused_share"
comparator = ">="
threshold = 0.1
why = "Less is not worth it."
source = "Lode"
"#;

fn recommendation(subject: Owner, action: &str, arithmetic: Arithmetic) -> Recommendation {
    let saved = arithmetic.monthly.round_micro();
    let evidence = |signal, unit, value| Evidence { signal, unit, value };
    Recommendation {
        id: "input-reduction.unused/111111111111/us-east-1/role/app".to_owned(),
        rule_id: "input-reduction.unused".to_owned(),
        recommender: "input-reduction",
        lever: Lever { id: "input-reduction", name: "Input token reduction" },
        priority: 1,
        rank: 1,
        subject,
        action: action.to_owned(),
        edits: Vec::new(),
        parts: Vec::new(),
        rule: Rule::read_all("input-reduction", RULE).expect("a valid rule file").remove(0),
        grade: Grade::Replayed,
        plans: vec![(PlanName::Ready, saved), (PlanName::Full, saved)],
        current: dollars("234.642857"),
        savings: Savings { low: dollars("50"), expected: saved, high: dollars("70"), standalone: saved },
        one_off: Money::ZERO,
        gate: None,
        test: None,
        waiting: std::collections::BTreeSet::new(),
        evidence: vec![
            evidence("tools.unused_share", "share", Value::Number(0.25)),
            evidence("tools.unused", "names", Value::Text("lookup, refund".to_owned())),
            evidence("prompts.chained.share", "share of calls", Value::Number(0.25)),
            evidence("bodies.known", "", Value::Flag(true)),
            evidence("requests.examples", "request ids", Value::Text("r-1, r-2".to_owned())),
        ],
        alternatives: Vec::new(),
        arithmetic,
        in_full: None,
        only: None,
        break_even: None,
    }
}

/// A quarter of 60 million input tokens goes: 45 dollars in the window, and 15 more that other callers of the cache
/// save.
fn arithmetic(moves: &str) -> Arithmetic {
    let line = |tokens, cost| Line {
        key: key(Mode::Standard, Class::Input),
        steps: tokens,
        unit: Some(Unit::Token),
        cost: dollars(cost),
        from: RateFrom::Bill,
    };
    let mut saved = Daily::zero(28);
    saved.usage = vec![dollars("60"); 1].into_iter().chain(vec![Money::ZERO; 27]).collect();
    Arithmetic {
        moves: vec![moves.to_owned()],
        before: vec![line(60_000_000, "180")],
        after: vec![line(45_000_000, "135")],
        saved,
        by_weekday: Vec::new(),
        counted_usage: dollars("60"),
        counted_standing: Money::ZERO,
        counted_days: 28,
        monthly: dollars("65.178571"),
        others: dollars("16.294643"),
    }
}

fn plan(name: PlanName, saved: Money, step: &Recommendation) -> Plan {
    let baseline = dollars("234.642857");
    Plan {
        name,
        baseline,
        remaining: baseline - saved,
        low: dollars("50"),
        high: dollars("70"),
        steps: vec![Step {
            id: step.id.clone(),
            lever: step.lever,
            priority: 1,
            before: baseline,
            after: baseline - saved,
            standalone: saved,
        }],
    }
}

impl Fixture {
    /// Of `role/app`, without logs.
    pub(crate) fn without_logs() -> Self {
        Self::of("role/app", "chat", "Drop unused tools", "each prompt without the tools lookup")
    }

    /// The same with logs.
    pub(crate) fn new() -> Self {
        Self { sources: log_sources(), ..Self::without_logs() }.with(tie_out())
    }

    pub(crate) fn with(mut self, tie: TieOut) -> Self {
        self.estate.tie_out = Some(tie);
        self
    }

    pub(crate) fn of(caller: &str, cohort: &str, action: &str, moves: &str) -> Self {
        let owner = workload(caller, cohort);
        let charges = vec![
            charge(&owner, (Mode::Standard, Class::Input), 60_000_000, "180"),
            charge(&owner, (Mode::Batch, Class::Input), 10_000_000, "15"),
            charge(&owner, (Mode::Standard, Class::Output), 2_000_000, "30"),
        ];
        let priced = charges.iter().map(|c| (&c.key, c.quantity.map_or(0, |q| q.steps), c.billed));
        let estate = Estate {
            window: Window { first: first(), last: date(2026, 10, 28), complete_to: Some(date(2026, 10, 28)) },
            basis: Basis::Net,
            prices: PriceBook::new(Catalogue::builtin(), priced),
            charges,
            aside: Vec::new(),
            demand: Demand::default(),
            tie_out: None,
            inventory: Inventory::default(),
            metrics: Metrics::default(),
            has_callers: true,
            has_principals: true,
            caller_keys: lode_model::CallerKey::defaults(),
            account_names: [("111111111111".into(), "prod".into())].into(),
            unspread_discounts: Money::ZERO,
            missing_periods: Vec::new(),
            has_discounts: false,
            after_discounts: false,
            committed: Money::ZERO,
            discounts_in_net: Money::ZERO,
            implausible: Vec::new(),
        };
        let found = recommendation(owner.clone(), action, arithmetic(moves));
        let saved = found.savings.expected;
        let outcome = Outcome {
            ready: plan(PlanName::Ready, saved, &found),
            full: plan(PlanName::Full, saved, &found),
            declined: vec![Declined {
                rule_id: "prompt-caching.never-enabled".to_owned(),
                subject: owner.clone(),
                reason: Reason::NothingToPropose,
                told: false,
            }],
            quiet: Vec::new(),
            silenced: Vec::new(),
            gaps: vec![DataGap {
                input: Input::RequestBodies,
                waiting: vec![Waiting {
                    rule_id: "prompt-caching.never-enabled".to_owned(),
                    subject: owner,
                    spend: dollars("10"),
                    evidence: Vec::new(),
                }],
                spend: dollars("10"),
            }],
            recommendations: vec![found],
            evaluations: Vec::new(),
        };
        Self { estate, outcome, sources: Sources { input: "DIR".to_owned(), ..Sources::default() } }
    }

    pub(crate) fn show<T>(&self, render: impl FnOnce(&Report<'_>) -> T) -> T {
        self.show_in(&jiff::tz::TimeZone::UTC, render)
    }

    pub(crate) fn show_in<T>(&self, time_zone: &jiff::tz::TimeZone, render: impl FnOnce(&Report<'_>) -> T) -> T {
        render(&Report {
            estate: &self.estate,
            view: &BillView::of(&self.estate),
            outcome: &self.outcome,
            sources: &self.sources,
            as_of: date(2026, 11, 5),
            time_zone,
            labels: &crate::Labels::new(),
            sort: Sort::Priority,
            filter: &crate::Filter::default(),
            top: 0,
        })
    }
}

fn log_sources() -> Sources {
    Sources {
        files: (0..15).map(|n| format!("file-{n}")).collect(),
        rows_read: 84,
        log_files: 12,
        log_records: 31_204,
        log_duplicates: 14,
        log_without_counts: 1,
        inventory_files: 2,
        input: "DIR".to_owned(),
        ..Sources::default()
    }
}
