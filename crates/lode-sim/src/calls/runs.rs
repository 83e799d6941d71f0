//! Which calls of an owner lie in the runs of a job and move with it.

use lode_model::{Request, Run};

use super::Draft;

/// Whether nobody seems to wait for the answer of a call within a conversation, a chain or a page: it was answered in one
/// piece, has no tools, and continues no tool call. What is bound to a schema stays with them: batch does not take it.
pub(crate) fn may_run_alone(request: &Request) -> bool {
    use lode_model::SegmentKind::{Tool, ToolResult};
    let has_tools = request.segments.iter().any(|segment| matches!(segment.kind, Tool | ToolResult));
    let is_bound = request.schema_bound || !request.tools_called.is_empty();
    !request.streaming && !has_tools && !is_bound && request.error.is_none()
}

/// The runs of one selector, while the calls of an owner pass in the order of time.
pub(super) struct InRuns<'a> {
    runs: &'a [Run],
    /// The run that was reached, and how many of its calls have passed.
    at: usize,
    passed: u32,
}

impl<'a> InRuns<'a> {
    pub(super) const fn of(runs: &'a [Run]) -> Self {
        Self { runs, at: 0, passed: 0 }
    }

    /// Whether the next call moves; every call, where there are no runs.
    pub(super) fn moves(&mut self, draft: &Draft<'_>) -> bool {
        if self.runs.is_empty() {
            return true;
        }
        let second = draft.request.time.as_second();
        while self.runs.get(self.at).is_some_and(|run| run.until <= second) {
            (self.at, self.passed) = (self.at + 1, 0);
        }
        match self.runs.get(self.at) {
            Some(run) if run.from <= second && may_run_alone(draft.request) => {
                self.passed += 1;
                run.moves(self.passed - 1)
            }
            _ => false,
        }
    }
}
