//! How the cases write bytes and lists. Knows no step and no store.

use serde_json::Value;

pub type Bytes = Vec<u8>;

/// `"a%00"`, or `{"repeat": BYTES, "times": N}`.
pub fn bytes(form: &Value) -> Result<Bytes, String> {
    if let Value::String(text) = form {
        return percent_decoded(text);
    }
    only_fields(form, &["repeat", "times"])?;
    Ok(bytes(&form["repeat"])?.repeat(number(&form["times"])?))
}

/// A list of bytes, written out or as a pattern.
pub fn list(form: &Value) -> Result<Vec<Bytes>, String> {
    if let Value::Array(items) = form {
        return items.iter().map(bytes).collect();
    }
    only_fields(form, &["count", "pattern", "start", "step"])?;
    let or = |field: &str, default| form.get(field).map_or(Ok(default), number);
    let (start, step) = (or("start", 0)?, or("step", 1)?);
    let pattern = form["pattern"].as_str().ok_or("a pattern is a string")?;
    (0..number(&form["count"])?)
        .map(|i| percent_decoded(&pattern.replace("{i}", &format!("{:06}", start + i * step))))
        .collect()
}

/// A list of answers: like [`list`], with `null` for what is missing.
pub fn answers(form: &Value) -> Result<Vec<Option<Bytes>>, String> {
    match form {
        Value::Array(items) => {
            items.iter().map(|item| if item.is_null() { Ok(None) } else { bytes(item).map(Some) }).collect()
        }
        _ => Ok(list(form)?.into_iter().map(Some).collect()),
    }
}

/// A list of pairs: `[[KEY, VALUE], …]`, or keys with values or with one value for all.
pub fn pairs(form: &Value) -> Result<Vec<(Bytes, Bytes)>, String> {
    if let Value::Array(items) = form {
        return items
            .iter()
            .map(|item| match item.as_array().map(Vec::as_slice) {
                Some([key, value]) => Ok((bytes(key)?, bytes(value)?)),
                _ => Err(format!("not a pair: {item}")),
            })
            .collect();
    }
    only_fields(form, &["keys", "values", "value"])?;
    let keys = list(&form["keys"])?;
    let values = match (form.get("values"), form.get("value")) {
        (Some(values), None) => list(values)?,
        (None, Some(value)) => vec![bytes(value)?; keys.len()],
        _ => return Err(format!("either values or a value: {form}")),
    };
    if keys.len() != values.len() {
        return Err(format!("{} keys, {} values", keys.len(), values.len()));
    }
    Ok(keys.into_iter().zip(values).collect())
}

pub fn number(form: &Value) -> Result<usize, String> {
    form.as_u64().and_then(|n| usize::try_from(n).ok()).ok_or_else(|| format!("not a number of things: {form}"))
}

fn only_fields(form: &Value, known: &[&str]) -> Result<(), String> {
    let fields = form.as_object().ok_or_else(|| format!("not in the notation: {form}"))?;
    match fields.keys().find(|field| !known.contains(&field.as_str())) {
        Some(unknown) => Err(format!("unknown field {unknown}")),
        None => Ok(()),
    }
}

fn percent_decoded(text: &str) -> Result<Bytes, String> {
    let mut pieces = text.split('%');
    let mut decoded = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let digits = piece.get(..2).ok_or_else(|| format!("% without two digits: {text}"))?;
        decoded.push(u8::from_str_radix(digits, 16).map_err(|error| format!("%{digits}: {error}"))?);
        decoded.extend_from_slice(&piece.as_bytes()[2..]);
    }
    Ok(decoded)
}
