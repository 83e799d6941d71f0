//! Records into files, and files into jobs.

use std::ops::Range;

use crate::Limits;

/// A file: which records, by place, and how many bytes they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePart {
    /// Places of its records.
    pub records: Range<usize>,
    /// Their bytes.
    pub bytes: u64,
}

/// Divides records, of which the bytes are given in order, into the files of one or more jobs, none of them empty. Several
/// jobs have about the same number of records, so that the last one is not too small.
#[must_use]
pub fn split(bytes: &[u64], limits: &Limits) -> Vec<Vec<FilePart>> {
    let (records, total): (u64, u64) = (bytes.len() as u64, bytes.iter().sum());
    let jobs = records.div_ceil(limits.records_per_job.max(1)).max(total.div_ceil(limits.bytes_per_job.max(1))).max(1);
    let largest = bytes.iter().copied().max().unwrap_or_default();
    let most = records.div_ceil(jobs);
    let most_bytes = limits.bytes_per_job.min(total.div_ceil(jobs).saturating_add(largest));
    let mut all: Vec<Vec<FilePart>> = Vec::new();
    let mut job = (0, 0);
    for (place, &size) in bytes.iter().enumerate() {
        if all.is_empty() || job.0 == most || job.1 + size > most_bytes {
            all.push(Vec::new());
            job = (0, 0);
        }
        job = (job.0 + 1, job.1 + size);
        let Some(files) = all.last_mut() else { continue };
        match files.last_mut() {
            Some(file)
                if (file.records.len() as u64) < limits.records_per_file
                    && file.bytes + size <= limits.bytes_per_file =>
            {
                file.records.end = place + 1;
                file.bytes += size;
            }
            _ => files.push(FilePart { records: place..place + 1, bytes: size }),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(file: (u64, u64), job: (u64, u64)) -> Limits {
        Limits {
            min_records: 1,
            records_per_file: file.0,
            bytes_per_file: file.1,
            records_per_job: job.0,
            bytes_per_job: job.1,
        }
    }

    /// Sizes of the files of each job.
    fn sizes(bytes: &[u64], limits: Limits) -> Vec<Vec<usize>> {
        let jobs = split(bytes, &limits);
        let flat: Vec<usize> = jobs.iter().flatten().flat_map(|file| file.records.clone()).collect();
        assert_eq!(flat, (0..bytes.len()).collect::<Vec<_>>(), "each record once, in order");
        jobs.iter().map(|files| files.iter().map(|file| file.records.len()).collect()).collect()
    }

    #[test]
    fn jobs_are_of_one_size_and_files_are_full() {
        let ten = [10; 10];
        assert_eq!(sizes(&ten, limits((100, 1000), (100, 1000))), [[10]]);
        assert_eq!(sizes(&ten, limits((4, 1000), (100, 1000))), [[4, 4, 2]]);
        assert_eq!(sizes(&ten, limits((100, 35), (100, 1000))), [[3, 3, 3, 1]]);
        // Not 9 and 1.
        assert_eq!(sizes(&ten, limits((9, 1000), (9, 1000))), [[5], [5]]);
        assert_eq!(sizes(&ten, limits((100, 1000), (100, 60))), [[5], [5]]);
        assert!(sizes(&[], Limits::default()).is_empty());
    }
}
