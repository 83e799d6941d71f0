//! The floor under every reader of gzip files: inflating alone, as a stream or each file at once.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, anyhow, ensure};
use flate2::read::MultiGzDecoder;
use libdeflater::Decompressor;

const THREADS: usize = 2;
const BUFFER: usize = 1 << 20;

/// Inflates every file, or every one below a folder, as a stream; says how many bytes came out.
pub(super) fn stream(files: &[PathBuf]) -> anyhow::Result<u64> {
    inflate(files, || |file: &Path| Ok(bytes_of(file)?))
}

/// The same with libdeflate, each file at once into memory that a thread takes again for the next. One member a file,
/// as AWS writes its logs: of more, or of one over 4 GiB, the trailer tells too little, and it is an error.
pub(super) fn whole(files: &[PathBuf]) -> anyhow::Result<u64> {
    inflate(files, || {
        let mut room = Room { engine: Decompressor::new(), packed: Vec::new(), plain: Vec::new() };
        move |file: &Path| room.bytes_of(file)
    })
}

/// File by file, the largest first, on two threads; each makes its `engine`.
fn inflate<E: FnMut(&Path) -> anyhow::Result<u64>>(
    files: &[PathBuf],
    engine: impl Fn() -> E + Sync,
) -> anyhow::Result<u64> {
    let files = largest_first(files)?;
    let next = AtomicUsize::new(0);
    let work = || {
        let (mut bytes, mut engine) = (0, engine());
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            bytes += engine(file).with_context(|| file.display().to_string())?;
        }
        Ok(bytes)
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("a thread panicked"))?).sum()
    })
}

fn largest_first(files: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in files {
        if path.is_dir() {
            found.extend(super::data::files(path, ".gz")?);
        } else {
            found.push(path.clone());
        }
    }
    let size = |file: &PathBuf| std::fs::metadata(file).map_or(0, |about| about.len());
    found.sort_by_cached_key(|file| std::cmp::Reverse(size(file)));
    Ok(found)
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

/// What a thread takes again for every file.
struct Room {
    engine: Decompressor,
    packed: Vec<u8>,
    plain: Vec<u8>,
}

impl Room {
    fn bytes_of(&mut self, file: &Path) -> anyhow::Result<u64> {
        self.packed.clear();
        File::open(file)?.read_to_end(&mut self.packed)?;
        let size = self.packed.last_chunk().map(|trailer| u32::from_le_bytes(*trailer)).context("shorter than gzip")?;
        let size = usize::try_from(size)?;
        if self.plain.len() < size {
            self.plain.resize(size, 0);
        }
        let bytes = self.engine.gzip_decompress(&self.packed, &mut self.plain)?;
        ensure!(bytes == size, "{bytes} bytes came out, {size} were told: not one member");
        Ok(bytes as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(bytes: usize) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&vec![b'x'; bytes]).expect("written");
        encoder.finish().expect("written")
    }

    #[test]
    fn every_byte_of_every_file_is_counted() {
        let folder = tempfile::tempdir().expect("a folder");
        let files: Vec<PathBuf> = [3, 70_000, 2_000_000]
            .into_iter()
            .map(|bytes| {
                let path = folder.path().join(format!("{bytes}.gz"));
                std::fs::write(&path, gzip(bytes)).expect("written");
                path
            })
            .collect();
        std::fs::write(folder.path().join("note.txt"), "not gzip").expect("written");
        let here = [folder.path().to_path_buf()];
        for count in [stream, whole] {
            assert_eq!(count(&files).expect("inflated"), 2_070_003);
            assert_eq!(count(&here).expect("inflated"), 2_070_003);
            assert!(count(&[folder.path().join("none.gz")]).is_err());
        }
        let expected: Vec<PathBuf> = files.iter().rev().cloned().collect();
        assert_eq!(largest_first(&here).expect("files"), expected);
    }

    #[test]
    fn a_file_of_two_members_is_not_taken_for_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("two.gz");
        std::fs::write(&path, [gzip(3), gzip(5)].concat()).expect("written");
        assert_eq!(stream(std::slice::from_ref(&path)).expect("inflated"), 8);
        assert!(whole(&[path]).is_err());
    }
}
