//! Curves of committed capacity, as the option that they belong to has them.

use lode_model::{CostCurve, Money, Note};

use crate::v1::{CurvePointV1, CurveV1, six_places};

/// The curves among notes.
pub(crate) fn curves<'a>(notes: impl IntoIterator<Item = &'a Note>) -> Vec<CurveV1> {
    notes.into_iter().filter_map(|note| note.curve.as_deref()).map(curve).collect()
}

fn curve(curve: &CostCurve) -> CurveV1 {
    let on_demand = curve.points.iter().find(|point| point.units == 0).map_or(Money::ZERO, |point| point.cost);
    CurveV1 {
        kind: curve.kind.as_str().to_owned(),
        term: curve.term.to_string(),
        on_demand_monthly: on_demand.into(),
        best: curve.best,
        bought: curve.bought,
        owned: curve.owned,
        break_even_tokens_per_minute: curve.break_even,
        capacity_seen: curve.capacity_seen,
        points: curve
            .points
            .iter()
            .map(|point| CurvePointV1 {
                units: point.units,
                monthly: point.cost.into(),
                utilisation: six_places(point.used.to_f64()),
                overflow_share: six_places(point.beyond.to_f64()),
            })
            .collect(),
    }
}
