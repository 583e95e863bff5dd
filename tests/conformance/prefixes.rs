//! The steps about prefixes that are not scans: counting, deleting, paging.

use bytestore::Store;

use crate::notation::{bytes, list, number};
use crate::scans;
use crate::steps::{Fields, Outcome};

pub fn count(store: &Store, mut fields: Fields, outcome: &Outcome) -> Result<(), String> {
    let prefix = bytes(&fields.take("prefix")?)?;
    let expected = outcome.answer(&mut fields, "expect", number)?;
    fields.end()?;
    outcome.equals(store.count(prefix), expected)
}

pub fn delete_prefix(store: &Store, mut fields: Fields, outcome: &Outcome) -> Result<(), String> {
    let prefix = bytes(&fields.take("prefix")?)?;
    let removed = outcome.answer(&mut fields, "removed", number)?;
    fields.end()?;
    outcome.equals(store.delete_prefix(prefix), removed)
}

pub fn page(store: &Store, position: &mut u64, mut fields: Fields, outcome: &Outcome) -> Result<(), String> {
    let (prefix, take) = (fields.prefix()?, number(&fields.take("take")?)?);
    let expected = outcome.answer(&mut fields, "expect", list)?;
    fields.end()?;
    let page = store.keys_from(prefix, *position, take).map(|(keys, next)| {
        *position = next;
        keys
    });
    scans::compare(outcome, page, expected)
}
