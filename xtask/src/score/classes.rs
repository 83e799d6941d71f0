//! What calls are for: the classes that a report tells cohorts by, against the truth's of their callers, in dollars.
//! Pure; all sums exact.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use lode_model::Money;

use super::compare::Score;
use super::read::{App, Cohort};
use super::table::share;
use crate::tables::aligned;

/// Per cent of the claimed dollars that must be right.
const PRECISION: i128 = 90;
/// Per cent of the true dollars that must be claimed rightly.
const RECALL: i128 = 80;
/// Says that nothing told what the calls are for.
const NOTHING_TELLS: &str = "text";
/// Says that there was nothing to tell it from; in the truth, that nobody can.
const UNKNOWN: &str = "unknown";

const HEADER: [&str; 6] = ["class", "true", "claimed", "right", "precision", "recall"];
/// The first columns are text.
const TEXT: usize = 1;

/// The dollars of one class or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Dollars {
    /// Of cohorts whose callers are of the class.
    pub(super) truth: Money,
    /// Of cohorts that are said to be.
    pub(super) claimed: Money,
    /// Of those that are both.
    pub(super) right: Money,
}

impl AddAssign for Dollars {
    fn add_assign(&mut self, other: Self) {
        self.truth += other.truth;
        self.claimed += other.claimed;
        self.right += other.right;
    }
}

/// What one report claims.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Claims {
    /// By class; never by `text` or `unknown`.
    pub(super) classes: BTreeMap<String, Dollars>,
    /// Callers that are said to be something else, or nothing.
    pub(super) remarks: Vec<String>,
    /// Callers of a known class that no cohort names.
    pub(super) unnamed: Vec<String>,
}

impl Claims {
    /// Compares cohorts with the apps that have them. Account and caller tell an app. What is claimed of a caller whose
    /// class nobody can know, or that the truth does not list, is wrong.
    pub(super) fn of(apps: &[App], cohorts: &[Cohort]) -> Self {
        let mut claims = Self::default();
        let mut wrong: BTreeMap<(&str, &str, &str), Money> = BTreeMap::new();
        for cohort in cohorts {
            let caller = cohort.caller.as_deref().unwrap_or_default();
            let app = apps.iter().find(|app| app.account == cohort.account && app.caller == caller);
            let class = app.map_or(UNKNOWN, |app| app.class.as_str());
            let claim = cohort.task.as_str();
            if class != UNKNOWN {
                claims.class(class).truth += cohort.monthly;
            }
            if ![NOTHING_TELLS, UNKNOWN].contains(&claim) {
                claims.class(claim).claimed += cohort.monthly;
                if claim == class {
                    claims.class(claim).right += cohort.monthly;
                }
            }
            if claim != class && !(class == UNKNOWN && claim == NOTHING_TELLS) {
                *wrong.entry((caller, class, claim)).or_default() += cohort.monthly;
            }
        }
        let remark = |((caller, class, claim), dollars): ((&str, &str, &str), Money)| {
            (dollars > Money::ZERO).then(|| format!("{caller} is {class}: ${dollars} as {claim}"))
        };
        claims.remarks = wrong.into_iter().filter_map(remark).collect();
        let named = |app: &&App| {
            cohorts.iter().any(|cohort| cohort.account == app.account && cohort.caller.as_ref() == Some(&app.caller))
        };
        let missing = apps.iter().filter(|app| app.class != UNKNOWN && !named(app));
        claims.unnamed = missing.map(|app| app.caller.clone()).collect();
        claims
    }

    fn class(&mut self, class: &str) -> &mut Dollars {
        self.classes.entry(class.to_owned()).or_default()
    }
}

/// Dollars by class over all seeds.
fn by_class(scores: &[Score]) -> BTreeMap<&str, Dollars> {
    let mut all: BTreeMap<&str, Dollars> = BTreeMap::new();
    for (class, dollars) in scores.iter().filter_map(|score| score.claims.as_ref()).flat_map(|claims| &claims.classes) {
        *all.entry(class).or_default() += *dollars;
    }
    all
}

fn total(all: &BTreeMap<&str, Dollars>) -> Dollars {
    let mut total = Dollars::default();
    all.values().for_each(|dollars| total += *dollars);
    total
}

/// The table over all seeds; nothing where no report has cohorts.
pub(super) fn lines(scores: &[Score]) -> Vec<String> {
    let all = by_class(scores);
    if all.is_empty() {
        return Vec::new();
    }
    let mut rows = vec![HEADER.map(str::to_owned)];
    let row = |class: &str, dollars: Dollars| {
        let Dollars { truth, claimed, right } = dollars;
        let shares = [share(right, claimed), share(right, truth)];
        let [precision, recall] = shares;
        [class.to_owned(), truth.to_string(), claimed.to_string(), right.to_string(), precision, recall]
    };
    rows.extend(all.iter().map(|(class, dollars)| row(class, *dollars)));
    rows.push(row("total", total(&all)));
    aligned(&rows, TEXT)
}

/// Why the classes are not good enough.
pub(super) fn problems(scores: &[Score]) -> Vec<String> {
    let total = total(&by_class(scores));
    let mut problems = Vec::new();
    for score in scores {
        match &score.claims {
            None => problems.push(format!("seed {}: the report has no `cohorts`", score.seed)),
            Some(claims) if !claims.unnamed.is_empty() => {
                problems.push(format!("seed {}: no cohort names {}", score.seed, claims.unnamed.join(", ")));
            }
            Some(_) => {}
        }
    }
    if scores.iter().all(|score| score.claims.is_none()) {
        return problems;
    }
    let mut hold = |holds: bool, text: String| {
        if !holds {
            problems.push(text);
        }
    };
    hold(total.truth > Money::ZERO, "no cohort is of a known class: nothing is shown".to_owned());
    hold(
        total.right.pico() * 100 >= total.claimed.pico() * PRECISION,
        format!("precision of the classes is under {PRECISION} %"),
    );
    hold(total.right.pico() * 100 >= total.truth.pico() * RECALL, format!("recall of the classes is under {RECALL} %"));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::read::{Report, Truth};

    const NONE: [&str; 0] = [];

    fn money(text: &str) -> Money {
        Money::parse(text).expect("a decimal")
    }

    fn app(caller: &str, class: &str) -> String {
        format!(
            r#"{{"caller": "{caller}", "account": "111111111111", "region": "us-east-1", "model": "m",
                "class": "{class}"}}"#
        )
    }

    fn score(apps: &[(&str, &str)], cohorts: &[(&str, &str, &str)]) -> Score {
        let apps: Vec<String> = apps.iter().map(|(caller, class)| app(caller, class)).collect();
        let truth = format!(r#"{{"as_of": "2026-11-05", "habits": [], "apps": [{}]}}"#, apps.join(", "));
        let cohort = |(caller, task, monthly): &(&str, &str, &str)| {
            format!(
                r#"{{"account": "111111111111", "region": "us-east-1", "model": "m", "caller": "{caller}",
                    "cohort": "c", "task": "{task}", "monthly": "{monthly}"}}"#
            )
        };
        let cohorts: Vec<String> = cohorts.iter().map(cohort).collect();
        let report = format!(r#"{{"schema_version": 1, "recommendations": [], "cohorts": [{}]}}"#, cohorts.join(", "));
        let none = Report::read(br#"{"schema_version": 1, "recommendations": []}"#).expect("a report");
        let truth = Truth::read(truth.as_bytes()).expect("a truth");
        Score::of(7, &truth, &Report::read(report.as_bytes()).expect("a report"), &none)
    }

    #[test]
    fn dollars_are_right_where_the_task_is_the_class_of_the_caller() {
        let apps = [("role/a", "label"), ("role/b", "code"), ("role/c", "unknown")];
        let cohorts = [
            ("role/a", "label", "60"),
            ("role/a", "extraction", "10"),
            ("role/a", "text", "30"),
            ("role/b", "code", "40"),
            // Nobody can know, nor what the truth does not list.
            ("role/c", "label", "5"),
            ("role/c", "unknown", "7"),
            ("role/d", "code", "3"),
        ];
        let score = score(&apps, &cohorts);
        let claims = score.claims.clone().expect("cohorts");
        let of = |truth, claimed, right| Dollars { truth: money(truth), claimed: money(claimed), right: money(right) };
        assert_eq!(
            claims.classes,
            BTreeMap::from([
                ("code".to_owned(), of("40", "43", "40")),
                ("extraction".to_owned(), of("0", "10", "0")),
                ("label".to_owned(), of("100", "65", "60")),
            ])
        );
        assert_eq!(
            claims.remarks,
            [
                "role/a is label: $10.00 as extraction",
                "role/a is label: $30.00 as text",
                "role/c is unknown: $5.00 as label",
                "role/d is unknown: $3.00 as code",
            ]
        );
        // 100 of 118 claimed, 100 of 140 true.
        assert_eq!(
            problems(std::slice::from_ref(&score)),
            ["precision of the classes is under 90 %", "recall of the classes is under 80 %"]
        );
        assert_eq!(
            lines(&[score]),
            [
                "class         true  claimed   right  precision   recall",
                "code         40.00    43.00   40.00     93.0 %  100.0 %",
                "extraction    0.00    10.00    0.00      0.0 %        -",
                "label       100.00    65.00   60.00     92.3 %   60.0 %",
                "total       140.00   118.00  100.00     84.7 %   71.4 %",
            ]
        );
    }

    #[test]
    fn the_limits_are_held_over_all_seeds() {
        let of = |right: &str, wrong: &str, silent: &str| {
            let cohorts = [("role/a", "label", right), ("role/a", "code", wrong), ("role/a", "text", silent)];
            score(&[("role/a", "label")], &cohorts)
        };
        // Exactly nine tenths and exactly eight.
        assert_eq!(problems(&[of("90", "10", "0")]), NONE);
        assert_eq!(problems(&[of("80", "0", "20")]), NONE);
        assert_eq!(problems(&[of("89", "11", "0")]), ["precision of the classes is under 90 %"]);
        assert_eq!(problems(&[of("79", "0", "21")]), ["recall of the classes is under 80 %"]);
        assert_eq!(problems(&[of("89", "11", "0"), of("10", "0", "0")]), NONE, "99 of 110 over both");
    }

    #[test]
    fn what_is_not_there_is_no_success() {
        let empty = Report::read(br#"{"schema_version": 1, "recommendations": []}"#).expect("a report");
        let truth = Truth::read(br#"{"as_of": "2026-11-05", "habits": []}"#).expect("a truth");
        let missing = Score::of(7, &truth, &empty, &empty);
        assert_eq!(problems(std::slice::from_ref(&missing)), ["seed 7: the report has no `cohorts`"]);
        assert_eq!(lines(&[missing]), NONE);
        let unnamed = score(&[("role/a", "label"), ("role/b", "code")], &[("role/a", "label", "1")]);
        assert_eq!(problems(&[unnamed]), ["seed 7: no cohort names role/b"]);
        let nothing = score(&[("role/c", "unknown")], &[("role/c", "unknown", "1")]);
        assert_eq!(problems(&[nothing]), ["no cohort is of a known class: nothing is shown"]);
    }

    #[test]
    fn another_account_is_another_app() {
        let score = score(&[("role/a", "label")], &[]);
        assert_eq!(score.claims.expect("cohorts").unnamed, ["role/a"]);
        let apps: Vec<App> = vec![serde_json::from_str(&app("role/a", "label")).expect("an app")];
        let cohort = r#"{"account": "222222222222", "caller": "role/a", "task": "label", "monthly": "1"}"#;
        let claims = Claims::of(&apps, &[serde_json::from_str(cohort).expect("a cohort")]);
        assert_eq!((claims.unnamed.len(), claims.classes["label"].right), (1, Money::ZERO));
    }
}
