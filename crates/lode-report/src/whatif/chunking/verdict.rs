//! What it all comes to, in a sentence or two. A size is recommended where its recall was measured, and nowhere else.

use lode_chunking::{Answer, Recommendation};

use super::{point_name, score, tokens};
use crate::text::{count, percent};

/// Questions under which an interval says little.
pub(super) const FEW: usize = 30;

/// The verdict.
pub(super) fn verdict(answer: &Answer) -> String {
    if answer.document_tokens == 0 {
        return "No document has a token: there is nothing to cut.".to_owned();
    }
    match (&answer.recommendation, &answer.measured) {
        (Some(chosen), _) => recommended(chosen, answer.max_recall_loss),
        (None, Some(_)) => "No size is recommended: no configuration has results that can be compared (see below).".to_owned(),
        (None, None) if answer.questions > 0 => {
            "Compares cost, overlap and how much of the chunks with an answer is answer; recall is not known, and no size is \
             recommended. Give --retrieved with results of your own retrieval."
                .to_owned()
        }
        (None, None) => "Compares cost and overlap only; recall is not known, and no size is recommended.".to_owned(),
    }
}

fn recommended(chosen: &Recommendation, max_loss: f64) -> String {
    let name = point_name(&chosen.configuration, chosen.results);
    let questions = count(u64::try_from(chosen.questions).unwrap_or(u64::MAX), "question", "questions");
    let Some(difference) = chosen.difference else {
        return format!(
            "Take {name}: {} context tokens a query. Its recall, {} over {questions}, is the best seen, and nothing within {} \
             of it is cheaper.",
            tokens(chosen.context_tokens),
            score(chosen.recall),
            points(max_loss),
        );
    };
    let less = 1.0 - chosen.context_tokens / chosen.best_context_tokens.max(1.0);
    let mut text = format!(
        "Take {name}: {} context tokens a query, {} fewer than the {} of {}, which has the best recall. Recall {} in place of \
         {} over {questions}: {} (90 % interval {} to {}).",
        tokens(chosen.context_tokens),
        percent(less),
        tokens(chosen.best_context_tokens),
        point_name(&chosen.best.0, chosen.best.1),
        score(chosen.recall),
        score(chosen.best_recall),
        signed(difference.mean),
        signed(difference.low),
        signed(difference.high),
    );
    if difference.low < -max_loss {
        text.push_str(&format!(" A loss above {} is not excluded: ask more questions.", points(max_loss)));
    }
    text
}

/// `2.0 points`.
pub(super) fn points(share: f64) -> String {
    format!("{:.1} points", share * 100.0)
}

/// `-1.3 points`.
fn signed(share: f64) -> String {
    // What rounds to nothing has no sign.
    let rounded = (share * 1000.0).round() / 10.0 + 0.0;
    format!("{rounded:+.1} points")
}
