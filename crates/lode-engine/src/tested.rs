//! Tests of gated options on the customer's own calls, and what they change: an option that passed needs no gate any
//! more, one that failed is withdrawn, and lengths that were measured stand in place of assumed ones.
//!
//! It knows what a test said, by recommendation, option and cohort; how a test is made and judged is none of its concern.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use lode_model::{Action, Cohort, Edit, Money, Ratio};

/// What a test says of the calls of one cohort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TestVerdict {
    /// The change is no worse than the stated margin.
    Passed,
    /// It is worse.
    Failed,
    /// Neither is shown: the gate stays.
    Undecided,
}

impl TestVerdict {
    /// The word of the JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Undecided => "undecided",
        }
    }
}

/// One test.
#[derive(Clone, Debug, PartialEq)]
pub struct Tested {
    /// Id of the recommendation: `model-rightsizing.simple-tasks/account/region/model/caller`.
    pub recommendation: String,
    /// The option tested, such as the model that calls move to.
    pub key: Arc<str>,
    /// The day of its result.
    pub date: Date,
    /// What it says, by cohort of the caller's calls, as [`lode_sim::OwnerCalls::tested_as`] names them.
    pub cohorts: BTreeMap<Cohort, TestVerdict>,
    /// What it says of the calls of every other cohort, where it was not made cohort by cohort.
    pub others: Option<TestVerdict>,
    /// What was measured in place of assumptions of the rule, by their ids: these values count at both ends.
    pub given: BTreeMap<String, f64>,
    /// What the change costs once, where that was measured.
    pub one_off: Option<Money>,
    /// Prompt tokens of the same calls there, over those of today, where measured.
    pub prompt: Option<Ratio>,
    /// Answer tokens likewise.
    pub output: Option<Ratio>,
}

impl Tested {
    fn verdict(&self, cohort: &Cohort) -> Option<TestVerdict> {
        self.cohorts.get(cohort).copied().or(self.others)
    }
}

/// All tests; of two of one option, the later counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tests<'a>(pub(crate) &'a [Tested]);

impl<'a> Tests<'a> {
    /// The test of an option for a subject, and what it says of its calls.
    pub(crate) fn of(self, recommendation: &str, cohort: &Cohort, key: &str) -> Option<(&'a Tested, TestVerdict)> {
        let about = |test: &&Tested| test.recommendation == recommendation && &*test.key == key;
        // Of two of one day the stricter verdict, whatever their order.
        let found = self.0.iter().filter(about).filter_map(|test| Some((test, test.verdict(cohort)?)));
        found.max_by_key(|(test, verdict)| {
            let stricter = (*verdict == TestVerdict::Failed, *verdict == TestVerdict::Undecided);
            (test.date, stricter, test.output, test.prompt)
        })
    }

    /// Whether some option of a recommendation passed for a subject.
    pub(crate) fn any_passed(self, recommendation: &str, cohort: &Cohort) -> bool {
        self.0.iter().any(|test| {
            let verdict = self.of(recommendation, cohort, &test.key).map(|(_, verdict)| verdict);
            verdict == Some(TestVerdict::Passed)
        })
    }
}

/// An action with the lengths and the one-off cost that its test measured.
pub(crate) fn measured(test: &Tested, mut action: Action) -> Action {
    for edit in &mut action.edits {
        if let Edit::Model { input, output, .. } = edit {
            *input = test.prompt.unwrap_or(*input);
            *output = test.output.unwrap_or(*output);
        }
    }
    action.one_off = test.one_off.unwrap_or(action.one_off);
    action
}
