//! What CloudWatch counted against what the logs hold, a sentence each account and region, with what to do where the
//! logs fall short.

use lode_sim::{Counted, MetricsCoverage, PlaceCoverage, ratio};

use crate::text::{count, percent, short, whole};
use crate::tie_out::part;

/// Accounts and regions told one by one, those with the most calls missing first.
const MOST_PLACES: usize = 12;

/// How far the logs hold what CloudWatch counted.
pub(crate) fn sentences(coverage: &MetricsCoverage) -> Vec<String> {
    let mut places: Vec<&PlaceCoverage> = coverage.places.iter().collect();
    places.sort_by_key(|place| {
        let calls = place.all_calls();
        std::cmp::Reverse(calls.counted.saturating_sub(calls.logged))
    });
    let rest = places.split_off(places.len().min(MOST_PLACES));
    let mut lines: Vec<String> = places.into_iter().map(sentence).collect();
    lines.extend(others(&rest));
    if coverage.unplaced {
        lines.push(
            "CloudWatch metrics that do not say their account and region are not compared with the logs: put them below \
             folders ACCOUNT/REGION, as docs/collect.sh does."
                .to_owned(),
        );
    } else if lines.is_empty() {
        lines.push(
            "CloudWatch metrics are here, and the logs cannot be compared with them: that takes the sum of Invocations by \
             ModelId on whole days of the bill's window."
                .to_owned(),
        );
    }
    lines
}

fn sentence(place: &PlaceCoverage) -> String {
    let (calls, lacking) = (&place.calls, place.days_not_logged > 0);
    let at = short(&format!("{} {}", place.account, place.region), 120);
    let counts = |calls, days| {
        format!("CloudWatch counts {} in {at} on {}", count(calls, "call", "calls"), count(days, "day", "days"))
    };
    let mut text = if place.days == 0 {
        format!("{}; the logs hold none of them.", counts(place.calls_not_logged, place.days_not_logged))
    } else {
        let and = if lacking {
            let days = count(place.days_not_logged, "more day", "more days");
            format!(" On {days} it counts {}, and no log holds any.", whole(place.calls_not_logged.into()))
        } else {
            String::new()
        };
        format!("{}; the logs hold {}.{and}", counts(calls.counted, place.days), held(calls))
    };
    if place.all_calls().falls_short() {
        text.push_str(&next_step(place.region.as_str()));
    } else {
        if calls.exceeds() {
            text.push_str(MORE);
        }
        text.push_str(&tokens(place));
    }
    text
}

/// `11,900 of them (96.4 %)`.
fn held(calls: &Counted) -> String {
    let share = part(ratio(calls.logged, calls.counted));
    let logged = whole(calls.logged.into());
    match calls.logged.cmp(&calls.counted) {
        std::cmp::Ordering::Less => format!("{logged} of them ({share})"),
        std::cmp::Ordering::Equal => "all of them".to_owned(),
        std::cmp::Ordering::Greater => {
            format!("{logged}, more than that ({})", percent(ratio(calls.logged, calls.counted)))
        }
    }
}

fn next_step(region: &str) -> String {
    // A command is pasted: only what is the name of a region stands in it.
    let is_plain = region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let region = if is_plain { region } else { "REGION" };
    format!(
        " Next: give all logs of these days; see that invocation logging is on there for every kind of data (aws bedrock \
         get-model-invocation-logging-configuration --region {}); and look at ModelInvocationLogsS3DeliveryFailure and \
         ModelInvocationLogsCloudWatchDeliveryFailure in CloudWatch.",
        short(region, 60)
    )
}

const MORE: &str =
    " Next: collect the metrics of all models; list-metrics names only those called in the last two weeks.";

/// The classes of tokens that the logs hold less of, or more, where they hold the calls.
fn tokens(place: &PlaceCoverage) -> String {
    let classes = [
        ("input", place.input),
        ("output", place.output),
        ("cache read", place.cache_read),
        ("cache write", place.cache_write),
    ];
    let off = classes.into_iter().filter_map(|(name, figure)| {
        let figure = figure.filter(|it| it.counted > 0 && (it.falls_short() || it.exceeds()))?;
        Some(format!("{name} {}", percent(ratio(figure.logged, figure.counted))))
    });
    let off: Vec<String> = off.collect();
    if off.is_empty() { String::new() } else { format!(" Of the tokens it counts they hold: {}.", off.join(", ")) }
}

/// All others in one sentence.
fn others(places: &[&PlaceCoverage]) -> Option<String> {
    let sum =
        |of: &dyn Fn(&PlaceCoverage) -> u64| places.iter().fold(0_u64, |sum, place| sum.saturating_add(of(place)));
    (!places.is_empty()).then(|| {
        format!(
            "In {} CloudWatch counts {}; the logs hold {} on the days that both have; --format json lists them.",
            count(places.len() as u64, "more account and region", "more accounts and regions"),
            count(sum(&|place| place.all_calls().counted), "call", "calls"),
            whole(sum(&|place| place.calls.logged).into())
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(account: &str, calls: (u64, u64), without: (u64, u64)) -> PlaceCoverage {
        let [days, not_logged] =
            [(calls.0, 27), (without.1, without.0)].map(|(calls, days)| if calls > 0 { days } else { 0 });
        PlaceCoverage {
            account: account.into(),
            region: "us-east-1".into(),
            days,
            calls: Counted { counted: calls.0, logged: calls.1 },
            input: None,
            output: None,
            cache_read: None,
            cache_write: None,
            days_not_logged: not_logged,
            calls_not_logged: without.1,
        }
    }

    fn said(place: PlaceCoverage) -> String {
        sentences(&MetricsCoverage { places: vec![place], unplaced: false }).join("\n")
    }

    #[test]
    fn what_the_logs_lack_is_said_with_what_to_do() {
        let lacking = said(place("111111111111", (12_345, 11_900), (0, 0)));
        let start = "CloudWatch counts 12,345 calls in 111111111111 us-east-1 on 27 days; the logs hold 11,900 of them \
                     (96.4 %). Next: ";
        assert!(lacking.starts_with(start), "{lacking}");
        for part in ["--region us-east-1", "ModelInvocationLogsS3DeliveryFailure", "CloudWatchDeliveryFailure"] {
            assert!(lacking.contains(part), "{lacking}");
        }
        let hostile = PlaceCoverage { region: "x; rm -r /".into(), ..place("111111111111", (10, 1), (0, 0)) };
        assert!(said(hostile).contains("--region REGION)"), "a command is pasted");
        let off = said(place("111111111111", (1_000, 1_000), (3, 1_200)));
        assert!(
            off.contains("the logs hold all of them. On 3 more days it counts 1,200, and no log holds any. Next: "),
            "{off}"
        );
        let none = said(place("111111111111", (0, 0), (1, 1)));
        assert!(
            none.starts_with(
                "CloudWatch counts 1 call in 111111111111 us-east-1 on 1 day; the logs hold none of them. Next"
            ),
            "{none}"
        );
    }

    #[test]
    fn what_agrees_is_said_without_advice() {
        let one = "CloudWatch counts 1,000 calls in 111111111111 us-east-1 on 27 days; the logs hold";
        assert_eq!(said(place("111111111111", (1_000, 1_000), (0, 0))), format!("{one} all of them."));
        assert_eq!(said(place("111111111111", (1_000, 995), (0, 0))), format!("{one} 995 of them (99.5 %)."));
        assert_eq!(
            said(place("111111111111", (1_000, 1_005), (0, 0))),
            format!("{one} 1,005, more than that (100.5 %).")
        );
        let more = said(place("111111111111", (1_000, 1_250), (0, 0)));
        assert_eq!(more, format!("{one} 1,250, more than that (125.0 %).{MORE}"));
        let input = Some(Counted { counted: 2_000, logged: 1_900 });
        let output = Some(Counted { counted: 2_000, logged: 1_999 });
        let tokens = said(PlaceCoverage { input, output, ..place("111111111111", (1_000, 1_000), (0, 0)) });
        assert_eq!(tokens, format!("{one} all of them. Of the tokens it counts they hold: input 95.0 %."));
    }

    #[test]
    fn many_places_are_few_lines() {
        // The further down, the more calls are missing.
        let places = (0..14_u64).map(|n| place(&format!("{n:012}"), (1_000, 1_000 - n), (0, 0)));
        let lines = sentences(&MetricsCoverage { places: places.collect(), unplaced: false });
        assert_eq!(lines.len(), 13);
        assert!(lines[0].contains("000000000013") && lines[0].contains("98.7 %"), "{}", lines[0]);
        assert_eq!(
            lines[12],
            "In 2 more accounts and regions CloudWatch counts 2,000 calls; the logs hold 1,999 on the days that both have; \
             --format json lists them."
        );
        let unplaced = sentences(&MetricsCoverage { places: Vec::new(), unplaced: true });
        assert!(unplaced.len() == 1 && unplaced[0].contains("ACCOUNT/REGION"), "{unplaced:?}");
        let nothing = sentences(&MetricsCoverage::default());
        assert!(nothing.len() == 1 && nothing[0].contains("Invocations"), "{nothing:?}");
    }
}
