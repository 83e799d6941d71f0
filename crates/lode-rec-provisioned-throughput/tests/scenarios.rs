//! Every scenario through this recommender alone.

use lode_engine::Reason;
use lode_model::{CostCurve, Money, Note, Term, UnitKind};
use lode_rec_provisioned_throughput::ProvisionedThroughput;
use lode_testkit::Scenario;

#[test]
fn rule_outcomes_on_every_scenario() {
    insta::assert_snapshot!("outcomes", lode_testkit::rule_outcomes(&ProvisionedThroughput));
}

#[test]
fn properties_hold_on_every_scenario() {
    lode_testkit::check_properties(&[&ProvisionedThroughput]);
}

/// Why a commitment is not bought, with what else is to be known of it.
fn not_bought(scenario: &str) -> Vec<(&'static str, String)> {
    notes(scenario).into_iter().map(|note| (note.name, note.text)).collect()
}

fn notes(scenario: &str) -> Vec<Note> {
    let (_, outcome) = Scenario::named(scenario).run(&[&ProvisionedThroughput]);
    assert!(outcome.recommendations.is_empty());
    let told = outcome.declined.into_iter().filter(|declined| declined.told);
    let notes = told.filter_map(|declined| match declined.reason {
        Reason::NoSaving { notes, .. } => Some(notes),
        _ => None,
    });
    notes.flatten().collect()
}

#[test]
fn do_not_buy_comes_with_the_curve() {
    // 480 minutes of 2,280,000 tokens are 518.40 USD a day on demand, 15,768 a month; a unit is 55 USD an hour, and
    // answers 480 × 2,280,000 of the 1,440 × 2,400,000 tokens that it could.
    let notes = not_bought("provisioned-throughput-bursts");
    let curve =
        "1-month, units: do not buy; 0 cost $15768.00 a month; 1 cost $40150.00 a month (used 32 %, 0 % beyond)";
    assert_eq!(notes.first(), Some(&("capacity.curve", curve.to_owned())));
    let other = "no-commitment: 1 cost $44165.00 a month (used 32 %, 0 % beyond)";
    assert!(notes.contains(&("capacity.other_terms", other.to_owned())), "{notes:?}");
    let notes = not_bought("provisioned-throughput-reserve-day");
    let [input, output] = ["capacity.curve_input", "capacity.curve_output"]
        .map(|name| notes.iter().find(|(known, _)| *known == name).map(|(_, text)| text.clone()).expect("a curve"));
    // The least that is sold: 100 × 0.162 × 730 and a quarter of the tokens answered; 10 × 0.81 × 730.
    assert!(
        input.contains("do not buy; 0 cost $17520.00 a month; 100 cost $24966.00 a month (used 33 %, 75 % beyond)"),
        "{input}"
    );
    assert!(
        output.contains("do not buy; 0 cost $2190.00 a month; 10 cost $5913.00 a month (used 33 %, 0 % beyond)"),
        "{output}"
    );
}

/// A unit at 1,320 USD a day, which twenty calls of 0.121 USD in all do not need: no words, and the curve.
#[test]
fn units_in_force_have_a_curve_with_todays_number() {
    let (_, outcome) = Scenario::named("provisioned-throughput-idle").run(&[&ProvisionedThroughput]);
    let notes = outcome.recommendations.iter().flat_map(|r| &r.parts).flat_map(|part| &part.action.notes);
    let curves: Vec<&CostCurve> = notes.filter_map(|note| note.curve.as_deref()).collect();
    let [curve] = &curves[..] else { panic!("one curve, found {curves:?}") };
    assert_eq!((curve.best, curve.bought, curve.owned, curve.capacity_seen), (0, Some(1), Some(1), true));
    assert!(outcome.recommendations[0].evidence.iter().all(|evidence| evidence.signal != "capacity.curve"));
}

/// Two of 24 hours a day, 121 USD, for calls of 0.121: a month of 730 hours has 30.4167 such days. A curve would price the
/// unit in every hour.
#[test]
fn units_that_are_bought_for_runs_say_how_long_they_stood_and_have_no_curve() {
    let (_, outcome) = Scenario::named("provisioned-throughput-runs").run(&[&ProvisionedThroughput]);
    let [found] = &outcome.recommendations[..] else { panic!("one, found {:?}", outcome.recommendations) };
    let evidence = |name: &str| {
        let of = found.evidence.iter().find(|evidence| evidence.signal == name);
        of.map(|evidence| evidence.value.to_string()).expect("measured")
    };
    assert_eq!(evidence("capacity.stood_hours"), "56 of 672 hours");
    assert_eq!(evidence("capacity.stood_share"), "0.0833");
    // 20 of 120 minutes.
    assert_eq!(evidence("capacity.busy_share"), "0.1667");
    assert!(found.parts.iter().all(|part| part.action.notes.is_empty()));
}

#[test]
fn a_curve_has_its_figures_beside_the_words() {
    let curves =
        |notes: &[Note]| notes.iter().filter_map(|note| note.curve.as_deref().cloned()).collect::<Vec<CostCurve>>();
    let dollars = |text: &str| Money::parse(text).expect("dollars");
    let found = curves(&notes("provisioned-throughput-bursts"));
    let [curve] = &found[..] else { panic!("one curve, found {found:?}") };
    assert_eq!((curve.kind, curve.term), (UnitKind::ModelUnit, Term::OneMonth));
    assert_eq!((curve.best, curve.bought, curve.owned), (0, Some(1), None));
    let points: Vec<_> = curve.points.iter().map(|point| (point.units, point.cost.round_micro())).collect();
    assert_eq!(points, [(0, dollars("15768")), (1, dollars("40150"))]);
    // 480 of 1,440 minutes, 2,280,000 of 2,400,000 tokens in each of them.
    assert_eq!((curve.points[1].used.ppm(), curve.points[1].beyond.ppm()), (316_667, 0));
    let found = curves(&notes("provisioned-throughput-reserve-day"));
    assert_eq!(
        found.iter().map(|curve| curve.kind).collect::<Vec<_>>(),
        [UnitKind::ReservedInput, UnitKind::ReservedOutput]
    );
}
