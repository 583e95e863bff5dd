//! The results: one JSON object a line in a file, and a table for people. Must not know how they were measured.

use crate::{
    rates::Case,
    workload::{Draw, Shape},
};
use serde_json::Value;
use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

pub struct Results(Option<File>);

impl Results {
    /// Results go to the file, if there is to be one.
    pub fn new(path: Option<&Path>) -> io::Result<Results> {
        if let Some(folder) = path.and_then(Path::parent) {
            fs::create_dir_all(folder)?;
        }
        Ok(Results(path.map(File::create).transpose()?))
    }

    pub fn add(&mut self, line: Value) {
        if let Some(file) = &mut self.0 {
            writeln!(file, "{line}").expect("the results file cannot be written");
        }
    }
}

/// Four digits say all that a measurement knows.
pub fn rounded(number: f64) -> f64 {
    if number == 0.0 {
        return 0.0;
    }
    let scale = 10f64.powi(3 - number.abs().log10().floor() as i32);
    (number * scale).round() / scale
}

fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[middle],
        _ => (sorted[middle - 1] + sorted[middle]) / 2.0,
    }
}

pub fn table_head() {
    println!(
        "{:13} {:>9} {:>4} {:>6} {:8} {:>5} {:>3}  {:28} {:>8} {:>8} {:>8}",
        "op", "entries", "key", "value", "dist", "batch", "thr", "peer", "ours", "theirs", "ratio"
    );
}

/// One line: medians in million keys a second, and the median of the rounds' ratios.
pub fn table_line(shape: Shape, case: Case, peer: &str, ours: &[f64], theirs: &[f64]) {
    let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(our, their)| our / their).collect();
    println!(
        "{:13} {:>9} {:>4} {:>6} {:8} {:>5} {:>3}  {:28} {:>8.2} {:>8.2} {:>7.2}x",
        case.op.name(),
        shape.entries,
        shape.key,
        shape.value,
        if case.dist == Draw::Zipf { "zipf" } else { "uniform" },
        case.batch,
        case.threads,
        peer,
        median(ours),
        median(theirs),
        median(&ratios)
    );
}

/// A record for people: its fields with their names.
pub fn print_fields(record: &Value) {
    let fields = record.as_object().into_iter().flatten().map(|(name, value)| match (name.as_str(), value.as_str()) {
        ("kind", Some(kind)) => format!("{kind:7}"),
        ("peer", Some(peer)) => format!("{peer:28}"),
        (name, Some(text)) => format!("{name} {text}"),
        (name, None) => format!("{name} {value}"),
    });
    println!("{}", fields.collect::<Vec<_>>().join("  "));
}
