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

/// Divides records, of which the bytes are given in order, into the files of one or more jobs, none of them empty. Jobs
/// differ by one record at the most, so that none is too small where all together are enough. There are as many as the
/// numbers of records and of bytes ask for, and more only where an even division has a job of too many bytes.
#[must_use]
pub fn split(bytes: &[u64], limits: &Limits) -> Vec<Vec<FilePart>> {
    let (records, total): (u64, u64) = (bytes.len() as u64, bytes.iter().sum());
    let least = records.div_ceil(limits.records_per_job.max(1)).max(total.div_ceil(limits.bytes_per_job.max(1))).max(1);
    let mut jobs = usize::try_from(least).unwrap_or(usize::MAX).min(bytes.len());
    // A record that is larger than a job may be is in one all the same.
    let most = limits.bytes_per_job.max(bytes.iter().copied().max().unwrap_or_default());
    while jobs < bytes.len() && even(bytes, jobs).any(|(_, job)| job.iter().sum::<u64>() > most) {
        jobs += 1;
    }
    even(bytes, jobs).map(|(first, job)| files(first, job, limits)).collect()
}

/// So many parts of about the same number of records, each with the place of its first.
fn even(bytes: &[u64], parts: usize) -> impl Iterator<Item = (usize, &[u64])> {
    let first = move |part: usize| bytes.len() * part / parts;
    (0..parts).filter_map(move |part| Some((first(part), bytes.get(first(part)..first(part + 1))?)))
}

/// The files of a job, each as full as it may be.
fn files(first: usize, job: &[u64], limits: &Limits) -> Vec<FilePart> {
    let mut files: Vec<FilePart> = Vec::new();
    for (place, &size) in (first..).zip(job) {
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
    files
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    #[test]
    fn no_job_is_left_with_too_few() {
        let of = |records: usize, per_job: u64, per_bytes: u64| -> Vec<usize> {
            let bytes: Vec<u64> = (0..records as u64).map(|place| 90 + place % 21).collect();
            sizes(&bytes, limits((10_000, u64::MAX), (per_job, per_bytes))).iter().flatten().copied().collect()
        };
        assert_eq!(of(4_200, 2_100, u64::MAX), [2_100, 2_100]);
        assert_eq!(of(4_201, 2_100, u64::MAX), [1_400, 1_400, 1_401]);
        // 1,030 records of 100 bytes on average, in jobs of 50,000 bytes.
        assert_eq!(of(1_030, 2_100, 50_000), [343, 343, 344]);
    }

    #[test]
    fn bytes_may_take_more_jobs_than_their_sum() {
        // 120 bytes would be two jobs, and the second half alone has 90.
        let uneven = [10, 10, 10, 30, 30, 30];
        assert_eq!(sizes(&uneven, limits((10, 1_000), (10, 60))), [[2], [2], [2]]);
        // One that no job may hold is in one all the same, and the checker says so.
        assert_eq!(sizes(&[5, 500, 5], limits((10, 1_000), (10, 60))), [[1], [1], [1]]);
    }

    proptest! {
        #[test]
        fn every_division_holds_its_limits(
            bytes in prop::collection::vec(1_u64..200, 0..400),
            (min_records, records_per_job, bytes_per_job) in (1_u64..60, 1_u64..300, 200_u64..20_000),
            (records_per_file, bytes_per_file) in (1_u64..300, 200_u64..20_000),
        ) {
            let limits = Limits { min_records, records_per_file, bytes_per_file, records_per_job, bytes_per_job };
            let jobs = split(&bytes, &limits);
            let places: Vec<usize> = jobs.iter().flatten().flat_map(|file| file.records.clone()).collect();
            prop_assert_eq!(places, (0..bytes.len()).collect::<Vec<_>>());
            for file in jobs.iter().flatten() {
                prop_assert_eq!(file.bytes, bytes[file.records.clone()].iter().sum::<u64>());
                prop_assert!(file.records.len() as u64 <= records_per_file && file.bytes <= bytes_per_file);
            }
            let records: Vec<u64> =
                jobs.iter().map(|files| files.iter().map(|file| file.records.len() as u64).sum()).collect();
            let (least, most) = (records.iter().min().copied(), records.iter().max().copied());
            if let (Some(least), Some(most)) = (least, most) {
                prop_assert!(most <= records_per_job && most - least <= 1, "{records:?}");
                prop_assert!(least >= min_records || (bytes.len() as u64) < jobs.len() as u64 * min_records);
            }
            prop_assert!(jobs.iter().all(|files| files.iter().map(|file| file.bytes).sum::<u64>() <= bytes_per_job));
        }
    }
}
