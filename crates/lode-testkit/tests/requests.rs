//! Requests and charges of one scenario tell the same month.

use lode_model::{Class, Trace};
use lode_testkit::{MemoryTrace, Scenario};

#[test]
fn requests_add_up_to_the_bill() {
    let scenario = Scenario::named("requests-beside-the-bill");
    let trace = MemoryTrace::of(&scenario.estate.requests);
    let (mut calls, mut input, mut output) = (0_i128, 0_i128, 0_i128);
    for group in trace.groups() {
        trace
            .requests(&group, &mut |request| {
                calls += 1;
                input += i128::from(request.tokens.input);
                output += i128::from(request.tokens.output);
                assert!(*request.time.to_string() < *"2026-10-29", "within the window");
            })
            .expect("in memory");
    }
    let billed = |class: &Class| -> i128 {
        let lines = scenario.bill().lines;
        lines.iter().filter(|l| l.billed_as.class == *class).filter_map(|l| l.quantity).map(|q| q.steps).sum()
    };
    assert_eq!(calls, 28 * 24);
    assert_eq!((input, output), (billed(&Class::Input), billed(&Class::Output)));
}
