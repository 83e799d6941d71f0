//! Edits of a state: of owners whose calls are known through their calls, of the others token-linear edits: what the tokens and hours of the selected requests cost after a change.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use lode_model::{
    Action, BillingSource, CachePolicy, ChargeKind, Class, ContextBand, Edit, Mode, ModelId, Money, Owner, PriceKey,
    Quantity, Rate, Ratio, ResourceChange, Selector, Span, Unit,
};
use lode_prices::{Billing, NewRates, Unpriced};

use crate::{Estate, SimCharge, State};

/// Why a state could not be computed. Nothing is interpolated in its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSimulated {
    /// The edit changes prompts, timing or demand, which a bill does not show.
    #[error("{0} needs the requests, which a bill does not show")]
    NeedsRequests(&'static str),
    /// A price is not known after the edit.
    #[error("no price for {what}: {why}")]
    Unpriced {
        /// Model, class, mode and region.
        what: String,
        /// Why.
        why: Unpriced,
    },
    /// The requests are known, but not their bodies.
    #[error("this needs the bodies of the requests, which the logs do not hold, or which hold images or documents")]
    NeedsBodies,
    /// Units of several commitments are in force, and which would go is the customer's choice.
    #[error("units of several commitments are in force: which of them would go decides the saving")]
    SeveralTerms,
    /// How much a model unit answers is not known.
    #[error("how many tokens a minute one model unit answers is not known; AWS tells it on request")]
    CapacityUnknown,
    /// No charge with a usable quantity is selected.
    #[error("no charge with a usable quantity is selected")]
    NothingSelected,
}

/// Applies edits to states of one estate, at one policy for rates the bill does not show.
#[derive(Clone, Copy, Debug)]
pub struct Simulator<'a> {
    estate: &'a Estate,
    new_rates: NewRates,
}

impl<'a> Simulator<'a> {
    /// A simulator of `estate`.
    #[must_use]
    pub const fn new(estate: &'a Estate, new_rates: NewRates) -> Self {
        Self { estate, new_rates }
    }

    /// The estate.
    #[must_use]
    pub const fn estate(&self) -> &'a Estate {
        self.estate
    }

    /// Rates for what the bill does not show.
    pub(crate) const fn new_rates(&self) -> NewRates {
        self.new_rates
    }

    /// The state after an action: all its edits, in order, on the requests it selects.
    ///
    /// # Errors
    /// When an edit cannot be answered exactly from this estate.
    pub fn apply(&self, state: &State, action: &Action) -> Result<State, NotSimulated> {
        if let Owner::Pool(id) = &action.selector.owner
            && let [Edit::Commitment { units, term }] = &action.edits[..]
        {
            return match units {
                Some(units) => self.commit(state, action, id, *units, *term),
                None => self.close(state, action, id),
            };
        }
        if let Owner::Pool(id) = &action.selector.owner
            && let [Edit::Reserve { routing, held }] = &action.edits[..]
        {
            return match held {
                Some(held) => self.reserve(state, id, *routing, *held),
                None => self.close_reserved(state, id, *routing),
            };
        }
        if let Some((cluster, place)) = self.estate.demand.of(&action.selector.owner) {
            return self.apply_to_calls(state, action, cluster, place);
        }
        if !action.selector.runs.is_empty() {
            return Err(NotSimulated::NeedsRequests("moving the runs of a job"));
        }
        let charges = state.charges(&action.selector.owner);
        let changes: Option<Vec<&ResourceChange>> = action.edits.iter().map(Edit::of_resource).collect();
        if let Some(changes) = changes.filter(|changes| !changes.is_empty()) {
            let next = resource_after(charges, &changes, &action.selector).ok_or(NotSimulated::NothingSelected)?;
            let reasons = changes.iter().filter_map(|change| match change {
                ResourceChange::Reduce { reason, .. } => Some(reason),
                ResourceChange::Delete | ResourceChange::ReplaceBy { .. } => None,
            });
            return Ok(state.with(&action.selector.owner, next).reduced_for(&action.selector.owner, reasons));
        }
        let mut next = Vec::with_capacity(charges.len() * 2);
        let mut selected = false;
        for charge in charges {
            match self.edited(charge, action)? {
                Some(parts) => {
                    selected = true;
                    next.extend(parts);
                }
                None => next.push(charge.clone()),
            }
        }
        if !selected {
            return Err(NotSimulated::NothingSelected);
        }
        Ok(state.with(&action.selector.owner, next))
    }

    /// What takes a charge's place; `None` where the action does not select it.
    fn edited(&self, charge: &SimCharge, action: &Action) -> Result<Option<Vec<SimCharge>>, NotSimulated> {
        let Some(quantity) = charge.quantity.filter(|q| q.steps > 0 && charge.kind == ChargeKind::Usage) else {
            return Ok(None);
        };
        if quantity.unit != Unit::Token || !charge.key.class.is_token() || !selects(&action.selector, &charge.key) {
            return Ok(None);
        }
        // A fine-tuned model stays the model it was made from, where it was made.
        let elsewhere = |edit: &Edit| matches!(edit, Edit::Model { .. } | Edit::Routing(_));
        if charge.key.custom && action.edits.iter().any(elsewhere) {
            return Ok(None);
        }
        let mut key = charge.key.clone();
        let mut factor = Ratio::ONE;
        for edit in &action.edits {
            factor = self.edit_key(edit, &mut key, factor)?;
        }
        if key == charge.key && factor == Ratio::ONE {
            return Ok(None);
        }
        let quote = self
            .estate
            .prices
            .quote(&key, &charge.key, self.new_rates)
            .map_err(|why| NotSimulated::Unpriced { what: describe(&key), why })?;
        let moved = action.selector.share.of(quantity.steps);
        let stay = quantity.steps - moved;
        let after = factor.of(moved);
        let with = |key: PriceKey, steps: i128, cost: Money| SimCharge {
            key,
            quantity: Some(Quantity { steps, unit: Unit::Token }),
            cost,
            ..charge.clone()
        };
        let mut parts = Vec::with_capacity(2);
        if stay > 0 {
            let cost = Rate::new(charge.cost, quantity.steps).map_or(charge.cost, |rate| rate.cost(stay, 1));
            parts.push(with(charge.key.clone(), stay, cost));
        }
        if after > 0 {
            parts.push(with(key, after, quote.rate.cost(after, 1)));
        }
        Ok(Some(parts))
    }

    /// Changes the key as the edit says and returns how the token count is multiplied from then on.
    fn edit_key(&self, edit: &Edit, key: &mut PriceKey, factor: Ratio) -> Result<Ratio, NotSimulated> {
        match edit {
            Edit::Model { to, input, output } => {
                key.source = self.source_of(to, key.source);
                key.model = to.clone();
                let target = self.estate.prices.catalogue().model(to);
                if target.is_some_and(|info| info.long_context_above().is_none()) {
                    key.band = ContextBand::Standard;
                }
                let ratio = if key.class == Class::Output { *output } else { *input };
                return Ok(Ratio::from_ppm(i64::try_from(ratio.of(i128::from(factor.ppm()))).unwrap_or(i64::MAX)));
            }
            Edit::Mode(mode) => {
                key.mode = *mode;
                // Nothing is cached in batch (AWS prompt-caching page, read 2026-10).
                if *mode == Mode::Batch && key.class.is_prompt() {
                    key.class = Class::Input;
                }
            }
            Edit::Routing(routing) => key.routing = *routing,
            Edit::Cache(CachePolicy::Off) => {
                if key.class.is_prompt() {
                    key.class = Class::Input;
                }
            }
            Edit::Cache(CachePolicy::Markers { .. } | CachePolicy::Lifetime(_)) => {
                return Err(NotSimulated::NeedsRequests("another cache policy"));
            }
            Edit::DropTools(_) => return Err(NotSimulated::NeedsRequests("leaving out tools")),
            Edit::WindowHistory(_) => return Err(NotSimulated::NeedsRequests("windowing the history")),
            Edit::DropDuplicateBlocks => return Err(NotSimulated::NeedsRequests("dropping duplicate blocks")),
            Edit::DropWhiteSpace(_) => return Err(NotSimulated::NeedsRequests("dropping white space")),
            Edit::KeepExamples(_) => return Err(NotSimulated::NeedsRequests("keeping fewer examples")),
            Edit::CapPrompt(_) => return Err(NotSimulated::NeedsRequests("capping prompts")),
            Edit::AnswerRepeats(_) => return Err(NotSimulated::NeedsRequests("answering repeats from a store")),
            Edit::DropCalls(_) => return Err(NotSimulated::NeedsRequests("leaving out calls")),
            Edit::ShortenSegment { .. } => return Err(NotSimulated::NeedsRequests("shortening a segment")),
            Edit::CapOutput(_) => return Err(NotSimulated::NeedsRequests("capping the output")),
            Edit::Retrieval { .. } => return Err(NotSimulated::NeedsRequests("another retrieval setting")),
            Edit::Commitment { .. } | Edit::Reserve { .. } => return Err(NotSimulated::NeedsRequests("a commitment")),
            Edit::Resource(_) => return Err(NotSimulated::NeedsRequests("a resource change beside another edit")),
        }
        Ok(factor)
    }

    /// Who sells the target: AWS itself for native models; for the others the seller stays what it is, and a
    /// move away from a native model goes to AWS Marketplace, where most accounts find them.
    #[must_use]
    pub fn source_of(&self, model: &ModelId, today: BillingSource) -> BillingSource {
        match self.estate.prices.catalogue().model(model).map(|info| info.billing) {
            Some(Billing::Native) => BillingSource::AmazonBedrock,
            Some(Billing::Marketplace) if today == BillingSource::AmazonBedrock => BillingSource::AwsMarketplace,
            _ => today,
        }
    }

    /// Who sells a model where nothing on the bill says it.
    pub(crate) fn seller_of(&self, model: &ModelId) -> BillingSource {
        self.source_of(model, BillingSource::AmazonBedrock)
    }
}

fn selects(selector: &Selector, key: &PriceKey) -> bool {
    selector.mode.is_none_or(|mode| mode == key.mode)
        && selector.routing.is_none_or(|routing| routing == key.routing)
        && selector.band.is_none_or(|band| band == key.band)
        && (selector.models.is_empty() || selector.models.contains(&key.model))
}

/// What is left of a resource's charges after several changes; `None` where none of them selects anything.
fn resource_after(charges: &[SimCharge], changes: &[&ResourceChange], selector: &Selector) -> Option<Vec<SimCharge>> {
    let after = |state: Option<Vec<SimCharge>>, change: &&ResourceChange| {
        let next = resource(state.as_deref().unwrap_or(charges), change, selector);
        next.or(state)
    };
    changes.iter().fold(None, after)
}

/// What is left of a resource's charges. Less of some classes: so much of each. Else all but the standing ones, and, for the
/// days those covered, what takes its place. `None` where nothing is selected.
fn resource(charges: &[SimCharge], change: &ResourceChange, selector: &Selector) -> Option<Vec<SimCharge>> {
    let counted = |charge: &SimCharge| {
        let counted = charge.quantity.is_some_and(|quantity| quantity.steps > 0);
        counted && charge.kind == ChargeKind::Usage && selects(selector, &charge.key)
    };
    if let ResourceChange::Reduce { classes, keep, .. } = change {
        let less = |charge: &SimCharge| counted(charge) && classes.contains(&charge.key.class);
        let part = |charge: &SimCharge| if less(charge) { kept(charge, *keep) } else { Some(charge.clone()) };
        return charges.iter().any(less).then(|| charges.iter().filter_map(part).collect());
    }
    let stands = |charge: &SimCharge| counted(charge) && charge.key.class.is_standing();
    let (standing, mut left): (Vec<SimCharge>, Vec<SimCharge>) = charges.iter().cloned().partition(stands);
    let first = standing.first()?.clone();
    if let ResourceChange::ReplaceBy { what, monthly } = change {
        // Each day once, whatever covers it.
        let days: BTreeSet<Date> = standing.iter().flat_map(|charge| charge.span.each_day()).collect();
        left.extend(days.into_iter().map(|day| SimCharge {
            key: PriceKey { class: Class::Replacement(Arc::clone(what)), ..first.key.clone() },
            span: Span::day(day),
            layer: first.layer,
            kind: ChargeKind::Usage,
            quantity: None,
            // A month is 730 hours, as everywhere.
            cost: Rate::new(*monthly, 730).map_or(*monthly, |hourly| hourly.cost(24, 1)),
        }));
    }
    Some(left)
}

/// A part of a charge, at its own rate; `None` of nothing.
fn kept(charge: &SimCharge, keep: Ratio) -> Option<SimCharge> {
    let quantity = charge.quantity?;
    let steps = keep.of(quantity.steps);
    let cost = Rate::new(charge.cost, quantity.steps).map_or(charge.cost, |rate| rate.cost(steps, 1));
    (steps > 0).then(|| SimCharge { quantity: Some(Quantity { steps, ..quantity }), cost, ..charge.clone() })
}

/// A price key in words.
pub(crate) fn describe(key: &PriceKey) -> String {
    format!("{} {} ({}, {}) in {}", key.model, key.class, key.mode, key.routing, key.region)
}
