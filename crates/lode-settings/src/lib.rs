//! `lode.toml`: the text of a settings file becomes the settings of a run, or a fault with line and column.
//!
//! It knows the words that settings may hold: caller keys, models, places, rules and their signals. It must not know
//! files, the clock, or what a command does with a setting.

mod fault;
mod form;
mod nearest;
mod schema;
mod template;

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use lode_engine::{Engine, EngineError, ForbiddenMove, Recommender, RuleError, Settings, Silence, Threshold, fits};
use lode_model::{CallerKey, ModelId};
use lode_prices::Catalogue;
use lode_sim::Basis;
use toml::Spanned;

pub use fault::Fault;
pub use nearest::nearest;
pub use schema::schema;
pub use template::template;

/// Settings of a run. The default is that of a run without a file.
#[derive(Clone, Debug, Default)]
pub struct RunSettings {
    /// Cost every figure stands on, where the file says.
    pub basis: Option<Basis>,
    /// What names a caller, in order, where the file says.
    pub caller_keys: Option<Vec<CallerKey>>,
    /// The time zone in which times of the day are said to people, where the file says.
    pub time_zone: Option<TimeZone>,
    /// Tokens a minute that one model unit answers, by model.
    pub capacity: BTreeMap<ModelId, u64>,
    /// Names to show beside raw ones, by account, caller or resource.
    pub labels: BTreeMap<String, String>,
    /// Settings of the engine.
    pub engine: Settings,
}

impl RunSettings {
    /// The settings that a text says; `recommenders` are those whose rules it may name.
    ///
    /// # Errors
    /// The first fault: a key that does not exist, a value of another form, or a word that names nothing.
    pub fn read(text: &str, recommenders: &[&dyn Recommender]) -> Result<Self, Fault> {
        let file: form::File = toml::from_str(text).map_err(|error| Fault::of(text, &error))?;
        let reader = Reader { text };
        let caller_keys = file.report.caller_keys.as_ref().map(|words| {
            let keys = words.iter().map(|word| reader.caller_key(word));
            keys.collect::<Result<Vec<_>, _>>()
        });
        let regional = file.residency.regional.iter().map(|entry| reader.place(entry));
        let forbidden = file.models.forbidden.iter().map(|forbidden| reader.forbidden(forbidden));
        let thresholds = file.thresholds.iter().map(|(name, to)| reader.threshold(name, to));
        let silenced = file.suppress.iter().map(|suppress| reader.silence(suppress));
        let settings = Self {
            basis: file.report.basis.as_ref().map(|word| reader.basis(word)).transpose()?,
            caller_keys: caller_keys.transpose()?,
            time_zone: file.report.time_zone.as_ref().map(|name| reader.time_zone(name)).transpose()?,
            capacity: reader.capacities(&file.capacity)?,
            labels: file.labels.iter().map(|(raw, label)| reader.label(raw, label)).collect::<Result<_, _>>()?,
            engine: Settings {
                tested: Vec::new(),
                forbidden: forbidden.collect::<Result<_, _>>()?,
                regional: regional.collect::<Result<_, _>>()?,
                thresholds: thresholds.collect::<Result<_, _>>()?,
                silenced: silenced.collect::<Result<_, _>>()?,
            },
        };
        reader.rules(&file, recommenders, &settings.engine)?;
        Ok(settings)
    }
}

/// Words that name a caller, as a suggestion.
const CALLER_KEYS: [&str; 5] =
    ["request-metadata:KEY", "application-inference-profile", "iam-principal", "tag:KEY", "cost-category:NAME"];

/// Reads values, and says where one is wrong.
struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn fault<T>(&self, at: &Spanned<T>, message: String) -> Fault {
        Fault::at(self.text, at.span(), message)
    }

    fn basis(&self, word: &Spanned<String>) -> Result<Basis, Fault> {
        let found = word.get_ref().as_str();
        Basis::ALL.iter().copied().find(|basis| basis.as_str() == found).ok_or_else(|| {
            let words = Basis::ALL.iter().map(|basis| basis.as_str());
            let expected = words.clone().collect::<Vec<_>>().join(", ");
            let message = format!("report.basis: found {found:?}, expected one of {expected}");
            self.fault(word, with_help(message, nearest(found, words)))
        })
    }

    /// A threshold that its signal can reach; whether there is such a clause is the engine's to know.
    fn threshold(&self, name: &Spanned<String>, to: &Spanned<Threshold>) -> Result<(String, Threshold), Fault> {
        let (name, threshold) = (name.get_ref(), to.get_ref());
        let negative = match threshold {
            Threshold::Whole(number) => *number < 0,
            Threshold::Number(number) => *number < 0.0,
            Threshold::Flag(_) | Threshold::Text(_) => false,
        };
        if negative && is_never_negative(name) {
            let message =
                format!("thresholds.{name:?}: found {threshold}, expected at least 0: no count or share is less");
            return Err(self.fault(to, message));
        }
        Ok((name.clone(), threshold.clone()))
    }

    fn caller_key(&self, word: &Spanned<String>) -> Result<CallerKey, Fault> {
        let found = word.get_ref();
        CallerKey::from_word(found).ok_or_else(|| {
            // Of a word with a key behind, the part before the colon is what can be mistyped.
            let (kind, key) = found.split_once(':').unwrap_or((found, ""));
            let kinds = CALLER_KEYS.map(|word| word.split(':').next().unwrap_or_default());
            let meant = nearest(kind, kinds).map(|kind| match kind {
                "request-metadata" | "tag" | "cost-category" if key.is_empty() => format!("{kind}:KEY"),
                "request-metadata" | "tag" | "cost-category" => format!("{kind}:{key}"),
                kind => kind.to_owned(),
            });
            let expected = format!("report.caller_keys: found {found:?}, expected one of {}", CALLER_KEYS.join(", "));
            self.fault(word, with_help(expected, meant.as_deref()))
        })
    }

    /// Each model once, whatever it is called.
    fn capacities(
        &self,
        all: &BTreeMap<Spanned<String>, Spanned<toml::Value>>,
    ) -> Result<BTreeMap<ModelId, u64>, Fault> {
        let mut in_file: Vec<_> = all.iter().collect();
        in_file.sort_by_key(|(name, _)| name.span().start);
        let mut known: BTreeMap<ModelId, (&str, u64)> = BTreeMap::new();
        for (name, tokens) in in_file {
            let (model, tokens) = self.capacity(name, tokens)?;
            let found = name.get_ref().as_str();
            if let Some((first, _)) = known.insert(model.clone(), (found, tokens)) {
                let message =
                    format!("capacity: found {found:?}, which is the model {model} as {first} is, expected it once");
                return Err(self.fault(name, message));
            }
        }
        Ok(known.into_iter().map(|(model, (_, tokens))| (model, tokens)).collect())
    }

    fn capacity(&self, name: &Spanned<String>, tokens: &Spanned<toml::Value>) -> Result<(ModelId, u64), Fault> {
        let model = self.model(name, "capacity")?;
        let found = tokens.get_ref();
        match found.as_integer().and_then(|number| u64::try_from(number).ok()) {
            Some(number) if number > 0 => Ok((model, number)),
            _ => {
                let message =
                    format!("capacity.\"{model}\": found {found} tokens a minute, expected a whole number, at least 1");
                Err(self.fault(tokens, message))
            }
        }
    }

    fn model(&self, name: &Spanned<String>, key: &str) -> Result<ModelId, Fault> {
        let catalogue = Catalogue::builtin();
        let found = name.get_ref();
        catalogue.resolve(found).map(|info| info.id.clone()).ok_or_else(|| {
            let meant = nearest(found, catalogue.models().iter().map(|model| model.id.as_str()));
            let expected = "expected the id of a Bedrock model, such as amazon.nova-2-lite-v1:0";
            self.fault(name, with_help(format!("{key}: found {found:?}, {expected}"), meant))
        })
    }

    fn label(&self, raw: &Spanned<String>, label: &Spanned<String>) -> Result<(String, String), Fault> {
        if raw.get_ref().trim().is_empty() {
            let message = "labels: the name that a label is for is empty, expected an account, a caller or a resource";
            return Err(self.fault(raw, message.to_owned()));
        }
        let raw = raw.get_ref();
        let name = label.get_ref().trim();
        if name.is_empty() {
            return Err(self.fault(label, format!("labels: the name of {raw} is empty, expected one to show")));
        }
        Ok((raw.clone(), name.to_owned()))
    }

    /// Of the bundled database: the same on every machine.
    fn time_zone(&self, name: &Spanned<String>) -> Result<TimeZone, Fault> {
        let found = name.get_ref();
        // jiff has one that stands for no zone.
        TimeZone::get(found).ok().filter(|zone| !zone.is_unknown()).ok_or_else(|| {
            let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
            // Of a name without its continent, the one that ends so.
            let end = format!("/{}", found.to_lowercase().replace(' ', "_"));
            let by_city = known.iter().find(|known| known.to_lowercase().ends_with(&end)).map(String::as_str);
            let meant = by_city.or_else(|| nearest(found, known.iter().map(String::as_str)));
            let message = format!("report.time_zone: found {found:?}, expected an IANA name, such as Europe/Berlin");
            self.fault(name, with_help(message, meant))
        })
    }

    fn forbidden(&self, forbidden: &form::Forbidden) -> Result<ForbiddenMove, Fault> {
        if forbidden.reason.get_ref().trim().is_empty() {
            let message = "models.forbidden: a forbidden move needs a reason, and it is empty".to_owned();
            return Err(self.fault(&forbidden.reason, message));
        }
        let from = forbidden.from.as_ref().map(|from| self.pattern(from)).transpose()?;
        Ok(ForbiddenMove { from, to: self.pattern(&forbidden.to)?, reason: forbidden.reason.get_ref().clone() })
    }

    /// A pattern that some model of the catalogue is of.
    fn pattern(&self, pattern: &Spanned<String>) -> Result<std::sync::Arc<str>, Fault> {
        let found = pattern.get_ref().as_str();
        let models = || Catalogue::builtin().models().iter().map(|model| model.id.as_str());
        if models().any(|model| fits(found, model)) {
            return Ok(found.into());
        }
        let message = format!(
            "models.forbidden: found {found:?}, which no model's id is of; expected an id or a pattern of ids, such as \
             amazon.nova-*"
        );
        Err(self.fault(pattern, with_help(message, nearest(found.trim_end_matches('*'), models()))))
    }

    fn place(&self, entry: &Spanned<String>) -> Result<std::sync::Arc<str>, Fault> {
        let found = entry.get_ref().as_str();
        if is_place(found) {
            return Ok(found.into());
        }
        let message = format!(
            "residency.regional: found {found:?}, expected an account (111111111111), a region (eu-central-1) or the \
             beginning of one (eu-)"
        );
        Err(self.fault(entry, message))
    }

    fn silence(&self, suppress: &form::Suppress) -> Result<Silence, Fault> {
        let id = suppress.id.get_ref();
        for (key, text) in [("reason", &suppress.reason), ("owner", &suppress.owner)] {
            if text.get_ref().trim().is_empty() {
                let message = format!("the suppression of {id} needs a reason and an owner: its {key} is empty");
                return Err(self.fault(text, message));
            }
        }
        Ok(Silence {
            id: id.clone(),
            reason: suppress.reason.get_ref().clone(),
            owner: suppress.owner.get_ref().clone(),
            expires: suppress.expires.as_ref().map(|day| self.date(day)).transpose()?,
        })
    }

    /// A day, as text or as a date of TOML.
    fn date(&self, day: &Spanned<toml::Value>) -> Result<Date, Fault> {
        let (text, shown) = match day.get_ref() {
            toml::Value::String(text) => (text.clone(), format!("{text:?}")),
            other => (other.to_string(), other.to_string()),
        };
        // A time of the day behind it, or another form, would be read and dropped.
        text.parse().ok().filter(|day: &Date| day.to_string() == text).ok_or_else(|| {
            self.fault(day, format!("suppress.expires: found {shown}, expected a day that exists, such as 2027-06-30"))
        })
    }

    /// Whether the engine takes thresholds and suppressions: it alone knows its rules, and names the entry it refuses.
    fn rules(&self, file: &form::File, recommenders: &[&dyn Recommender], settings: &Settings) -> Result<(), Fault> {
        if settings.thresholds.is_empty() && settings.silenced.is_empty() {
            return Ok(());
        }
        let Err(EngineError::Rules(error)) = Engine::new(recommenders, settings.clone()) else { return Ok(()) };
        let name = match &error {
            RuleError::UnknownSetting(name)
            | RuleError::AmbiguousSetting { name, .. }
            | RuleError::SettingKind { name, .. } => name.clone(),
            // A fault of the program, said when the engine is made.
            RuleError::Unreadable { .. } => return Ok(()),
        };
        let engine = Engine::new(recommenders, Settings::default());
        let rules = engine.iter().flat_map(Engine::rules).flat_map(|(recommender, rules)| {
            rules.iter().map(move |rule| (format!("{}.{}", recommender.meta().id, rule.id), rule))
        });
        if let Some(threshold) = file.thresholds.keys().find(|key| *key.get_ref() == name) {
            // With the comparator where the rule compares the signal twice, as the engine wants it.
            let signals = rules.flat_map(|(rule, data)| {
                let clauses = || data.clauses.iter().chain(&data.weaker);
                clauses().map(move |clause| {
                    let name = format!("{rule}.{}", clause.signal);
                    let several = clauses().filter(|other| other.signal == clause.signal).count() > 1;
                    if several { format!("{name} {}", clause.comparator.as_str()) } else { name }
                })
            });
            let known: Vec<String> = signals.collect();
            let message = match &error {
                RuleError::UnknownSetting(_) => with_help(
                    format!(
                        "thresholds: found {name:?}, expected recommender.rule.signal; `lode explain` lists every rule \
                         and clause"
                    ),
                    nearest(&name, known.iter().map(String::as_str)),
                ),
                error => format!("thresholds: {error}"),
            };
            return Err(self.fault(threshold, message));
        }
        let known: Vec<String> = rules.map(|(rule, _)| rule).collect();
        let Some(suppress) = file.suppress.iter().find(|suppress| *suppress.id.get_ref() == name) else {
            return Ok(());
        };
        let (rule, place) = name.split_once('/').map_or((name.as_str(), ""), |(rule, place)| (rule, place));
        let meant = nearest(rule, known.iter().map(String::as_str));
        let meant = meant.map(|rule| if place.is_empty() { rule.to_owned() } else { format!("{rule}/{place}") });
        let message = format!(
            "suppress.id: found {name:?}, expected a rule (recommender.rule) or the id of a recommendation; \
             `lode explain` lists every rule"
        );
        Err(self.fault(&suppress.id, with_help(message, meant.as_deref())))
    }
}

/// With the word that was probably meant.
fn with_help(message: String, meant: Option<&str>) -> String {
    match meant {
        Some(meant) => format!("{message}; did you mean {meant}?"),
        None => message,
    }
}

/// Whether an entry of `regional` is an account, a region or the beginning of one. A region ends with one digit.
fn is_place(entry: &str) -> bool {
    let account = entry.len() == 12 && entry.bytes().all(|byte| byte.is_ascii_digit());
    let words = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let begins = |text: &str| {
        let letters = text.bytes().take_while(u8::is_ascii_lowercase).count();
        letters == 2 && text.as_bytes().get(2) == Some(&b'-')
    };
    let region = entry.rsplit_once('-').is_some_and(|(name, number)| {
        let parts = name.split('-').all(|part| !part.is_empty());
        begins(name) && words(name) && parts && matches!(number.as_bytes(), [digit] if digit.is_ascii_digit())
    });
    account || region || begins(entry) && words(entry)
}

/// Whether the signal of a threshold counts something or is a share: never less than nothing.
fn is_never_negative(name: &str) -> bool {
    const COUNTED: [&str; 10] =
        ["calls", "count", "days", "share", "tokens", "units", "vectors", "dimensions", "written", "mean"];
    let signal = name.split(' ').next().unwrap_or_default();
    let last = signal.rsplit(['.', '_']).next().unwrap_or_default();
    COUNTED.contains(&last)
}

#[cfg(test)]
mod tests;
