#![doc = include_str!("../README.md")]

mod answer;
mod configuration;
mod cost;
mod cut;
mod measured;
mod place;
mod questions;
mod recommend;
mod recursive;
mod retrieved;
mod sentences;
mod span;
mod study;
mod tokens;

pub use answer::{Answer, Figures, MeanSd, Totals};
pub use configuration::{Configuration, DEFAULT_TOKENS, NotAConfiguration};
pub use cost::{context_cost, embedding_cost};
pub use cut::{Cut, cut};
pub use measured::{LeftOut, Measured, MeasuredPoint};
pub use questions::{Passage, Question, Questions, Rejection, Why};
pub use recommend::{Difference, Recommendation, frontier};
pub use retrieved::{Retrieval, Retrieved, RetrievedResult};
pub use span::Span;
pub use study::{DocumentFindings, Study};
pub use tokens::{Tokens, TooLong};
