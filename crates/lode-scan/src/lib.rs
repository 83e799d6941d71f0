//! JSON of a log record without a copy of it: one pass writes down where every value begins and ends (the *tape*), and
//! [`Value`]s look it up. Texts are unescaped when somebody asks for them, and not before.
//!
//! It accepts what `serde_json` accepts, and a differential test holds it to that, with two differences that are wanted
//! for logs: a lone surrogate in an escape is a fault of one text and not of the record (it is read as U+FFFD), and
//! nesting is bounded by [`DEEPEST`] without recursion. Of a key that stands twice in an object the last one counts, as
//! everywhere.
//!
//! It knows no logs, no files and no user. No `unsafe`: the speed comes from `memchr`.

mod parse;
mod text;
mod value;

pub use parse::{DEEPEST, Fault, FaultKind, MOST, Tape};
pub use text::Text;
pub use value::{Entries, Items, Kind, Value};
