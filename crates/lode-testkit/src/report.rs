//! Whole reports of a scenario, as people and programs get them.

use lode_engine::Recommender;
use lode_report::{Look, Report, Sort, Sources, report_table, v1};
use lode_sim::BillView;

use crate::Scenario;

impl Scenario {
    /// The whole report as a table of a given width, without colour, as `lode report` prints it.
    #[must_use]
    pub fn report_table(&self, recommenders: &[&dyn Recommender], width: usize) -> String {
        self.with_report(recommenders, |report| report_table(report, Look { width, colour: false }))
    }

    /// The whole report as JSON.
    #[must_use]
    pub fn report_json(&self, recommenders: &[&dyn Recommender]) -> String {
        self.with_report(recommenders, v1::report_json)
    }

    /// Hands the scenario's report to a renderer.
    pub fn with_report<T>(&self, recommenders: &[&dyn Recommender], render: impl FnOnce(&Report<'_>) -> T) -> T {
        let (estate, outcome) = self.run(recommenders);
        let sources = Sources { input: format!("testdata/scenarios/{}", self.name), ..Sources::default() };
        let report = Report {
            estate: &estate,
            view: &BillView::of(&estate),
            outcome: &outcome,
            sources: &sources,
            as_of: self.as_of,
            time_zone: &jiff::tz::TimeZone::UTC,
            labels: &lode_report::Labels::new(),
            sort: Sort::Priority,
            filter: &lode_report::Filter::default(),
            top: 0,
        };
        render(&report)
    }
}
