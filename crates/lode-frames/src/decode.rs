//! Bytes of pages to values. Every length and place is checked: a damaged page is an error here, whatever it says, and
//! takes no more memory than its count of values asks for.

use std::collections::BTreeMap;
use std::sync::Arc;

use polars_parquet::parquet::encoding::Encoding;
use polars_parquet::parquet::page::{DataPage, DataPageHeader, DictPage};

/// What is wrong with a page, in words.
pub(crate) type Fault = String;

fn cut_off() -> Fault {
    "a page ends before its values do".to_owned()
}

/// A page's parts: repetition levels, definition levels, values.
pub(crate) fn parts(page: &DataPage, has_lists: bool, has_levels: bool) -> Result<[&[u8]; 3], Fault> {
    let bytes = page.buffer();
    match page.header() {
        DataPageHeader::V1(_) => {
            let (repetition, bytes) = if has_lists { with_length(bytes)? } else { (&[][..], bytes) };
            let (definition, values) = if has_levels { with_length(bytes)? } else { (&[][..], bytes) };
            Ok([repetition, definition, values])
        }
        DataPageHeader::V2(header) => {
            let length = |length: i32| usize::try_from(length).map_err(|_| cut_off());
            let lists = length(header.repetition_levels_byte_length)?;
            let (repetition, bytes) = bytes.split_at_checked(lists).ok_or_else(cut_off)?;
            let levels = length(header.definition_levels_byte_length)?;
            let (definition, values) = bytes.split_at_checked(levels).ok_or_else(cut_off)?;
            Ok([repetition, definition, values])
        }
    }
}

/// Bytes that have their length before them, and what follows.
fn with_length(bytes: &[u8]) -> Result<(&[u8], &[u8]), Fault> {
    let (length, bytes) = bytes.split_first_chunk().ok_or_else(cut_off)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| cut_off())?;
    bytes.split_at_checked(length).ok_or_else(cut_off)
}

/// Appends `count` numbers of `width` bits, in runs or packed.
pub(crate) fn hybrid(mut bytes: &[u8], width: u32, count: usize, into: &mut Vec<u32>) -> Result<(), Fault> {
    if width > 32 {
        return Err(format!("a page has numbers of {width} bits"));
    }
    let bits = usize::try_from(width).unwrap_or(32);
    let end = into.len() + count;
    if bits == 0 {
        into.resize(end, 0);
        return Ok(());
    }
    while into.len() < end {
        let left = end - into.len();
        let header = varint(&mut bytes)?;
        let length = usize::try_from(header >> 1).unwrap_or(usize::MAX);
        if header & 1 == 0 {
            let (number, rest) = bytes.split_at_checked(bits.div_ceil(8)).ok_or_else(cut_off)?;
            bytes = rest;
            let number = number.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
            if length == 0 {
                return Err("a page has an empty run".to_owned());
            }
            into.resize(into.len() + length.min(left), number);
        } else {
            let take = length.saturating_mul(8).min(left);
            let packed = length.saturating_mul(bits).min(bytes.len());
            let (packed, rest) = bytes.split_at(packed);
            bytes = rest;
            if packed.len() * 8 < take * bits || take == 0 {
                return Err(cut_off());
            }
            unpack(packed, bits, take, into);
        }
    }
    Ok(())
}

fn unpack(packed: &[u8], bits: usize, take: usize, into: &mut Vec<u32>) {
    match bits {
        8 => into.extend(packed.iter().take(take).map(|byte| u32::from(*byte))),
        16 => into.extend(packed.as_chunks().0.iter().take(take).map(|bytes| u32::from(u16::from_le_bytes(*bytes)))),
        1 => {
            let end = into.len() + take;
            into.extend(packed.iter().flat_map(|byte| (0..8).map(move |bit| u32::from(byte >> bit & 1))));
            into.truncate(end);
        }
        _ => {
            let mask = u64::MAX >> (64 - bits);
            let (mut held, mut holds, mut bytes) = (0_u64, 0, packed.iter());
            for _ in 0..take {
                while holds < bits {
                    held |= u64::from(*bytes.next().unwrap_or(&0)) << holds;
                    holds += 8;
                }
                into.push(u32::try_from(held & mask).unwrap_or(u32::MAX));
                held >>= bits;
                holds -= bits;
            }
        }
    }
}

fn varint(bytes: &mut &[u8]) -> Result<u64, Fault> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or_else(cut_off)?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err("a page has a length of more than 64 bits".to_owned())
}

/// The size of a column chunk's dictionary once decompressed, when it begins with one. This is the page header's
/// beginning in Thrift's compact form: the page's type (2 is a dictionary), then the size.
pub(crate) fn dictionary_size(mut chunk: &[u8]) -> Option<u64> {
    const I32: u8 = 5;
    const NEXT_FIELD: u8 = 1 << 4;
    chunk = chunk.strip_prefix(&[NEXT_FIELD | I32, 2 << 1, NEXT_FIELD | I32])?;
    let size = varint(&mut chunk).ok()?;
    (size & 1 == 0).then_some(size >> 1)
}

/// Where a page's values are places in the dictionary: those places.
fn places(values: &[u8], count: usize, distinct: usize, into: &mut Vec<u32>) -> Result<(), Fault> {
    if count == 0 {
        return Ok(());
    }
    let (width, values) = values.split_first().ok_or_else(cut_off)?;
    let start = into.len();
    hybrid(values, u32::from(*width), count, into)?;
    let distinct = u32::try_from(distinct).unwrap_or(u32::MAX);
    match into.iter().skip(start).max() {
        Some(place) if *place >= distinct => Err(format!("a page has value {place} of {distinct} in the dictionary")),
        _ => Ok(()),
    }
}

/// Whole numbers of a column chunk, those that are there.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    dictionary: Vec<i64>,
    scratch: Vec<u32>,
    pub(crate) found: Vec<i64>,
}

impl Numbers {
    pub(crate) fn dictionary(&mut self, page: &DictPage) -> Result<(), Fault> {
        self.dictionary = page.buffer.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect();
        if self.dictionary.len() == page.num_values { Ok(()) } else { Err(cut_off()) }
    }

    pub(crate) fn page(&mut self, encoding: Encoding, values: &[u8], count: usize) -> Result<(), Fault> {
        let size = count.checked_mul(8).ok_or_else(cut_off)?;
        match encoding {
            Encoding::Plain => {
                let values = values.get(..size).ok_or_else(cut_off)?;
                self.found.extend(values.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)));
            }
            Encoding::ByteStreamSplit => {
                if values.len() != size {
                    return Err(cut_off());
                }
                let start = self.found.len();
                self.found.resize(start + count, 0);
                for (place, stream) in values.chunks(count.max(1)).enumerate() {
                    if stream.iter().all(|byte| *byte == 0) {
                        continue;
                    }
                    for (number, byte) in self.found.iter_mut().skip(start).zip(stream) {
                        *number |= i64::from(*byte) << (8 * place);
                    }
                }
            }
            Encoding::RleDictionary | Encoding::PlainDictionary => {
                self.scratch.clear();
                places(values, count, self.dictionary.len(), &mut self.scratch)?;
                let number = |place: &u32| self.dictionary.get(usize::try_from(*place).ok()?).copied();
                self.found.extend(self.scratch.iter().filter_map(number));
            }
            other => return Err(format!("a page of numbers is encoded as {other:?}")),
        }
        Ok(())
    }
}

/// Texts of a column chunk, those that are there.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// The place of each text in `texts`.
    known: BTreeMap<Arc<str>, u32>,
    /// The place in `texts` of each text of the dictionary.
    dictionary: Vec<u32>,
    pub(crate) texts: Vec<Arc<str>>,
    pub(crate) found: Vec<u32>,
}

impl Texts {
    pub(crate) fn dictionary(&mut self, page: &DictPage) -> Result<(), Fault> {
        let mut bytes: &[u8] = &page.buffer;
        self.dictionary.clear();
        for _ in 0..page.num_values {
            let place = self.next(&mut bytes)?;
            self.dictionary.push(place);
        }
        Ok(())
    }

    pub(crate) fn page(&mut self, encoding: Encoding, mut values: &[u8], count: usize) -> Result<(), Fault> {
        match encoding {
            Encoding::Plain => {
                for _ in 0..count {
                    let place = self.next(&mut values)?;
                    self.found.push(place);
                }
            }
            Encoding::RleDictionary | Encoding::PlainDictionary => {
                let start = self.found.len();
                places(values, count, self.dictionary.len(), &mut self.found)?;
                for place in self.found.iter_mut().skip(start) {
                    let text = usize::try_from(*place).ok().and_then(|place| self.dictionary.get(place));
                    *place = *text.ok_or_else(cut_off)?;
                }
            }
            other => return Err(format!("a page of texts is encoded as {other:?}")),
        }
        Ok(())
    }

    /// The place of the next plain text.
    fn next(&mut self, bytes: &mut &[u8]) -> Result<u32, Fault> {
        let (text, rest) = with_length(bytes)?;
        *bytes = rest;
        let text = std::str::from_utf8(text).map_err(|fault| format!("a text is no UTF-8: {fault}"))?;
        if let Some(place) = self.known.get(text) {
            return Ok(*place);
        }
        let place = u32::try_from(self.texts.len()).map_err(|_| "too many texts".to_owned())?;
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.known.insert(text, place);
        Ok(place)
    }
}

/// Appends `count` bits.
pub(crate) fn flags(encoding: Encoding, values: &[u8], count: usize, into: &mut Vec<bool>) -> Result<(), Fault> {
    match encoding {
        Encoding::Plain => {
            let values = values.get(..count.div_ceil(8)).ok_or_else(cut_off)?;
            let end = into.len() + count;
            into.extend(values.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1)));
            into.truncate(end);
            Ok(())
        }
        Encoding::Rle => {
            let mut bits = Vec::new();
            hybrid(with_length(values)?.0, 1, count, &mut bits)?;
            into.extend(bits.iter().map(|bit| *bit == 1));
            Ok(())
        }
        other => Err(format!("a page of yes or no is encoded as {other:?}")),
    }
}
