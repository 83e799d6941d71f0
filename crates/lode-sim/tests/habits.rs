//! What an owner's calls are to each other, in a scenario and under an edit of it.

use lode_model::{Action, Edit, Money, Owner, Selector};
use lode_prices::NewRates;
use lode_sim::{Estate, Habits, Simulator, State, Traffic};
use lode_testkit::Scenario;

fn measured(estate: &Estate, state: &State) -> std::sync::Arc<Traffic> {
    let owner = &estate.demand.clusters()[0].owners[0].owner;
    Traffic::of(estate, state, owner).expect("its calls are known")
}

/// 1,400 conversations of three calls with prompts of 2,000, 4,000 and 6,000 tokens and answers of 100.
#[test]
fn a_conversation_is_a_chain_until_its_history_is_dropped() {
    let estate = Scenario::named("prompt-caching-conversation").build();
    let owner: Owner = estate.demand.clusters()[0].owners[0].owner.clone();
    let baseline = State::baseline(&estate);
    let logged = measured(&estate, &baseline);
    assert_eq!(Habits::logged(&estate, &owner).as_ref(), Some(&logged.habits));
    let chains = &logged.habits.chains;
    assert_eq!((chains.chains, chains.calls, chains.by_prefixes), (1400, 4200, 1400));
    assert_eq!((chains.prompt_tokens, chains.resent_tokens), (1400 * 12_000, 1400 * 6_000));
    assert_eq!(chains.steps.sum(), 4200);
    assert_eq!([1, 2, 3].map(|turns| logged.mean_prompt_of_turns(turns)), [2000, 4000, 6000].map(Some));
    assert_eq!(logged.mean_prompt_of_turns(4), None);
    assert_eq!((logged.minutes.calls, logged.minutes.tokens), (4200, 1400 * 12_300));

    let selector = Selector::all(owner);
    let edits = vec![Edit::WindowHistory(1)];
    let action = Action {
        key: "test".into(),
        selector,
        edits,
        one_off: Money::ZERO,
        title: String::new(),
        only_alternative: false,
        notes: Vec::new(),
    };
    let after = Simulator::new(&estate, NewRates::Inherit).apply(&baseline, &action).expect("simulated");
    let after = measured(&estate, &after);
    assert_eq!((after.calls, after.habits.chains.chains, after.habits.chains.calls), (4200, 0, 0));
    assert_eq!(after.tokens_by_turns.len(), 2, "one turn each");
}
