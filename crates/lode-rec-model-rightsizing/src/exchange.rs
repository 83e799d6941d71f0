//! What a move gives up and what it brings beside the price, as the catalogue has both models. Said of the option that is
//! chosen; whether it matters is for a person to say.

use lode_model::Ttl;
use lode_prices::ModelInfo;
use lode_sim::Traffic;

use crate::candidates::in_json;
use crate::words::whole;

/// What changes hands, in words.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Exchange {
    /// What today's model has and the target has not, or less of.
    pub(crate) loses: Vec<String>,
    /// What the target has and today's model has not, or more of.
    pub(crate) gains: Vec<String>,
    /// What the calls use and the catalogue does not record of the target.
    pub(crate) not_recorded: Vec<String>,
}

impl Exchange {
    /// Of a move between two models. Modes and caching that the catalogue does not have are not on offer; sizes are compared
    /// where both are recorded.
    pub(crate) fn of(from: &ModelInfo, to: &ModelInfo, traffic: Option<&Traffic>) -> Self {
        let mut found = Self::default();
        for (what, today, there) in offers(from, to) {
            found.has(what, today, there);
        }
        found.more_is_better("context", from.context, to.context);
        found.more_is_better("longest answer", from.max_output, to.max_output);
        found.caching(from, to);
        match (from.long_context_above(), to.long_context_above()) {
            (None, Some(above)) => {
                found.loses.push(format!("one price for all prompts (it jumps above {} tokens)", whole(above)));
            }
            (Some(above), None) => {
                found.gains.push(format!("one price for all prompts (today it jumps above {} tokens)", whole(above)));
            }
            _ => {}
        }
        // What one of the two does not record is neither lost nor gained.
        for (what, today, there) in
            [("tools", from.tools, to.tools), ("answers by JSON schema", from.structured_output, to.structured_output)]
        {
            if let Some((today, there)) = today.zip(there) {
                found.has(what, today, there);
            }
        }
        let tools = traffic.is_some_and(|traffic| traffic.with_tools > 0);
        if tools && to.tools.is_none() {
            found.not_recorded.push("tools".to_owned());
        }
        if in_json(traffic) && from.structured_output == Some(true) && to.structured_output.is_none() {
            found.not_recorded.push("answers by JSON schema".to_owned());
        }
        found
    }

    /// As evidence of the option, by signal.
    pub(crate) fn notes(self) -> Vec<(&'static str, String)> {
        let Self { loses, gains, not_recorded } = self;
        [("target.loses", loses), ("target.gains", gains), ("target.not_recorded", not_recorded)]
            .into_iter()
            .filter(|(_, all)| !all.is_empty())
            .map(|(signal, all)| (signal, all.join("; ")))
            .collect()
    }

    fn has(&mut self, what: &str, today: bool, there: bool) {
        match (today, there) {
            (true, false) => self.loses.push(what.to_owned()),
            (false, true) => self.gains.push(what.to_owned()),
            _ => {}
        }
    }

    fn more_is_better(&mut self, what: &str, today: Option<u64>, there: Option<u64>) {
        let Some((today, there)) = today.zip(there).filter(|(today, there)| today != there) else { return };
        let side = if there < today { &mut self.loses } else { &mut self.gains };
        side.push(format!("{what} {} -> {} tokens", whole(today), whole(there)));
    }

    fn caching(&mut self, from: &ModelInfo, to: &ModelInfo) {
        let (Some(today), Some(there)) = (&from.cache, &to.cache) else { return };
        let (few, many) = (today.min_tokens, there.min_tokens);
        if few != many {
            let side = if many > few { &mut self.loses } else { &mut self.gains };
            side.push(format!("cache minimum {} -> {} tokens", whole(few), whole(many)));
        }
        for ttl in [Ttl::FiveMinutes, Ttl::ThirtyMinutes, Ttl::OneHour] {
            self.has(&format!("cache that lives {ttl}"), today.ttls.contains(&ttl), there.ttls.contains(&ttl));
        }
        match (today.max_cached_tokens, there.max_cached_tokens) {
            (None, Some(most)) => self.loses.push(format!("cache beyond {} tokens", whole(most))),
            (Some(most), None) => self.gains.push(format!("cache beyond {} tokens", whole(most))),
            _ => {}
        }
    }
}

/// What a model offers or not: name, today, on the target.
fn offers(from: &ModelInfo, to: &ModelInfo) -> [(&'static str, bool, bool); 7] {
    let both = |of: fn(&ModelInfo) -> bool| (of(from), of(to));
    let row = |what, (today, there)| (what, today, there);
    [
        row("batch", both(|model| model.batch == Some(true))),
        row("Flex", both(|model| model.flex == Some(true))),
        row("Priority", both(|model| model.priority == Some(true))),
        row("Reserved", both(|model| model.reserved)),
        row("Provisioned Throughput", both(|model| model.provisioned.is_some())),
        row("prompt caching", both(|model| model.cache.is_some())),
        row("global profile", both(ModelInfo::offers_global)),
    ]
}

#[cfg(test)]
mod tests {
    use lode_model::ModelId;
    use lode_prices::Catalogue;

    use super::*;

    fn notes(from: &str, to: &str) -> Vec<(&'static str, String)> {
        let model = |id: &str| Catalogue::builtin().model(&ModelId::from(id)).expect("in the catalogue");
        Exchange::of(model(from), model(to), None).notes()
    }

    #[test]
    fn what_a_move_loses_and_gains() {
        let found = notes("anthropic.claude-sonnet-4-6", "anthropic.claude-haiku-4-5-20251001-v1:0");
        assert_eq!(
            found,
            [("target.loses", "context 1,000,000 -> 200,000 tokens; cache minimum 1,024 -> 4,096 tokens".to_owned())]
        );
        let found = notes("anthropic.claude-haiku-4-5-20251001-v1:0", "anthropic.claude-haiku-5-5");
        let loses = "batch; Reserved; one price for all prompts (it jumps above 100,000 tokens)";
        let gains = "context 200,000 -> 1,000,000 tokens; longest answer 64,000 -> 128,000 tokens; cache minimum 4,096 -> 512 tokens";
        assert_eq!(found, [("target.loses", loses.to_owned()), ("target.gains", gains.to_owned())]);
    }
}
