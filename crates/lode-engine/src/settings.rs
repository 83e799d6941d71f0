//! What a customer may change of the engine: thresholds, and rules or recommendations they do not want.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use lode_model::{ModelId, Owner, Region};

use crate::{Clause, Rule, RuleError, Tested, Threshold};

/// A rule or recommendation that is not wanted, and who said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// A rule (`recommender.rule`) or the id of a recommendation.
    pub id: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Last day it holds; from the next day on the recommendation is back.
    pub expires: Option<Date>,
}

/// Moves to other models that are never proposed. In patterns `*` stands for any characters, none included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForbiddenMove {
    /// Pattern of the model's id today; any where absent.
    pub from: Option<Arc<str>>,
    /// Pattern of the other model's id.
    pub to: Arc<str>,
    /// Why.
    pub reason: String,
}

impl ForbiddenMove {
    /// Whether it is about a move from one model, where that is known, to another.
    #[must_use]
    pub fn covers(&self, from: Option<&ModelId>, to: &ModelId) -> bool {
        let of = |pattern: &Arc<str>| from.is_some_and(|from| fits(pattern, from.as_str()));
        self.from.as_ref().is_none_or(of) && fits(&self.to, to.as_str())
    }
}

/// Whether a text is of a pattern, in which `*` stands for any characters.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = left.find(part) else { return false };
        left = left.get(at + part.len()..).unwrap_or_default();
    }
    left.ends_with(last)
}

/// Settings of the engine. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Thresholds by `recommender.rule.signal`, with the comparator behind where two clauses compare one signal:
    /// `vector-store.floor.ocu.mean <=`.
    pub thresholds: BTreeMap<String, Threshold>,
    /// What is not wanted.
    pub silenced: Vec<Silence>,
    /// Where calls must stay in their region: accounts, regions, and beginnings of regions such as `eu-`.
    pub regional: Vec<Arc<str>>,
    /// Moves to other models that are never proposed.
    pub forbidden: Vec<ForbiddenMove>,
    /// Tests of gated options. What none of the recommendations is about changes nothing.
    pub tested: Vec<Tested>,
}

impl Settings {
    /// The rules with the thresholds of these settings.
    ///
    /// # Errors
    /// When a setting names no clause or rule, more than one clause, or gives a threshold of another kind.
    pub(crate) fn apply(&self, recommenders: &[&str], mut all: Vec<Vec<Rule>>) -> Result<Vec<Vec<Rule>>, RuleError> {
        for (name, threshold) in &self.thresholds {
            let mut named: Vec<(String, &mut Clause)> = Vec::new();
            for (recommender, rules) in recommenders.iter().zip(&mut all) {
                for rule in rules {
                    let prefix = format!("{recommender}.{}", rule.id);
                    for clause in rule.clauses.iter_mut().chain(&mut rule.weaker) {
                        let short = format!("{prefix}.{}", clause.signal);
                        let long = format!("{short} {}", clause.comparator.as_str());
                        if *name == short || *name == long {
                            named.push((long, clause));
                        }
                    }
                }
            }
            match &mut named[..] {
                [] => return Err(RuleError::UnknownSetting(name.clone())),
                [_] if matches!(threshold, Threshold::Number(number) if !number.is_finite()) => {
                    return Err(RuleError::SettingKind {
                        name: name.clone(),
                        found: threshold.to_string(),
                        expected: "a finite number",
                    });
                }
                [(_, clause)] if clause.threshold.kind() != threshold.kind() => {
                    return Err(RuleError::SettingKind {
                        name: name.clone(),
                        found: threshold.to_string(),
                        expected: clause.threshold.kind(),
                    });
                }
                [(_, clause)] => {
                    clause.source =
                        format!("lode.toml (built in: {} {})", clause.comparator.as_str(), clause.threshold);
                    clause.threshold = threshold.clone();
                }
                several => {
                    let choices = several.iter().map(|(long, _)| long.clone()).collect();
                    return Err(RuleError::AmbiguousSetting { name: name.clone(), choices });
                }
            }
        }
        let exists = |id: &str| {
            recommenders
                .iter()
                .zip(&all)
                .any(|(recommender, rules)| rules.iter().any(|rule| format!("{recommender}.{}", rule.id) == id))
        };
        let rule_of = |silence: &Silence| silence.id.split('/').next().unwrap_or_default().to_owned();
        match self.silenced.iter().find(|silence| !exists(&rule_of(silence))) {
            Some(silence) => Err(RuleError::UnknownSetting(silence.id.clone())),
            None => Ok(all),
        }
    }

    /// What of these settings keeps an owner's calls in their region, if anything.
    #[must_use]
    pub fn keeps_regional(&self, owner: &Owner) -> Option<&str> {
        let named = |entry: &&Arc<str>| {
            let region = owner.region().map(Region::as_str).unwrap_or_default();
            let begins = entry.ends_with('-') && region.starts_with(&***entry);
            begins || region == &***entry || owner.account().as_str() == &***entry
        };
        self.regional.iter().find(named).map(|entry| &**entry)
    }

    /// The silence that covers a recommendation on a day, if any.
    #[must_use]
    pub fn silence(&self, rule: &str, id: &str, today: Date) -> Option<&Silence> {
        self.silenced.iter().filter(|silence| silence.holds(today)).find(|silence| silence.covers(rule, id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, wanted) in [
            ("amazon.nova-*", "amazon.nova-micro-v1:0", true),
            ("amazon.nova-*", "amazon.titan", false),
            ("*", "", true),
            ("a", "a", true),
            ("a", "ab", false),
            ("*haiku*", "anthropic.claude-haiku-4-5", true),
            ("a*b*c", "axxbxxc", true),
            ("a*b*c", "axxcxxb", false),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(fits(pattern, text), wanted, "{pattern} on {text}");
        }
        let (from, to) = (ModelId::from("anthropic.claude-x"), ModelId::from("amazon.nova-micro"));
        let rule = |from: Option<&str>| ForbiddenMove {
            from: from.map(Arc::from),
            to: "amazon.*".into(),
            reason: "policy".to_owned(),
        };
        assert!(rule(None).covers(None, &to) && rule(Some("anthropic.*")).covers(Some(&from), &to));
        assert!(!rule(Some("meta.*")).covers(Some(&from), &to) && !rule(None).covers(Some(&to), &from));
    }

    #[test]
    fn an_entry_is_an_account_a_region_or_the_beginning_of_one() {
        let owner = |account: &str, region: &str| Owner::Resource(account.into(), region.into(), "r".into());
        let kept = |entry: &str, region: &str| {
            let settings = Settings { regional: vec![entry.into()], ..Settings::default() };
            settings.keeps_regional(&owner("111111111111", region)).map(str::to_owned)
        };
        assert_eq!(kept("eu-", "eu-central-1"), Some("eu-".to_owned()));
        assert_eq!(kept("eu-central-1", "eu-central-1"), Some("eu-central-1".to_owned()));
        assert_eq!(kept("eu-central-1", "eu-central-2"), None);
        assert_eq!(kept("eu-central", "eu-central-1"), None, "a beginning ends in a hyphen");
        assert_eq!(kept("111111111111", "us-east-1"), Some("111111111111".to_owned()));
        assert_eq!(kept("222222222222", "us-east-1"), None);
    }
}
