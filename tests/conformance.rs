//! Runs every conformance case (`tests/conformance/*.json`) on the Rust API. Knows how to find and count them.

// A test may abort when memory runs out.
#![allow(clippy::disallowed_methods)]

#[path = "conformance/compute.rs"]
mod compute;
#[path = "conformance/notation.rs"]
mod notation;
#[path = "conformance/place.rs"]
mod place;
#[path = "conformance/prefixes.rs"]
mod prefixes;
#[path = "conformance/race.rs"]
mod race;
#[path = "conformance/readable.rs"]
mod readable;
#[path = "conformance/scans.rs"]
mod scans;
#[path = "conformance/snapshots.rs"]
mod snapshots;
#[path = "conformance/steps.rs"]
mod steps;

use std::fs;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;
use steps::Case;

fn main() -> ExitCode {
    let (mut passed, mut failed) = (0, 0);
    for path in files() {
        for case in cases(&path) {
            match catch_unwind(AssertUnwindSafe(|| run(&case))).unwrap_or_else(|_| Err("panics".to_string())) {
                Ok(()) => passed += 1,
                Err(why) => {
                    failed += 1;
                    println!("FAILED {}: {why}", case["name"]);
                }
            }
        }
    }
    println!("conformance: {passed} passed, {failed} failed");
    if passed > 0 && failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn files() -> Vec<PathBuf> {
    let entries = fs::read_dir(place::folder_of_cases()).expect("a folder of cases");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a readable directory").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

/// A file that cannot be read stops the run: nobody can count its cases.
fn cases(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("a readable file");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let fields = document.as_object().expect("an object");
    assert!(fields.len() == 1, "{}: a file has cases, nothing else", path.display());
    fields["cases"].as_array().expect("a list of cases").clone()
}

fn run(case: &Value) -> Result<(), String> {
    let fields = case.as_object().ok_or("a case is an object")?;
    if !fields.keys().eq(["name", "steps"]) {
        return Err("a case has a name and steps".to_string());
    }
    let mut running = Case::new()?;
    for (number, step) in (1..).zip(fields["steps"].as_array().ok_or("steps are a list")?) {
        running.run(step).map_err(|why| format!("step {number}, {}: {why}", step["do"]))?;
    }
    Ok(())
}
