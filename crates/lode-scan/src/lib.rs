//! JSON of a log record without a copy of it: one pass writes down where every value begins and ends (the *tape*), and
//! [`Value`]s look it up. Texts are unescaped when somebody asks for them, and not before.
//!
//! It accepts all that `serde_json` accepts and reads the same out of it, and a differential test holds it to that. It
//! also accepts what is wrong inside of a string only: an escape that is none, a lone surrogate, a control character. The
//! counts of a log record are none the worse for them; such an escape is read as U+FFFD. Nesting is bounded by
//! [`DEEPEST`] without recursion. Of a key that stands twice in an object the last one counts, as everywhere.
//!
//! [`Marks`] and [`WordStarts`] find bytes and words in any text the same way.
//!
//! It knows no logs, no files and no user. No `unsafe`: the speed comes from looking at sixteen bytes at once, which every x86-64
//! processor can, and at the bits of sixty-four.

mod blocks;
mod lanes;
mod marks;
mod parse;
mod text;
mod value;
mod words;

pub use marks::Marks;
pub use parse::{DEEPEST, Fault, FaultKind, MOST, Tape};
pub use text::Text;
pub use value::{Entries, Items, Kind, Value};
pub use words::WordStarts;
