//! Tells the program which versions of its peers it was built with. Must not know what is measured.

use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=Cargo.lock");
    let lock = fs::read_to_string("Cargo.lock").expect("cargo writes Cargo.lock first");
    let lines: Vec<&str> = lock.lines().collect();
    for pair in lines.windows(2) {
        let quoted = |line: &str, field: &str| Some(line.strip_prefix(field)?.trim_matches('"').to_owned());
        if let (Some(name), Some(version)) = (quoted(pair[0], "name = "), quoted(pair[1], "version = ")) {
            // Sorted by version: the last of a name is the newest, which is ours.
            println!("cargo::rustc-env=VERSION_{}={version}", name.to_uppercase().replace('-', "_"));
        }
    }
    let _ = env::var_os("CARGO_FEATURE_NATIVE");
}
