//! Every app: who it is, what its calls are for, how it speaks and when.

use super::{
    App, MEMBER, MINUTE, OTHER, Operation, PAYER, Part, Task, agents, answers, app, code, documents, guarded, jobs,
    office, round_the_clock, tasks, tiers, units, waiting, writing,
};
use crate::habits::HabitId as H;
use crate::month::{HOUR, Hours};

use Operation::{Converse, ConverseStream, Invoke, InvokeStream};
use Part::{Beside, Has, TwinOf};

const TRIAGE: &[&str] = &["triage-en", "triage-de", "triage-json"];
const CONTRACTS: &[&str] = &["contracts"];
const POLICY: &[&str] = &["policy-en", "policy-de"];
const SHIFT: &[&str] = &["shift"];
const MAIL: &[&str] = &["mail"];
const SUMMARIES: &[&str] = &["summaries-en", "summaries-de"];
const DESK: &[&str] = &["desk"];
const CHAT: &[&str] = &["chat-en", "chat-es"];
const KB: &[&str] = &["kb"];
const NOTES: &[&str] = &["notes-en", "notes-fr"];
const TYPES: &[&str] = &["types"];
const PAGES: &[&str] = &["pages"];
const SQL: &[&str] = &["sql"];
const HELP: &[&str] = &["codehelp"];
const ENGLISH_CHAT: &[&str] = &["chat-en"];
const ENGLISH_SUMMARIES: &[&str] = &["summaries-en"];
const ENGLISH_NOTES: &[&str] = &["notes-en"];
const OPS: &[&str] = &["ops"];
const REPORTS: &[&str] = &["reports"];

/// A few calls every day even in small months, so that some of them are repeats.
const SHOP: Hours = Hours { from: 9 * HOUR, seconds: 216 * MINUTE, weekends: false, least: 20 * MINUTE, gap: (3, 7) };
const SMALL_SHOP: Hours = Hours { seconds: 108 * MINUTE, ..SHOP };

/// Every app. Its position is its stream of chance, so that new ones go to the end, and, where it keeps to slots, modulo
/// [`crate::month::SLOT`] its second in each.
pub(crate) static ALL: [App; 70] = [
    app("ticket-triage", PAYER, Invoke, Has(H::SimpleTasks), office(6 * HOUR, (2, 4)), answers::labels)
        .that(Task::Label, TRIAGE),
    app("ticket-labels", PAYER, Invoke, TwinOf(H::SimpleTasks), office(3 * HOUR, (2, 4)), answers::labels)
        .that(Task::Label, TRIAGE),
    app("agent-desk", MEMBER, Converse, Has(H::UnusedTools), office(9 * HOUR, (10, 18)), agents::desk)
        .that(Task::Agentic, DESK),
    app("agent-desk-lean", MEMBER, Converse, TwinOf(H::UnusedTools), office(270 * MINUTE, (10, 18)), agents::desk)
        .that(Task::Agentic, DESK),
    app(
        "contract-review",
        PAYER,
        ConverseStream,
        Has(H::DuplicateBlocks),
        office(6 * HOUR, (5, 11)),
        documents::contracts,
    )
    .that(Task::Generation, CONTRACTS),
    app(
        "contract-memos",
        PAYER,
        ConverseStream,
        TwinOf(H::DuplicateBlocks),
        office(3 * HOUR, (5, 11)),
        documents::contracts,
    )
    .that(Task::Generation, CONTRACTS),
    app("helpdesk-chat", MEMBER, ConverseStream, Has(H::ResentHistory), office(6 * HOUR, (2, 5)), agents::chat)
        .that(Task::Chat, CHAT),
    app("helpdesk-window", MEMBER, ConverseStream, TwinOf(H::ResentHistory), office(3 * HOUR, (2, 5)), agents::chat)
        .that(Task::Chat, CHAT),
    app("policy-qa", PAYER, ConverseStream, Has(H::NeverCached), office(330 * MINUTE, (1, 6)), answers::policy)
        .that(Task::Retrieval, POLICY),
    app(
        "policy-qa-cached",
        PAYER,
        ConverseStream,
        TwinOf(H::NeverCached),
        office(165 * MINUTE, (1, 6)),
        answers::policy,
    )
    .that(Task::Retrieval, POLICY)
    .through("application-inference-profile/policyqa0001"),
    app(
        "shift-report",
        MEMBER,
        Converse,
        Has(H::NeverCachedHour),
        round_the_clock(24 * HOUR, (14, 75)),
        answers::shift,
    )
    .that(Task::Generation, SHIFT),
    app(
        "shift-report-cached",
        MEMBER,
        Converse,
        TwinOf(H::NeverCachedHour),
        round_the_clock(12 * HOUR, (14, 75)),
        answers::shift,
    )
    .that(Task::Generation, SHIFT),
    app("mail-drafts", PAYER, InvokeStream, Has(H::LosingCache), office(6 * HOUR, (4, 8)), answers::mail)
        .that(Task::Generation, MAIL),
    app("mail-drafts-plain", PAYER, InvokeStream, TwinOf(H::LosingCache), office(3 * HOUR, (4, 8)), answers::mail)
        .that(Task::Generation, MAIL),
    app("nightly-summaries", MEMBER, Invoke, Has(H::OvernightBatch), documents::NIGHT, documents::summaries)
        .that(Task::Summarisation, SUMMARIES),
    app(
        "live-summaries",
        MEMBER,
        ConverseStream,
        TwinOf(H::OvernightBatch),
        office(2 * HOUR, (2, 5)),
        documents::summaries,
    )
    .that(Task::Summarisation, SUMMARIES),
    app("risk-engine", MEMBER, Converse, Has(H::IdleUnits), units::IDLE, units::risk)
        .through("provisioned-model/riskunit0001"),
    app("risk-engine-busy", OTHER, Converse, TwinOf(H::IdleUnits), units::BUSY, units::risk)
        .through("provisioned-model/riskunit0002"),
    app("kb-assistant", PAYER, ConverseStream, Has(H::TooManyChunks), office(4 * HOUR, (3, 7)), documents::passages)
        .that(Task::Retrieval, KB),
    app(
        "kb-assistant-small",
        PAYER,
        ConverseStream,
        TwinOf(H::TooManyChunks),
        office(2 * HOUR, (3, 7)),
        documents::passages,
    )
    .that(Task::Retrieval, KB),
    app("legacy-etl", OTHER, Converse, Beside, office(3 * HOUR, (8, 16)), units::etl),
    app("meeting-notes", PAYER, InvokeStream, Has(H::ModestTasks), office(5 * HOUR, (3, 8)), documents::notes)
        .that(Task::Summarisation, NOTES),
    app("meeting-minutes", PAYER, InvokeStream, TwinOf(H::ModestTasks), office(150 * MINUTE, (3, 8)), documents::notes)
        .that(Task::Summarisation, NOTES),
    app("api-types", MEMBER, ConverseStream, Has(H::PrettyJson), office(4 * HOUR, (4, 9)), code::types)
        .that(Task::Code, TYPES),
    app("api-clients", MEMBER, ConverseStream, TwinOf(H::PrettyJson), office(2 * HOUR, (4, 9)), code::types)
        .that(Task::Code, TYPES),
    app("product-pages", MEMBER, ConverseStream, Has(H::ExactRepeats), SHOP, writing::pages)
        .that(Task::Generation, PAGES),
    app("product-stories", MEMBER, ConverseStream, TwinOf(H::ExactRepeats), SMALL_SHOP, writing::pages)
        .that(Task::Generation, PAGES),
    app("sql-writer", PAYER, ConverseStream, Has(H::ManyExamples), office(5 * HOUR, (3, 8)), code::queries)
        .that(Task::Code, SQL),
    app("sql-helper", PAYER, ConverseStream, TwinOf(H::ManyExamples), office(150 * MINUTE, (3, 8)), code::queries)
        .that(Task::Code, SQL),
    app("code-help", MEMBER, ConverseStream, Has(H::OutlierContexts), office(5 * HOUR, (4, 9)), code::pastes)
        .that(Task::Code, HELP),
    app(
        "code-help-short",
        MEMBER,
        ConverseStream,
        TwinOf(H::OutlierContexts),
        office(150 * MINUTE, (4, 9)),
        code::pastes,
    )
    .that(Task::Code, HELP),
    app("it-faq", PAYER, Converse, Beside, office(3 * HOUR, (6, 16)), answers::faq)
        .that(Task::Question, &["faq-en", "faq-es"]),
    app("quick-facts", PAYER, ConverseStream, Beside, office(3 * HOUR, (6, 16)), answers::facts)
        .that(Task::Question, &["facts"]),
    app("doc-translate", PAYER, ConverseStream, Beside, office(3 * HOUR, (7, 17)), writing::translate)
        .that(Task::Rewriting, &["translate-ja", "translate-de"]),
    app("tone-polish", MEMBER, ConverseStream, Beside, office(3 * HOUR, (7, 17)), writing::polish)
        .that(Task::Rewriting, &["polish-en", "polish-fr"]),
    app("invoice-fields", PAYER, Invoke, Beside, office(3 * HOUR, (6, 16)), answers::invoices)
        .that(Task::Extraction, &["invoice-en", "invoice-de"]),
    app("cv-parser", PAYER, ConverseStream, Beside, office(3 * HOUR, (6, 16)), answers::profiles)
        .that(Task::Extraction, &["cv"]),
    app("code-review", MEMBER, ConverseStream, Beside, office(3 * HOUR, (8, 18)), code::reviews)
        .that(Task::Code, &["review"]),
    app("report-writer", PAYER, ConverseStream, Beside, office(3 * HOUR, (10, 24)), writing::reports)
        .that(Task::Generation, &["reports"]),
    app("ops-agent", MEMBER, Converse, Beside, office(3 * HOUR, (10, 18)), agents::ops).that(Task::Agentic, &["ops"]),
    app("item-dossiers", PAYER, Converse, Has(H::HourlyJob), jobs::TIMED, jobs::hourly)
        .that(Task::Generation, &["dossiers"]),
    app("manual-chapters", MEMBER, Converse, Has(H::JobInTrickle), jobs::TIMED, jobs::in_trickle)
        .that(Task::Generation, &["manuals"]),
    app("course-chapters", OTHER, Converse, Has(H::WeeklyJob), jobs::TIMED, jobs::weekly)
        .that(Task::Generation, &["chapters"]),
    app("code-desk", PAYER, Converse, TwinOf(H::JobInTrickle), jobs::TIMED, waiting::desk)
        .that(Task::Code, &["codehelp"]),
    app("incident-bot", PAYER, Converse, TwinOf(H::HourlyJob), jobs::TIMED, waiting::incidents)
        .that(Task::Generation, &["oncall"]),
    app("night-audit", PAYER, Converse, TwinOf(H::OvernightBatch), jobs::TIMED, jobs::audits)
        .that(Task::Agentic, &["ops"]),
    app("night-reports", MEMBER, Converse, TwinOf(H::WeeklyJob), jobs::TIMED, jobs::too_few)
        .that(Task::Generation, &["reports"]),
    app("story-time", OTHER, ConverseStream, TwinOf(H::OvernightBatch), jobs::TIMED, waiting::evenings)
        .that(Task::Generation, &["stories"]),
    app("claims-chat", PAYER, ConverseStream, Has(H::GuardedHistory), office(2 * HOUR, (2, 5)), guarded::claims)
        .that(Task::Chat, ENGLISH_CHAT),
    app("claims-chat-marked", PAYER, ConverseStream, TwinOf(H::GuardedHistory), office(HOUR, (2, 5)), guarded::claims)
        .that(Task::Chat, ENGLISH_CHAT),
    app("letter-digest", MEMBER, ConverseStream, Has(H::IdlePolicy), office(4 * HOUR, (1, 3)), guarded::digests)
        .that(Task::Summarisation, ENGLISH_SUMMARIES),
    app("report-digest", MEMBER, ConverseStream, TwinOf(H::IdlePolicy), office(HOUR, (1, 3)), guarded::digests)
        .that(Task::Summarisation, ENGLISH_SUMMARIES),
    app("call-notes", OTHER, ConverseStream, Has(H::PiiByModel), office(4 * HOUR, (1, 3)), guarded::recaps)
        .that(Task::Summarisation, ENGLISH_NOTES),
    app("board-notes", OTHER, ConverseStream, TwinOf(H::PiiByModel), office(HOUR, (1, 3)), guarded::recaps)
        .that(Task::Summarisation, ENGLISH_NOTES),
    app("ticket-agent", PAYER, Converse, Has(H::FailedCalls), office(2 * HOUR, (6, 12)), tasks::tickets)
        .that(Task::Agentic, OPS),
    app("ticket-agent-strict", PAYER, Converse, TwinOf(H::FailedCalls), office(45 * MINUTE, (6, 12)), tasks::tickets)
        .that(Task::Agentic, OPS),
    app("brief-writer", MEMBER, ConverseStream, Has(H::RetryStorm), office(100 * MINUTE, (6, 16)), tasks::briefs)
        .that(Task::Generation, REPORTS),
    app(
        "brief-writer-patient",
        MEMBER,
        ConverseStream,
        TwinOf(H::RetryStorm),
        office(45 * MINUTE, (6, 16)),
        tasks::briefs,
    )
    .that(Task::Generation, REPORTS),
    app("rollout-agent", OTHER, Converse, Has(H::LoopingAgent), office(150 * MINUTE, (10, 18)), tasks::polls)
        .that(Task::Agentic, OPS),
    app("deploy-agent", OTHER, Converse, TwinOf(H::LoopingAgent), office(HOUR, (10, 18)), tasks::polls)
        .that(Task::Agentic, OPS),
    app("case-agent", OTHER, Converse, Has(H::EndlessTasks), office(3 * HOUR, (10, 18)), tasks::cases)
        .that(Task::Agentic, OPS),
    app("case-agent-short", OTHER, Converse, TwinOf(H::EndlessTasks), office(45 * MINUTE, (10, 18)), tasks::cases)
        .that(Task::Agentic, OPS),
    app("articles-regional", OTHER, ConverseStream, Has(H::RegionalProfile), office(4 * HOUR, (4, 8)), tiers::articles)
        .that(Task::Generation, REPORTS),
    app(
        "articles-global",
        OTHER,
        ConverseStream,
        TwinOf(H::RegionalProfile),
        office(2 * HOUR, (4, 8)),
        tiers::articles,
    )
    .that(Task::Generation, REPORTS),
    app("night-briefs", OTHER, Converse, Has(H::PriorityNobodyWaits), jobs::TIMED, tiers::night_briefs)
        .that(Task::Generation, REPORTS),
    app(
        "live-briefs",
        OTHER,
        ConverseStream,
        TwinOf(H::PriorityNobodyWaits),
        office(HOUR / 2, (6, 12)),
        tiers::live_briefs,
    )
    .that(Task::Generation, REPORTS),
    app("night-reviews", MEMBER, Converse, Has(H::LatencyOptimizedJob), jobs::TIMED, tiers::night_reviews)
        .that(Task::Code, &["review"]),
    app(
        "live-reviews",
        MEMBER,
        ConverseStream,
        TwinOf(H::LatencyOptimizedJob),
        office(HOUR / 2, (6, 12)),
        tiers::live_reviews,
    )
    .that(Task::Code, &["review"]),
    app(
        "archive-assistant",
        OTHER,
        ConverseStream,
        Has(H::OversizedPassages),
        office(HOUR, (5, 9)),
        documents::long_passages,
    )
    .that(Task::Retrieval, KB),
    app(
        "archive-assistant-small",
        OTHER,
        ConverseStream,
        TwinOf(H::OversizedPassages),
        office(HOUR / 2, (5, 9)),
        documents::long_passages,
    )
    .that(Task::Retrieval, KB),
];
