//! bytestore beside the stores that a program could use instead: see README.md.

mod abi;
mod args;
mod check;
mod drive;
mod machine;
mod peer;
mod peers;
mod rates;
mod results;
mod workload;

use args::Args;
use drive::Op;
use rates::{Case, Pace};
use results::Results;
use std::{process::ExitCode, time::Duration};
use workload::{Draw, Shape};

fn main() -> ExitCode {
    match Args::read().and_then(|args| run(&args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bytestore-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), String> {
    match args.command.as_str() {
        "rates" => rates(args),
        "peers" => {
            peers::others().iter().for_each(|kind| println!("{} {}", kind.name, kind.version));
            Ok(())
        }
        other => Err(format!("no command '{other}'; README.md lists them")),
    }
}

fn rates(args: &Args) -> Result<(), String> {
    let shape = Shape {
        entries: args.entries.unwrap_or(1_000_000),
        key: args.key.unwrap_or(20),
        value: args.value.unwrap_or(100),
    };
    let cases: Vec<Case> = Op::ALL
        .iter()
        .filter(|(op, _)| args.only.map_or(*op != Op::MgetHitCopy, |only| only == *op))
        .map(|(op, _)| Case {
            op: *op,
            batch: args.batch.unwrap_or(64),
            dist: args.dist.unwrap_or(Draw::Uniform),
            threads: args.threads.unwrap_or(1),
        })
        .collect();
    let mut results = Results::new(args.out.as_deref()).map_err(|error| error.to_string())?;
    let others = args.peers.as_deref().map_or_else(|| Ok(peers::others()), peers::named)?;
    let ours = peers::ours();
    check::contract(&ours);
    others.iter().for_each(check::contract);
    let pace = Pace { rounds: args.rounds.unwrap_or(7), slice: Duration::from_millis(50) };
    results::table_head();
    rates::run(shape, &cases, &ours, &others, pace, &mut results);
    Ok(())
}
