//! A picture with its words and its figures: what it says in a sentence, and the same as a table, for those who would rather
//! read than look, or who cannot see it.

use serde::Serialize;

/// A picture of the page.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Picture {
    /// Its name in the page, kebab-case, unique.
    pub(crate) id: String,
    /// Its heading.
    pub(crate) title: String,
    /// What it says, in a sentence or two.
    pub(crate) says: String,
    /// The drawing, as SVG that needs no escaping any more.
    pub(crate) svg: String,
    /// The same for a narrow screen, where it has to be another drawing.
    pub(crate) narrow: Option<String>,
    /// What each colour stands for: class of the style sheet and words.
    pub(crate) legend: Vec<(&'static str, String)>,
    /// Heads of the table of its figures.
    pub(crate) columns: Vec<String>,
    /// Its rows.
    pub(crate) rows: Vec<Vec<String>>,
}
