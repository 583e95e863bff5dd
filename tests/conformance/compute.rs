//! The step that computes what is missing.

use std::time::Duration;

use bytestore::{ComputeError, Store};
use serde_json::Value;

use crate::notation::{list, number, Bytes};
use crate::steps::{Fields, Outcome};

/// What a computation that must fail fails with.
const FAILURE: &str = "as the case says";

pub fn compute(store: &Store, mut fields: Fields, outcome: &Outcome) -> Result<(), String> {
    let (keys, missing) = (list(&fields.take("keys")?)?, list(&fields.take("missing")?)?);
    let values = fields.optional("values").map_or(Ok(Vec::new()), |form| list(&form))?;
    let ttl = fields.optional("ttl");
    let fails = fields.optional("fails").is_some();
    let expected = if fails { None } else { outcome.answer(&mut fields, "expect", list)? };
    fields.end()?;
    let mut asked = None;
    let computation = |keys: &[&[u8]]| {
        asked = Some(keys.iter().map(|key| key.to_vec()).collect::<Vec<Bytes>>());
        if fails {
            Err(FAILURE)
        } else {
            Ok(values.clone())
        }
    };
    let answer = match ttl {
        None => store.mget_or_compute(&keys, computation),
        Some(Value::Null) => store.mget_or_compute_with_ttl(&keys, None, computation),
        Some(ttl) => {
            let ttl = Duration::from_millis(number(&ttl)? as u64);
            store.mget_or_compute_with_ttl(&keys, Some(ttl), computation)
        }
    };
    let closed = outcome.0.as_deref() == Some("closed_handle");
    if !closed && asked.unwrap_or_default() != missing {
        return Err("the computation was asked for other keys".to_string());
    }
    match answer {
        Err(ComputeError::Computation(error)) if fails && error.to_string() == FAILURE => Ok(()),
        Err(ComputeError::Store(error)) => outcome.equals(Err(error), expected),
        Err(error) => Err(format!("the computation failed: {error}")),
        Ok(_) if fails => Err("succeeds, must fail as its computation does".to_string()),
        Ok(answer) => outcome.equals(Ok(answer), expected),
    }
}
