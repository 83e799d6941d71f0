//! The floor under every reader of CSV.gz: inflating alone.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, anyhow};
use flate2::read::MultiGzDecoder;

const THREADS: usize = 2;
const BUFFER: usize = 1 << 20;

/// Inflates every file, file by file on two threads, and says how many bytes came out.
pub(super) fn inflate(files: &[PathBuf]) -> anyhow::Result<u64> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut bytes = 0;
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            bytes += bytes_of(file).with_context(|| file.display().to_string())?;
        }
        Ok(bytes)
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("a thread panicked"))?).sum()
    })
}

fn bytes_of(file: &Path) -> std::io::Result<u64> {
    let mut inflated = MultiGzDecoder::new(std::io::BufReader::with_capacity(BUFFER, File::open(file)?));
    let mut buffer = vec![0; BUFFER];
    let mut bytes = 0;
    loop {
        match inflated.read(&mut buffer)? {
            0 => return Ok(bytes),
            some => bytes += some as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    #[test]
    fn every_byte_of_every_file_is_counted() {
        let folder = tempfile::tempdir().expect("a folder");
        let files: Vec<PathBuf> = [3, 70_000, 2_000_000]
            .into_iter()
            .map(|bytes| {
                let path = folder.path().join(format!("{bytes}.gz"));
                let mut encoder = GzEncoder::new(File::create(&path).expect("a file"), Compression::fast());
                encoder.write_all(&vec![b'x'; bytes]).expect("written");
                encoder.finish().expect("written");
                path
            })
            .collect();
        assert_eq!(inflate(&files).expect("inflated"), 2_070_003);
        assert!(inflate(&[folder.path().join("none.gz")]).is_err());
    }
}
