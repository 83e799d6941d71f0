//! How sure a plan is: every assumption at its worse and better end, days resampled.

use std::collections::BTreeMap;

use lode_model::Money;
use lode_prices::NewRates;
use lode_sim::{Daily, State};
use lode_stats::block_bootstrap;

use crate::walk::{Choices, OptionId, Walker};
use crate::{Assumption, End};

/// Low and high of each step, and of the whole plan.
pub(crate) struct Intervals {
    pub(crate) steps: Vec<(Money, Money)>,
    pub(crate) plan: (Money, Money),
}

/// The chosen options of owners settled together, with the state they start from, in plan order.
pub(crate) struct Sequence<'a> {
    pub(crate) start: &'a State,
    pub(crate) chosen: Vec<OptionId>,
    pub(crate) choices: &'a Choices,
}

/// The parts of a step: sequence, and step within it.
pub(crate) type Parts = Vec<(usize, usize)>;

impl Walker<'_> {
    /// Intervals of the steps in the order given; `places[i]` says which parts the `i`-th has. Steps that
    /// are `gated` may turn out to save nothing.
    pub(crate) fn intervals(
        &self,
        sequences: &[Sequence<'_>],
        places: &[Parts],
        gated: &dyn Fn(&OptionId) -> bool,
    ) -> Intervals {
        let worse_end = self.worse_ends(sequences);
        let worse = |id: &OptionId, a: &Assumption| {
            worse_end.get(&(id.recommender, id.rule, a.id.clone())).copied().unwrap_or(End::Low)
        };
        let better = |id: &OptionId, a: &Assumption| if worse(id, a) == End::Low { End::High } else { End::Low };
        let run = |end: &dyn Fn(&OptionId, &Assumption) -> End, rates: NewRates, drop_gated: bool| {
            let saved: Vec<Vec<Daily>> =
                sequences.iter().map(|s| self.replay(s.start, &s.chosen, s.choices, end, rates)).collect();
            let rows: Vec<Vec<f64>> = places
                .iter()
                .map(|parts| {
                    let mut sum = Daily::zero(self.estate.window.days());
                    for &(sequence, step) in parts {
                        if !(drop_gated && gated(&sequences[sequence].chosen[step])) {
                            sum.add_all(&saved[sequence][step]);
                        }
                    }
                    self.projection.weighted(&sum)
                })
                .collect();
            block_bootstrap(&rows)
        };
        // A gated saving may turn out to be nothing: its low end is 0.
        let lows = run(&worse, NewRates::List, true);
        let highs = run(&better, NewRates::Inherit, false);
        let money = |dollars: f64| Money::from_f64(dollars).unwrap_or_default().round_micro();
        let mut all: Vec<(Money, Money)> =
            lows.iter().zip(&highs).map(|(low, high)| (money(low.low), money(high.high))).collect();
        let plan = all.pop().unwrap_or_default();
        Intervals { steps: all, plan }
    }

    /// For each assumption, the end at which its rule saves less, the others as expected.
    fn worse_ends(&self, sequences: &[Sequence<'_>]) -> BTreeMap<(usize, usize, String), End> {
        let mut users: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (place, sequence) in sequences.iter().enumerate() {
            for id in &sequence.chosen {
                users.entry((id.recommender, id.rule)).or_default().push(place);
            }
        }
        let mut ends = BTreeMap::new();
        for ((recommender, rule), places) in users {
            for assumption in &self.rules[recommender][rule].assumptions {
                let total = |tried: End| -> Money {
                    let end = |id: &OptionId, a: &Assumption| {
                        let this = (id.recommender, id.rule) == (recommender, rule) && a.id == assumption.id;
                        if this { tried } else { End::Expected }
                    };
                    let saved = places.iter().flat_map(|&place| {
                        let Sequence { start, chosen, choices } = &sequences[place];
                        self.replay(start, chosen, choices, &end, NewRates::Inherit)
                    });
                    saved.map(|daily| self.projection.monthly(&daily)).sum()
                };
                let worse = if total(End::Low) <= total(End::High) { End::Low } else { End::High };
                ends.insert((recommender, rule, assumption.id.clone()), worse);
            }
        }
        ends
    }
}
