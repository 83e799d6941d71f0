//! The habits that can be planted.

use std::fmt;

use serde::{Serialize, Serializer};

/// One planted habit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum HabitId {
    /// Labels of a few tokens asked of a middle-tier model.
    SimpleTasks,
    /// Short summaries asked of a middle-tier model.
    ModestTasks,
    /// Fourteen tools offered, three ever called.
    UnusedTools,
    /// The same document twice in one prompt.
    DuplicateBlocks,
    /// Whole conversations sent again on every turn.
    ResentHistory,
    /// JSON sent with line breaks and indentation.
    PrettyJson,
    /// The very same prompt asked again and again.
    ExactRepeats,
    /// Twenty worked examples in a system prompt where five do.
    ManyExamples,
    /// Whole files pasted into a few prompts.
    OutlierContexts,
    /// A long static system prompt, often called, never cached.
    NeverCached,
    /// The same at gaps that only an hour's life bridges.
    NeverCachedHour,
    /// Cache writes that nothing ever reads.
    LosingCache,
    /// Nightly work that nobody waits for, on demand.
    OvernightBatch,
    /// A few calls at the same minute of every hour, which nobody waits for, on demand.
    HourlyJob,
    /// A daily run that nobody waits for, on demand, in an app whose other calls come one by one and are waited for.
    JobInTrickle,
    /// Some hundred calls in one hour of the week, which nobody waits for, on demand.
    WeeklyJob,
    /// A model unit that does almost nothing.
    IdleUnits,
    /// Twenty retrieved passages where five do.
    TooManyChunks,
    /// A guardrail that evaluates a whole conversation on every turn.
    GuardedHistory,
    /// A policy of a guardrail that never finds anything.
    IdlePolicy,
    /// Kinds of personal data looked for by a model that a regular expression tells.
    PiiByModel,
    /// A collection of vectors at its least capacity, hardly searched.
    IdleCollection,
    /// A collection of vectors that nobody uses.
    OrphanedCollection,
    /// Standby replicas of a collection for development.
    StandbyInDev,
    /// A custom model that is stored and never called.
    UnusedCustomModel,
    /// Calls that are paid for though their answer cannot be used.
    FailedCalls,
    /// The same prompt sent again while the first call is under way.
    RetryStorm,
    /// The same tool asked the same, over and over.
    LoopingAgent,
    /// Tasks that go on and on.
    EndlessTasks,
    /// The regional price of a model that is sold globally.
    RegionalProfile,
    /// The Priority tier for a nightly job.
    PriorityNobodyWaits,
    /// Latency-optimised calls of a nightly job.
    LatencyOptimizedJob,
    /// Retrieved passages three times as long as need be.
    OversizedPassages,
}

impl HabitId {
    /// All of them, in the order of the levers.
    pub const ALL: [Self; 33] = [
        Self::SimpleTasks,
        Self::ModestTasks,
        Self::UnusedTools,
        Self::DuplicateBlocks,
        Self::ResentHistory,
        Self::PrettyJson,
        Self::ExactRepeats,
        Self::ManyExamples,
        Self::OutlierContexts,
        Self::NeverCached,
        Self::NeverCachedHour,
        Self::LosingCache,
        Self::OvernightBatch,
        Self::HourlyJob,
        Self::JobInTrickle,
        Self::WeeklyJob,
        Self::IdleUnits,
        Self::TooManyChunks,
        Self::GuardedHistory,
        Self::IdlePolicy,
        Self::PiiByModel,
        Self::IdleCollection,
        Self::OrphanedCollection,
        Self::StandbyInDev,
        Self::UnusedCustomModel,
        Self::FailedCalls,
        Self::RetryStorm,
        Self::LoopingAgent,
        Self::EndlessTasks,
        Self::RegionalProfile,
        Self::PriorityNobodyWaits,
        Self::LatencyOptimizedJob,
        Self::OversizedPassages,
    ];

    /// Its name, such as `never-cached`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::SimpleTasks => "simple-tasks",
            Self::ModestTasks => "modest-tasks",
            Self::UnusedTools => "unused-tools",
            Self::DuplicateBlocks => "duplicate-blocks",
            Self::ResentHistory => "resent-history",
            Self::PrettyJson => "pretty-json",
            Self::ExactRepeats => "exact-repeats",
            Self::ManyExamples => "many-examples",
            Self::OutlierContexts => "outlier-contexts",
            Self::NeverCached => "never-cached",
            Self::NeverCachedHour => "never-cached-hour",
            Self::LosingCache => "losing-cache",
            Self::OvernightBatch => "overnight-batch",
            Self::HourlyJob => "hourly-job",
            Self::JobInTrickle => "job-in-trickle",
            Self::WeeklyJob => "weekly-job",
            Self::IdleUnits => "idle-units",
            Self::TooManyChunks => "too-many-chunks",
            Self::GuardedHistory => "guarded-history",
            Self::IdlePolicy => "idle-policy",
            Self::PiiByModel => "pii-by-model",
            Self::IdleCollection => "idle-collection",
            Self::OrphanedCollection => "orphaned-collection",
            Self::StandbyInDev => "standby-in-dev",
            Self::UnusedCustomModel => "unused-custom-model",
            Self::FailedCalls => "failed-calls",
            Self::RetryStorm => "retry-storm",
            Self::LoopingAgent => "looping-agent",
            Self::EndlessTasks => "endless-tasks",
            Self::RegionalProfile => "regional-profile",
            Self::PriorityNobodyWaits => "priority-nobody-waits",
            Self::LatencyOptimizedJob => "latency-optimized-job",
            Self::OversizedPassages => "oversized-passages",
        }
    }

    /// The lever that takes it away.
    #[must_use]
    pub const fn lever(self) -> &'static str {
        match self {
            Self::SimpleTasks | Self::ModestTasks => "model-rightsizing",
            Self::UnusedTools
            | Self::DuplicateBlocks
            | Self::ResentHistory
            | Self::PrettyJson
            | Self::ExactRepeats
            | Self::ManyExamples
            | Self::OutlierContexts => "input-reduction",
            Self::NeverCached | Self::NeverCachedHour | Self::LosingCache => "prompt-caching",
            Self::OvernightBatch | Self::HourlyJob | Self::JobInTrickle | Self::WeeklyJob => "batch-inference",
            Self::IdleUnits => "provisioned-throughput",
            Self::TooManyChunks | Self::OversizedPassages => "chunk-size",
            Self::GuardedHistory | Self::IdlePolicy | Self::PiiByModel => "guardrails",
            Self::IdleCollection | Self::OrphanedCollection | Self::StandbyInDev => "vector-store",
            Self::UnusedCustomModel => "custom-models",
            Self::FailedCalls | Self::RetryStorm | Self::LoopingAgent | Self::EndlessTasks => "agents",
            Self::RegionalProfile | Self::PriorityNobodyWaits | Self::LatencyOptimizedJob => "routing-tier",
        }
    }

    /// Whether taking it away may change answers, or what is let through, so that this must be tested first.
    #[must_use]
    pub const fn gated(self) -> bool {
        matches!(
            self,
            Self::SimpleTasks
                | Self::ModestTasks
                | Self::ResentHistory
                | Self::ManyExamples
                | Self::OutlierContexts
                | Self::TooManyChunks
                | Self::IdlePolicy
                | Self::EndlessTasks
                | Self::OversizedPassages
        )
    }
}

impl fmt::Display for HabitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for HabitId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// A set of habits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits(u64);

impl Habits {
    /// Every habit.
    #[must_use]
    pub const fn all() -> Self {
        Self((1 << HabitId::ALL.len()) - 1)
    }

    /// No habit: every app does it right.
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// These without one.
    #[must_use]
    pub const fn without(self, id: HabitId) -> Self {
        Self(self.0 & !(1 << id as u8))
    }

    /// These and one more.
    #[must_use]
    pub const fn with(self, id: HabitId) -> Self {
        Self(self.0 | 1 << id as u8)
    }

    /// Whether one is among them.
    #[must_use]
    pub const fn has(self, id: HabitId) -> bool {
        self.0 >> id as u8 & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_what_was_put_in() {
        for id in HabitId::ALL {
            assert!(Habits::all().has(id) && !Habits::none().has(id));
            assert!(!Habits::all().without(id).has(id));
            assert_eq!(Habits::none().with(id).without(id), Habits::none());
            assert_eq!(HabitId::ALL.iter().filter(|other| Habits::none().with(id).has(**other)).count(), 1);
        }
    }
}
