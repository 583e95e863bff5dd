//! Growth and memory: each store is filled in a process of its own, so that none inherits what another left behind.

use crate::{
    check,
    drive::{empty, fill},
    machine,
    peer::Kind,
    results::rounded,
    workload::{each_chunk, shuffled, Shape, Values},
};
use serde_json::{json, Value};
use std::{
    env,
    process::{Command, Stdio},
    time::Instant,
};

/// The word that makes this program such a process.
pub const COMMAND: &str = "alone";

#[derive(Clone, Copy)]
pub enum Task {
    Growth,
    Memory,
}

/// How often growth is measured: what else ran on the machine is no stall of the store's, so the lower figure counts.
const GROWTH_RUNS: usize = 2;

/// Has a process of its own do the task; what it found.
pub fn run(task: Task, peer: &str, shape: Shape, batch: usize) -> Result<Value, String> {
    let mut found = once(task, peer, shape, batch)?;
    if let Task::Growth = task {
        for _ in 1..GROWTH_RUNS {
            let again = once(task, peer, shape, batch)?;
            for name in PERCENTILES.map(|(name, _)| name) {
                if again[name].as_f64() < found[name].as_f64() {
                    found[name] = again[name].clone();
                }
            }
        }
    }
    Ok(found)
}

fn once(task: Task, peer: &str, shape: Shape, batch: usize) -> Result<Value, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let numbers = [shape.entries, shape.key, shape.value, batch].map(|number| number.to_string());
    let task = match task {
        Task::Growth => "growth",
        Task::Memory => "memory",
    };
    let mut command = Command::new(program);
    command.args([COMMAND, task, peer]).args(numbers).stderr(Stdio::inherit());
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("{task} of {peer}: {}", output.status));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("{task} of {peer}: {error}"))
}

/// Such a process: prints one line.
pub fn main(words: &[String], named: impl Fn(&str) -> Result<Kind, String>) -> Result<(), String> {
    let [task, peer, numbers @ ..] = words else { return Err("too few words".to_owned()) };
    let numbers: Vec<usize> = numbers.iter().filter_map(|word| word.parse().ok()).collect();
    let [entries, key, value, batch] = numbers[..] else { return Err("four numbers are wanted".to_owned()) };
    let (kind, shape) = (named(peer)?, Shape { entries, key, value });
    let line = if task == "growth" { growth(&kind, shape, batch) } else { memory(&kind, shape, batch) };
    println!("{line}");
    Ok(())
}

const PERCENTILES: [(&str, f64); 4] = [("p50", 0.5), ("p99", 0.99), ("p999", 0.999), ("max", 1.0)];

/// How long batches take while the store grows from nothing.
fn growth(kind: &Kind, shape: Shape, batch: usize) -> Value {
    let values = Values::new(shape.value);
    let mut times: Vec<u64> = Vec::with_capacity(shape.entries.div_ceil(batch) + shape.entries / batch);
    let peer = (kind.open)();
    let pinned = machine::pin(0);
    each_chunk(0..shape.entries, shape, &values, |_, pairs| {
        for (keys, values) in pairs.batches(batch) {
            let start = Instant::now();
            peer.mset(keys, values);
            times.push(start.elapsed().as_nanos() as u64);
        }
    });
    drop(pinned);
    check::answers(&kind.name, &*peer, shape, &values, (0..shape.entries).step_by(1009));
    times.sort_unstable();
    let mut line = json!({ "kind": "growth", "peer": kind.name, "entries": shape.entries, "batch": batch });
    for (name, share) in PERCENTILES {
        let at = ((times.len() - 1) as f64 * share) as usize;
        line[name] = rounded(times[at] as f64 / 1000.0).into();
    }
    line
}

/// How much memory the full store takes, and how much of it when nine tenths are deleted.
fn memory(kind: &Kind, shape: Shape, batch: usize) -> Value {
    let values = Values::new(shape.value);
    let order = shuffled(shape.entries);
    let gone = &order[..shape.entries / 10 * 9];
    // What the benchmark itself needs is there before the first look.
    each_chunk(0..shape.entries.min(1 << 15), shape, &values, |_, _| ());
    machine::trim();
    let before = machine::resident();
    let beyond = || machine::resident().saturating_sub(before);

    let peer = (kind.open)();
    fill(&*peer, shape, &values, batch);
    let full = beyond();
    empty(&*peer, shape, &values, batch, gone);
    let left = beyond();
    let payload = shape.entries * (shape.key + shape.value);
    json!({
        "kind": "memory", "peer": kind.name, "entries": shape.entries, "key": shape.key, "value": shape.value,
        "resident": full,
        "per_entry": rounded((full as f64 - payload as f64) / shape.entries as f64),
        "after_delete": rounded(left as f64 / full as f64),
    })
}
