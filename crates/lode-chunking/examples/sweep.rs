//! The sweep alone, for `cargo xtask bench chunking`: all files below a folder in twenty configurations, on two threads; or, with a size
//! and an overlap in per cent, the recursive strategy with characters for tokens, on one. Prints counts as JSON.
//!
//! ```text
//! sweep DIR
//! sweep DIR SIZE PERCENT
//! ```

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use lode_chunking::{Configuration, Questions, Retrieved, Study, Tokens, cut};
use serde_json::json;

const THREADS: usize = 2;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in Path::new(arguments.first().ok_or("no folder")?).read_dir()? {
        files.push(entry?.path());
    }
    files.sort();
    let found = match arguments.get(1..) {
        Some([size, percent]) => characters(&files, size.parse()?, percent.parse()?)?,
        _ => sweep(&files)?,
    };
    writeln!(std::io::stdout(), "{found}")?;
    Ok(())
}

/// Ten of fixed size, five recursive, three with parents, the default, and whole files.
fn configurations() -> Vec<Configuration> {
    let sizes = [100, 200, 300, 500, 1_000];
    let fixed = sizes
        .iter()
        .flat_map(|size| [0, 20].map(|percent| Configuration::Fixed { max_tokens: *size, overlap_percent: percent }));
    let recursive = sizes.iter().map(|size| Configuration::Recursive { max_tokens: *size, overlap_percent: 10 });
    let parents = [100, 200, 300].map(|child| Configuration::Hierarchical { parent: 1_500, child, overlap: child / 5 });
    fixed.chain(recursive).chain(parents).chain([Configuration::Default, Configuration::None]).collect()
}

fn sweep(files: &[PathBuf]) -> Result<serde_json::Value, String> {
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let study = Study::new(configurations(), [5], &names, Questions::default(), Retrieved::default());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(place) else { return Ok(found) };
            let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
            found.push(study.document(place, &text).map_err(|error| error.to_string())?);
        }
    };
    let results: Vec<Result<Vec<_>, String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("a thread panicked".to_owned())))
            .collect()
    });
    let mut findings = Vec::new();
    for result in results {
        findings.extend(result?);
    }
    let answer = study.finish(findings, 0.0);
    let chunks: u64 = answer.figures.iter().map(|figures| figures.totals.chunks).sum();
    Ok(json!({
        "documents": answer.documents,
        "tokens": answer.document_tokens,
        "configurations": answer.figures.len(),
        "chunks": chunks,
    }))
}

fn characters(files: &[PathBuf], max_tokens: u32, overlap_percent: u32) -> Result<serde_json::Value, String> {
    let recursive = Configuration::Recursive { max_tokens, overlap_percent };
    let (mut chunks, mut length) = (0, 0);
    for file in files {
        let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
        let tokens = Tokens::characters(&text).map_err(|error| error.to_string())?;
        let found = cut(&recursive, &text, &tokens).embedded;
        chunks += found.len();
        length += found.iter().map(|chunk| chunk.len()).sum::<u64>();
    }
    Ok(json!({"documents": files.len(), "chunks": chunks, "characters": length}))
}
