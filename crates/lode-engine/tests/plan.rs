//! The plan on recommenders made for the purpose: choices, losing steps, silences, thresholds.

use jiff::civil::{Date, date};
use lode_engine::{
    Assumed, Context, Engine, EngineError, ForbiddenMove, Input, Lever, Meta, Outcome, Reason, Recommender, Rule,
    RuleError, Settings, Signals, Silence, SilenceState, Subject, Threshold,
};
use lode_model::{Action, Edit, Mode, ModelId, Money, Ratio, Selector};
use lode_testkit::EstateFile;

const AS_OF: Date = date(2026, 11, 5);

/// One rule that holds from ten dollars a month on.
const RULES: &str = r#"
[[rule]]
id = "rule"
title = "t"
what = "w"
why = "y"
do = "d"
verify = "v"
caution = "c"
rollback = "r"
effort = "low"
risk = "low"
grade = "measured"
[[rule.clause]]
signal = "spend"
comparator = ">="
threshold = 10
why = "w"
source = "s"
"#;

/// Proposes the edits given, one alternative each, for every workload of `model`.
struct Fake {
    meta: Meta,
    model: &'static str,
    edits: fn() -> Vec<(&'static str, Edit)>,
}

const fn meta(id: &'static str) -> Meta {
    Meta { id, lever: Lever { id, name: id }, readme: "", rules: RULES }
}

impl Recommender for Fake {
    fn meta(&self) -> &'static Meta {
        match self.meta.id {
            "first" => &const { meta("first") },
            _ => &const { meta("second") },
        }
    }

    fn signals(&self, cx: &Context<'_>, subject: &Subject) -> Signals {
        if self.model == UNSEEN {
            return Signals::new().missing("spend", "USD per month", Input::InvocationLogs);
        }
        let ours = subject.model().is_some_and(|model| model.as_str() == self.model);
        let spend = if ours { cx.profile(subject).monthly } else { Money::ZERO };
        Signals::new().money("spend", "USD per month", spend)
    }

    fn actions(&self, _: &Context<'_>, subject: &Subject, _: &Rule, _: &Assumed) -> Vec<Action> {
        (self.edits)()
            .into_iter()
            .map(|(key, edit)| Action {
                key: key.into(),
                selector: Selector {
                    mode: matches!(edit, Edit::Mode(_)).then_some(Mode::Standard),
                    ..Selector::all(subject.clone())
                },
                edits: vec![edit],
                one_off: Money::ZERO,
                title: key.to_owned(),
                only_alternative: key.starts_with("offered"),
                notes: Vec::new(),
            })
            .collect()
    }
}

const NOVA_PRO: &str = "amazon.nova-pro-v1:0";

/// In place of a model: what its workloads spend cannot be said without the logs.
const UNSEEN: &str = "unseen";

fn run(charges: &str, recommenders: &[&dyn Recommender], settings: Settings) -> Outcome {
    let text = format!(r#"{{"first": "2026-10-01", "last": "2026-10-28", "charges": {charges}}}"#);
    let file: EstateFile = serde_json::from_str(&text).expect("a valid estate");
    let estate = file.build(AS_OF);
    Engine::new(recommenders, settings).expect("valid rules and settings").run(&estate, AS_OF)
}

/// 24 dollars a day are 730 dollars a month: 30 million input tokens of Nova Pro at list, 0.80 a million.
const THIRTY_MILLION: &str =
    r#"[{"model": "amazon.nova-pro-v1:0", "role": "app", "class": "input", "tokens": 30000000, "usd": "24"}]"#;

fn cheaper_modes() -> Vec<(&'static str, Edit)> {
    vec![("priority", Edit::Mode(Mode::Priority)), ("flex", Edit::Mode(Mode::Flex)), ("batch", Edit::Mode(Mode::Batch))]
}

fn smaller_model() -> Vec<(&'static str, Edit)> {
    let to = ModelId::from("amazon.nova-lite-v1:0");
    vec![("lite", Edit::Model { to, input: Ratio::ONE, output: Ratio::ONE })]
}

fn batch() -> Vec<(&'static str, Edit)> {
    vec![("batch", Edit::Mode(Mode::Batch))]
}

fn dollars(text: &str) -> Money {
    Money::parse(text).expect("money")
}

#[test]
fn of_alternatives_the_one_that_leaves_the_smallest_bill_stays() {
    let modes = Fake { meta: meta("first"), model: NOVA_PRO, edits: cheaper_modes };
    let outcome = run(THIRTY_MILLION, &[&modes], Settings::default());
    let [recommendation] = &outcome.recommendations[..] else { panic!("{:?}", outcome.recommendations) };
    // Flex and batch cost the same; the first by name stays. Priority would cost 1.75 times: 1277.50 - 365.
    assert_eq!(recommendation.action, "batch");
    assert_eq!(recommendation.savings.expected, dollars("365"));
    let others: Vec<_> = recommendation.alternatives.iter().map(|a| (a.title.as_str(), a.costs_more)).collect();
    assert_eq!(others, [("flex", dollars("0")), ("priority", dollars("912.5"))]);
    assert_eq!(outcome.ready.savings(), dollars("365"));
}

fn offered_lite() -> Vec<(&'static str, Edit)> {
    let model = |to: &str, ratio| Edit::Model { to: ModelId::from(to), input: ratio, output: ratio };
    vec![
        ("premier", model("amazon.nova-micro-v1:0", Ratio::from_ppm(2_000_000))),
        ("offered-lite", model("amazon.nova-lite-v1:0", Ratio::ONE)),
    ]
}

fn two_models() -> Vec<(&'static str, Edit)> {
    let model = |to: &str| Edit::Model { to: ModelId::from(to), input: Ratio::ONE, output: Ratio::ONE };
    vec![("lite", model("amazon.nova-lite-v1:0")), ("micro", model("amazon.nova-micro-v1:0"))]
}

fn offered_only() -> Vec<(&'static str, Edit)> {
    offered_lite().split_off(1)
}

#[test]
fn what_is_only_offered_is_listed_and_never_chosen() {
    let fake = Fake { meta: meta("first"), model: NOVA_PRO, edits: offered_lite };
    let outcome = run(THIRTY_MILLION, &[&fake], Settings::default());
    let [made] = &outcome.recommendations[..] else { panic!("{:?}", outcome.recommendations) };
    // 30 million a day: twice the tokens at 0.035 are 2.10 a day, 63.875 a month; Nova Lite at 0.06 1.80, 54.75.
    assert_eq!((made.action.as_str(), made.savings.expected), ("premier", dollars("666.125")));
    let [offered] = &made.alternatives[..] else { panic!("{:?}", made.alternatives) };
    assert_eq!((offered.title.as_str(), offered.costs_more), ("offered-lite", dollars("-9.125")));
    assert_eq!(offered.never_chosen, Some((dollars("-9.125"), dollars("-9.125"))), "its rule assumes nothing");
    assert_eq!(made.break_even.and_then(|even| even.share()), Some(0.0875), "63.875 of 730");
}

#[test]
fn what_is_offered_alone_is_declined_with_what_it_would_save() {
    let fake = Fake { meta: meta("first"), model: NOVA_PRO, edits: offered_only };
    let outcome = run(THIRTY_MILLION, &[&fake], Settings::default());
    assert!(outcome.recommendations.is_empty() && outcome.full.savings().is_zero());
    let [declined] = &outcome.declined[..] else { panic!("{:?}", outcome.declined) };
    let (title, saves) = ("offered-lite".to_owned(), dollars("675.25"));
    assert_eq!(declined.reason, Reason::OnlyAlternative { title, instead_of: None, saves });
}

#[test]
fn a_rule_is_left_only_to_one_before_it() {
    let left = RULES.replace("grade =", "unless = [\"first\"]\ngrade =");
    assert!(Rule::read_all("fake", &left).is_err(), "there is no rule first");
    let first = RULES.replace("id = \"rule\"", "id = \"first\"");
    assert!(Rule::read_all("fake", &format!("{first}{left}")).is_ok());
    assert!(Rule::read_all("fake", &format!("{left}{first}")).is_err(), "it comes after");
}

#[test]
fn a_later_lever_saves_only_on_what_the_earlier_left() {
    let first = Fake { meta: meta("first"), model: NOVA_PRO, edits: batch };
    let second = Fake { meta: meta("second"), model: NOVA_PRO, edits: smaller_model };
    let outcome = run(THIRTY_MILLION, &[&first, &second], Settings::default());
    let steps: Vec<_> = outcome.ready.steps.iter().map(|s| (s.priority, s.standalone, s.marginal())).collect();
    // Nova Lite is 0.06 a million, 0.03 in batch: 730 - 365 = 365, then 365 - 27.375 = 337.625; alone 730 - 54.75.
    assert_eq!(steps, [(1, dollars("365"), dollars("365")), (2, dollars("675.25"), dollars("337.625"))]);
    assert_eq!(outcome.ready.remaining, dollars("27.375"));
    // Each says what it does, and what is done before it on the same calls.
    let parts = outcome.recommendations.iter().flat_map(|r| &r.parts);
    let keys = parts.map(|part| {
        let earlier: Vec<&str> = part.earlier.iter().map(|action| &*action.key).collect();
        (&*part.action.key, earlier)
    });
    assert_eq!(keys.collect::<Vec<_>>(), [("batch", vec![]), ("lite", vec!["batch"])]);
}

#[test]
fn a_step_that_loses_after_the_earlier_ones_is_taken_out() {
    // This account's Nova Lite costs 0.06 a million on demand and, whatever list says, ten dollars in batch.
    let charges = r#"[
        {"model": "amazon.nova-pro-v1:0", "role": "app", "class": "input", "tokens": 30000000, "usd": "24"},
        {"model": "amazon.nova-lite-v1:0", "role": "other", "class": "input", "tokens": 1000000, "usd": "0.06"},
        {"model": "amazon.nova-lite-v1:0", "role": "other", "mode": "batch", "class": "input", "tokens": 1000, "usd": "0.01"}]"#;
    let first = Fake { meta: meta("first"), model: NOVA_PRO, edits: batch };
    let second = Fake { meta: meta("second"), model: NOVA_PRO, edits: smaller_model };
    let outcome = run(charges, &[&first, &second], Settings::default());
    assert_eq!(outcome.ready.steps.len(), 1);
    let negative: Vec<_> = outcome
        .declined
        .iter()
        .filter_map(|d| match d.reason {
            Reason::NegativeInPlan(money) => Some((d.rule_id.as_str(), money)),
            _ => None,
        })
        .collect();
    // 30 million tokens a day at ten dollars, less the twelve they cost in batch: 288 more a day.
    assert_eq!(negative, [("second.rule", dollars("-8760"))]);
}

#[test]
fn a_silence_holds_until_its_last_day_and_is_listed() {
    let first = Fake { meta: meta("first"), model: NOVA_PRO, edits: batch };
    let silence = |expires| Settings {
        silenced: vec![Silence { id: "first.rule".into(), reason: "later".into(), owner: "team".into(), expires }],
        ..Settings::default()
    };
    let until = run(THIRTY_MILLION, &[&first], silence(Some(AS_OF)));
    assert!(until.recommendations.is_empty());
    assert!(matches!(until.declined[..], [lode_engine::Declined { reason: Reason::Suppressed(_), .. }]));
    let over = run(THIRTY_MILLION, &[&first], silence(Some(date(2026, 11, 4))));
    assert_eq!(over.recommendations.len(), 1);
    // What it keeps out is what the plan has without it: there is no other step.
    let told = |outcome: &Outcome| outcome.silenced.iter().map(|s| (s.state, s.matches, s.monthly)).collect::<Vec<_>>();
    let saved = over.recommendations[0].savings.standalone;
    assert!(saved > Money::ZERO);
    assert_eq!(told(&until), [(SilenceState::InForce, 1, Some(saved))]);
    assert_eq!(told(&over), [(SilenceState::Expired, 1, None)]);
    let second = Fake { meta: meta("second"), model: "another.model", edits: batch };
    let idle = Settings {
        silenced: vec![Silence { id: "second.rule".into(), reason: "r".into(), owner: "o".into(), expires: None }],
        ..Settings::default()
    };
    assert_eq!(told(&run(THIRTY_MILLION, &[&first, &second], idle)), [(SilenceState::MatchesNothing, 0, None)]);
}

/// What would not be recommended anyway is not kept out, and what is missing stays missing.
#[test]
fn a_silence_counts_what_would_be_recommended_without_it() {
    let dearer = || vec![("priority", Edit::Mode(Mode::Priority))];
    let to_nowhere = || {
        let to = ModelId::from("nobody.sells-this-v1:0");
        vec![("nowhere", Edit::Model { to, input: Ratio::ONE, output: Ratio::ONE })]
    };
    let some_nowhere = || {
        let to = ModelId::from("nobody.sells-this-v1:0");
        vec![("nowhere", Edit::Model { to, input: Ratio::ONE, output: Ratio::ONE }), ("batch", Edit::Mode(Mode::Batch))]
    };
    let silenced = |model: &'static str, edits: fn() -> Vec<(&'static str, Edit)>| {
        let silence = Silence { id: "first.rule".into(), reason: "r".into(), owner: "o".into(), expires: None };
        let settings = Settings { silenced: vec![silence], ..Settings::default() };
        let outcome = run(THIRTY_MILLION, &[&Fake { meta: meta("first"), model, edits }], settings);
        assert!(outcome.recommendations.is_empty());
        let gaps: Vec<_> = outcome.gaps.iter().map(|gap| gap.input).collect();
        let [told] = &outcome.silenced[..] else { panic!("one silence") };
        (told.state, told.matches, told.unanswered, told.monthly, gaps)
    };
    let nothing = (SilenceState::MatchesNothing, 0, 0, None, vec![]);
    assert_eq!(silenced(NOVA_PRO, dearer), nothing, "it saves nothing");
    assert_eq!(silenced(NOVA_PRO, Vec::new), nothing, "there is nothing to propose");
    assert_eq!(silenced(NOVA_PRO, to_nowhere), (SilenceState::InForce, 0, 1, None, vec![]), "it has no price");
    // Batch halves 730 dollars a month.
    let half = Some(dollars("365"));
    assert_eq!(silenced(NOVA_PRO, some_nowhere), (SilenceState::InForce, 1, 0, half, vec![]), "the best that is known");
    let missing = (SilenceState::InForce, 0, 0, None, vec![Input::InvocationLogs]);
    assert_eq!(silenced(UNSEEN, batch), missing, "it waits for the logs");
}

#[test]
fn a_forbidden_move_is_never_proposed_and_the_next_best_is() {
    let first = Fake { meta: meta("first"), model: NOVA_PRO, edits: two_models };
    let free = run(THIRTY_MILLION, &[&first], Settings::default());
    let moved = |outcome: &Outcome| match outcome.recommendations.first().map(|r| &r.edits[..]) {
        Some([Edit::Model { to, .. }]) => Some(to.as_str().to_owned()),
        _ => None,
    };
    assert_eq!(moved(&free).as_deref(), Some("amazon.nova-micro-v1:0"));
    let rule = |from: Option<&str>, to: &str| ForbiddenMove {
        from: from.map(Into::into),
        to: to.into(),
        reason: "not approved".to_owned(),
    };
    let with = |forbidden| run(THIRTY_MILLION, &[&first], Settings { forbidden, ..Settings::default() });
    let told = |outcome: &Outcome| {
        let found = outcome.declined.iter().filter(|d| d.reason.as_str() == "forbidden");
        found.map(|d| format!("{:?}", d.reason)).collect::<Vec<_>>()
    };
    let one = with(vec![rule(Some("amazon.nova-pro*"), "*micro*")]);
    assert_eq!(moved(&one).as_deref(), Some("amazon.nova-lite-v1:0"));
    assert_eq!(told(&one).len(), 1, "said although another way is taken");
    assert!(told(&one)[0].contains("not approved"), "{:?}", told(&one));
    let all = with(vec![rule(None, "amazon.*")]);
    assert_eq!((moved(&all), told(&all).len()), (None, 2));
    assert!(all.full.steps.is_empty());
    let other = with(vec![rule(Some("anthropic.*"), "*")]);
    assert_eq!(moved(&other).as_deref(), Some("amazon.nova-micro-v1:0"), "calls of another model");
}

#[test]
fn a_changed_threshold_decides_and_an_unknown_one_is_an_error() {
    let first = Fake { meta: meta("first"), model: NOVA_PRO, edits: batch };
    let with = |name: &str, threshold| Settings {
        thresholds: [(name.to_owned(), Threshold::Whole(threshold))].into(),
        ..Settings::default()
    };
    assert_eq!(run(THIRTY_MILLION, &[&first], with("first.rule.spend", 730)).recommendations.len(), 1);
    assert_eq!(run(THIRTY_MILLION, &[&first], with("first.rule.spend", 731)).recommendations.len(), 0);
    let with_text = Settings {
        thresholds: [("first.rule.spend".to_owned(), Threshold::Text("730".to_owned()))].into(),
        ..Settings::default()
    };
    assert!(matches!(Engine::new(&[&first], with_text).err(), Some(EngineError::Rules(RuleError::SettingKind { .. }))));
    let clause = Settings {
        silenced: vec![Silence { id: "first.rule.spend".into(), reason: "r".into(), owner: "o".into(), expires: None }],
        ..Settings::default()
    };
    assert!(Engine::new(&[&first], clause).is_err(), "a clause is not a rule");
    let unknown = Engine::new(&[&first], with("first.rule.spent", 1)).err();
    assert_eq!(unknown, Some(EngineError::Rules(RuleError::UnknownSetting("first.rule.spent".to_owned()))));
}
