//! `bytestore-mutants LIST SOURCE COPY [LEFT_OUT]`: writes the files that cargo-mutants' LIST (`--list --json`) names anew,
//! from the tree SOURCE into its copy COPY. In the copy each change stands beside what it changes, and `switch::made(N)`
//! chooses: one build then tries all (mutant schemata: Untch, Offutt and Harrold, ISSTA 1993). Numbers in LEFT_OUT, one
//! on a line, are left out; so is what is computed when it is compiled, where nothing can be chosen: these are printed.
//! Knows no test.

mod place;
mod weave;

use std::collections::{BTreeMap, BTreeSet};
use std::{env, error::Error, fs, path::Path};

/// One change of cargo-mutants' list. Its number is its place there.
#[derive(serde::Deserialize)]
struct Change {
    file: String,
    genre: Genre,
    replacement: String,
    span: Span,
}

#[derive(serde::Deserialize)]
enum Genre {
    FnValue,
    BinaryOperator,
    UnaryOperator,
    MatchArm,
    MatchArmGuard,
    StructField,
}

#[derive(serde::Deserialize)]
struct Span {
    start: Position,
    end: Position,
}

/// Both from 1, the column in characters.
#[derive(serde::Deserialize)]
struct Position {
    line: usize,
    column: usize,
}

/// What every copy has of its own.
const SWITCH: &str = include_str!("switch.rs");

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [list, source, copy, left_out @ ..] = &arguments[..] else {
        return Err("usage: bytestore-mutants LIST SOURCE COPY [LEFT_OUT]".into());
    };
    let changes: Vec<Change> = serde_json::from_str(&fs::read_to_string(list)?)?;
    let mut skipped = BTreeSet::new();
    for file in left_out {
        for line in fs::read_to_string(file)?.lines() {
            skipped.insert(line.parse::<usize>()?);
        }
    }
    let mut files = BTreeMap::from([("src/lib.rs", Vec::new())]);
    for (number, change) in changes.iter().enumerate() {
        let changes = files.entry(&change.file).or_default();
        if !skipped.contains(&number) {
            changes.push((number, change));
        }
    }
    let copy = Path::new(copy);
    for (name, changes) in files {
        let text = fs::read_to_string(Path::new(source).join(name))?;
        let (mut woven, impossible) = weave::weave(&text, &changes).map_err(|error| format!("{name}: {error}"))?;
        if name == "src/lib.rs" {
            woven += "\n#[doc(hidden)]\npub mod switch;\n";
        }
        write(&copy.join(name), &woven)?;
        for number in impossible {
            println!("{number}");
        }
    }
    write(&copy.join("src/switch.rs"), SWITCH)?;
    Ok(())
}

/// Nothing where it says that already: the compiler looks at times.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    if fs::read_to_string(file).is_ok_and(|before| before == text) {
        return Ok(());
    }
    fs::write(file, text)
}
