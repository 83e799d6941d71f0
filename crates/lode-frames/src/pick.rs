//! Which rows to pick, decided from a few columns of text before anything else is decoded.

use polars::prelude::{Series, StringChunked};

use crate::cells::{cells_of, text_of};

/// Which rows of a file to pick.
pub struct Pick<'a> {
    /// The columns it is decided by. Numbers show as decimal text, moments as microseconds since 1970; maps are
    /// refused.
    pub columns: &'a [String],
    /// Whether to pick a row with these texts, in the order of `columns`; `None` is null. Asked once or more for each
    /// distinct combination, in no certain order: it must always say the same of the same texts.
    pub keep: &'a (dyn Fn(&[Option<&str>]) -> bool + Sync),
    /// Also pick each row whose number within the file, from 0, is a multiple of this, whatever it holds; 0 for none.
    pub sample_every: u64,
}

impl std::fmt::Debug for Pick<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Pick");
        shown.field("columns", &self.columns).field("sample_every", &self.sample_every).finish_non_exhaustive()
    }
}

impl Pick<'_> {
    /// The verdict on each row of a stretch of the file that starts at this row.
    pub(crate) fn verdicts(&self, columns: &[StringChunked], first_row: u64, rows: usize) -> Vec<bool> {
        let mut verdicts = match columns.len() {
            0 => vec![(self.keep)(&[]); rows],
            1 => self.judge::<1>(columns, rows),
            2 => self.judge::<2>(columns, rows),
            3 | 4 => self.judge::<4>(columns, rows),
            5..=8 => self.judge::<8>(columns, rows),
            _ => (0..rows).map(|row| self.ask(columns, row)).collect(),
        };
        if let Some(missing) = first_row.checked_rem(self.sample_every) {
            let to_next = if missing == 0 { 0 } else { self.sample_every - missing };
            let mut row = to_next;
            while let Some(verdict) = usize::try_from(row).ok().and_then(|row| verdicts.get_mut(row)) {
                *verdict = true;
                row = row.saturating_add(self.sample_every);
            }
        }
        verdicts
    }

    /// Asks about each combination of at most `W` texts once, as far as the memo goes.
    fn judge<const W: usize>(&self, columns: &[StringChunked], rows: usize) -> Vec<bool> {
        let filled: Vec<Option<Vec<bool>>> = columns.iter().map(filled).collect();
        let mut memo = Memo::<W>::new();
        let mut keys = vec![[NULL; W]; BLOCK.min(rows)];
        let mut verdicts = Vec::with_capacity(rows);
        for start in (0..rows).step_by(BLOCK) {
            let keys = keys.get_mut(..BLOCK.min(rows - start)).unwrap_or_default();
            for (place, (column, filled)) in columns.iter().zip(&filled).enumerate() {
                put_keys(column, filled.as_deref(), start, place, keys);
            }
            for (row, key) in keys.iter().enumerate() {
                verdicts.push(memo.verdict(key, || self.ask(columns, start + row)));
            }
        }
        verdicts
    }

    fn ask(&self, columns: &[StringChunked], row: usize) -> bool {
        let texts: Vec<Option<&str>> = columns.iter().map(|column| column.get(row)).collect();
        (self.keep)(&texts)
    }
}

/// A column as texts in one piece, or the name of its type when it has no cell form.
pub(crate) fn texts_of(series: &Series) -> Result<StringChunked, String> {
    if let Ok(texts) = series.str() {
        return Ok(texts.rechunk().into_owned());
    }
    let cells = cells_of(&series.rechunk())?;
    let mut texts: StringChunked = cells.iter().map(text_of).collect();
    texts.rename(series.name().clone());
    Ok(texts.rechunk().into_owned())
}

/// Rows judged at once: few enough that their keys stay in a core's nearest cache.
const BLOCK: usize = 1_024;
/// Stands for null. No text has it: it would be 4 GiB long.
const NULL: u128 = u128::MAX;

/// Which rows of a column are not null, when there are nulls.
fn filled(column: &StringChunked) -> Option<Vec<bool>> {
    let filled = (column.null_count() > 0).then(|| column.is_not_null())?;
    Some(filled.downcast_iter().flat_map(|filled| filled.values().iter()).collect())
}

/// Writes the texts of some rows as numbers, at a place of each row's key: the same number is the same text, though
/// not the other way round. A column in one piece holds, for each row, either a short text itself or the place where a
/// text is; rows whose text comes from a dictionary share that place.
fn put_keys<const W: usize>(
    column: &StringChunked,
    filled: Option<&[bool]>,
    start: usize,
    place: usize,
    keys: &mut [[u128; W]],
) {
    let views = column.downcast_iter().next().and_then(|array| array.views().get(start..));
    let keys = keys.iter_mut().filter_map(|key| key.get_mut(place)).zip(views.unwrap_or_default());
    match filled.and_then(|filled| filled.get(start..)) {
        None => keys.for_each(|(key, view)| *key = view.as_u128()),
        Some(filled) => {
            keys.zip(filled).for_each(|((key, view), filled)| *key = if *filled { view.as_u128() } else { NULL });
        }
    }
}

/// Slots of a memo: more than the combinations a stretch of a bill holds in earnest, few enough to stay in a core's
/// cache.
const SLOTS: usize = 1 << 14;
/// Neighbouring slots that a combination may take, so that two common ones do not drive each other out.
const WAYS: usize = 4;

/// Verdicts already given. It forgets: when all slots of a combination are taken, one of them is taken over.
struct Memo<const W: usize> {
    slots: Vec<([u128; W], Option<bool>)>,
    taken_over: usize,
}

impl<const W: usize> Memo<W> {
    fn new() -> Self {
        Self { slots: vec![([0; W], None); SLOTS + WAYS], taken_over: 0 }
    }

    #[inline]
    fn verdict(&mut self, key: &[u128; W], ask: impl FnOnce() -> bool) -> bool {
        let first = slot_of(key, SLOTS);
        let slots = self.slots.get_mut(first..first + WAYS).unwrap_or_default();
        let mut free = None;
        for (way, (known, verdict)) in slots.iter().enumerate() {
            match verdict {
                Some(verdict) if known == key => return *verdict,
                Some(_) => {}
                None => {
                    free = Some(way);
                    break;
                }
            }
        }
        let verdict = ask();
        self.taken_over = self.taken_over.wrapping_add(1);
        if let Some(slot) = slots.get_mut(free.unwrap_or(self.taken_over % WAYS)) {
            *slot = (*key, Some(verdict));
        }
        verdict
    }
}

/// Spreads keys over so many slots, a power of two (multiplication by an odd number; the upper bits are the mixed ones).
#[inline]
pub(crate) fn slot_of<const W: usize>(key: &[u128; W], slots: usize) -> usize {
    let mut mixed = 0_u64;
    for part in key {
        let (low, high) = halves(*part);
        mixed = (mixed.rotate_left(29) ^ low ^ high.rotate_left(17)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    usize::try_from(mixed >> (u64::BITS - slots.trailing_zeros())).unwrap_or(0)
}

#[inline]
fn halves(number: u128) -> (u64, u64) {
    let [a, b, c, d, e, f, g, h, rest @ ..] = number.to_le_bytes();
    (u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::NewChunkedArray;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn texts(values: &[Option<&str>]) -> StringChunked {
        StringChunked::from_iter_options("t".into(), values.iter().copied())
    }

    #[test]
    fn each_combination_is_asked_about_once() {
        let asked = AtomicUsize::new(0);
        let keep = |texts: &[Option<&str>]| {
            asked.fetch_add(1, Ordering::Relaxed);
            texts == [Some("a product with a long name"), None]
        };
        let columns = ["product".to_owned(), "kind".to_owned()];
        let pick = Pick { columns: &columns, keep: &keep, sample_every: 0 };
        let product = texts(&[Some("a product with a long name"), Some("b"), None]);
        let kind = texts(&[None, Some(""), Some("x")]);
        // 3,000 rows which point to the same three texts.
        let (mut products, mut kinds) = (product.clone(), kind.clone());
        for _ in 1..1_000 {
            products.append(&product).expect("texts");
            kinds.append(&kind).expect("texts");
        }
        let verdicts = pick.verdicts(&[products.rechunk().into_owned(), kinds.rechunk().into_owned()], 0, 3_000);
        assert!(verdicts.chunks(3).all(|three| three == [true, false, false]));
        assert!(asked.load(Ordering::Relaxed) < 1_010, "{asked:?}: only texts out of line are asked about again");
    }

    #[test]
    fn null_and_empty_text_are_not_the_same() {
        let columns = ["t".to_owned()];
        let pick = Pick { columns: &columns, keep: &|texts| texts == [None], sample_every: 0 };
        assert_eq!(pick.verdicts(&[texts(&[Some(""), None, Some("")])], 0, 3), [false, true, false]);
    }

    #[test]
    fn samples_go_by_the_row_number_of_the_file() {
        let pick = Pick { columns: &[], keep: &|_| false, sample_every: 3 };
        assert_eq!(pick.verdicts(&[], 0, 5), [true, false, false, true, false]);
        assert_eq!(pick.verdicts(&[], 4, 4), [false, false, true, false]);
        let all = Pick { columns: &[], keep: &|_| true, sample_every: 0 };
        assert_eq!(all.verdicts(&[], 7, 2), [true, true]);
    }
}
