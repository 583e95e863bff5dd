//! Compiles the native peers and says which versions of the Rust peers there are. Must not know what is measured.

use std::{env, fs, process::Command};

fn main() {
    println!("cargo::rerun-if-changed=Cargo.lock");
    println!("cargo::rerun-if-changed=native");
    versions();
    if env::var_os("CARGO_FEATURE_NATIVE").is_some() {
        native();
    }
}

/// `RUSTC_VERSION`, `VERSION_DASHMAP` and so on, for `env!`.
fn versions() {
    let rustc = Command::new(env::var_os("RUSTC").expect("cargo names it")).arg("--version").output();
    let rustc = String::from_utf8(rustc.expect("rustc cannot be run").stdout).expect("a version is text");
    println!("cargo::rustc-env=RUSTC_VERSION={}", rustc.trim().trim_start_matches("rustc "));
    let lock = fs::read_to_string("Cargo.lock").expect("cargo writes Cargo.lock first");
    let lines: Vec<&str> = lock.lines().collect();
    for pair in lines.windows(2) {
        let name = pair[0].strip_prefix("name = \"").and_then(|rest| rest.strip_suffix('"'));
        let version = pair[1].strip_prefix("version = \"").and_then(|rest| rest.strip_suffix('"'));
        if let (Some(name), Some(version)) = (name, version) {
            // Sorted by version: the last of a name is the newest, which is ours.
            println!("cargo::rustc-env=VERSION_{}={version}", name.to_uppercase().replace('-', "_"));
        }
    }
}

/// native/flags.sh has a line for each source file; a library for each keeps their flags apart.
fn native() {
    let output = Command::new("bash").arg("native/flags.sh").output().expect("bash cannot be run");
    assert!(output.status.success(), "native/flags.sh: {}", String::from_utf8_lossy(&output.stderr));
    for line in String::from_utf8(output.stdout).expect("flags are text").lines() {
        let mut words = line.split(' ');
        let file = words.next().unwrap_or_default();
        let (link, compile): (Vec<_>, Vec<_>) =
            words.partition(|flag| flag.starts_with("-l") || flag.starts_with("-L"));
        let mut build = cc::Build::new();
        build.cpp(file.ends_with(".cpp")).file(format!("native/{file}")).flags(compile);
        build.compile(&format!("peer_{}", file.replace('.', "_")));
        for flag in link {
            match flag.split_at(2) {
                ("-L", folder) => println!("cargo::rustc-link-search=native={folder}"),
                (_, library) => println!("cargo::rustc-link-lib={library}"),
            }
        }
    }
}
