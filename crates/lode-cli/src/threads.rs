//! Work on all cores.

/// Runs `work` on as many threads as there are cores, but no more than there are jobs; what each came to, in no order
/// that means anything. A panic of one is a panic of all.
pub(crate) fn on_all_cores<T: Send>(jobs: usize, work: impl Fn() -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..cores(jobs)).map(|_| scope.spawn(&work)).collect();
        let mut results = vec![work()];
        for other in others {
            results.push(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        results
    })
}

/// How many threads so many jobs get.
pub(crate) fn cores(jobs: usize) -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(jobs).max(1)
}
