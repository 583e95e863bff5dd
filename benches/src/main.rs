//! bytestore beside the stores that a program could use instead: see README.md. Must not know how anything is measured.

mod abi;
mod alone;
mod args;
mod check;
mod drive;
mod machine;
mod peer;
mod peers;
mod plan;
mod prefixes;
mod probe;
mod rates;
mod results;
mod workload;

use alone::Task;
use args::Args;
use peer::Kind;
use plan::{Group, Plan};
use rates::Pace;
use results::Results;
use std::{path::Path, process::ExitCode, slice};

const RESULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/results/latest.jsonl");

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
    let mut plan = if args.quick { plan::quick() } else { plan::full() };
    plan.pace.rounds = args.rounds.unwrap_or(plan.pace.rounds);
    let everything = args.command == "all";
    let file = args.out.as_deref().or(everything.then_some(Path::new(RESULTS)));
    let mut results = Results::new(file).map_err(|error| error.to_string())?;
    match args.command.as_str() {
        "all" => {
            results.add(machine::describe());
            probe(&mut results);
            rates(&plan.rates, plan.pace, &kinds(args, &plan)?, &mut results);
            isolation(&plan, &mut results);
            growth(args, &plan, &mut results)?;
            memory(args, &plan, &mut results)
        }
        "rates" => {
            rates(&[plan::single(args)], plan.pace, &kinds(args, &plan)?, &mut results);
            Ok(())
        }
        "isolation" => {
            isolation(&plan, &mut results);
            Ok(())
        }
        "costs" => {
            results.add(machine::describe());
            bounds(&plan, &mut results);
            counting(&plan, &mut results);
            prefixes(args, &mut results);
            Ok(())
        }
        "bounds" => {
            bounds(&plan, &mut results);
            Ok(())
        }
        "counting" => {
            counting(&plan, &mut results);
            Ok(())
        }
        "prefixes" => {
            prefixes(args, &mut results);
            Ok(())
        }
        "growth" => growth(args, &plan, &mut results),
        "memory" => memory(args, &plan, &mut results),
        "probe" => {
            probe(&mut results);
            Ok(())
        }
        "peers" => {
            kinds(args, &plan)?.iter().for_each(|kind| println!("{} {}", kind.name, kind.version));
            Ok(())
        }
        alone::COMMAND => alone::main(&args.words, peers::named),
        _ => Err("all, rates, isolation, costs, bounds, counting, prefixes, growth, memory, probe or peers: see benches/README.md".to_owned()),
    }
}

/// The peers that the command line names, or else the plan's.
fn kinds(args: &Args, plan: &Plan) -> Result<Vec<Kind>, String> {
    match &args.peers {
        Some(names) => names.split(',').map(peers::named).collect(),
        None => {
            let wanted = |kind: &Kind| plan.peers.is_empty() || plan.peers.iter().any(|part| kind.name.contains(part));
            Ok(peers::others().into_iter().filter(wanted).collect())
        }
    }
}

fn probe(results: &mut Results) {
    for line in probe::run() {
        results::print_fields(&line);
        results.add(line);
    }
}

fn rates(groups: &[Group], pace: Pace, others: &[Kind], results: &mut Results) {
    let ours = peers::ours();
    check::contract(&ours);
    others.iter().for_each(check::contract);
    for group in groups {
        results::table_head();
        rates::run(group, &ours, others, pace, rates::record, results);
    }
}

/// What batches that are one step cost: beside a build of the library that takes no locks, if there is one.
fn isolation(plan: &Plan, results: &mut Results) {
    let Some(ungated) = peers::ungated() else { return };
    results::table_head();
    rates::run(&plan::isolation(), &peers::ours(), &[ungated], plan.pace, rates::record_isolation, results);
}

/// Where a store's memory lies makes it some per cent faster or slower: what costs so little is measured in so many
/// pairs of stores.
const PAIRS: usize = 3;
/// What costs less than a per cent, in more of them.
const COUNTING_PAIRS: usize = 9;

/// What a bound costs: beside the same store without one.
fn bounds(plan: &Plan, results: &mut Results) {
    let pace = Pace { patience: plan.pace.patience / 3, ..plan.pace };
    results::table_head();
    for (name, url, group) in plan::bounds() {
        for _ in 0..PAIRS {
            let bounded = peers::with_options(name, &url);
            rates::run(&group, &peers::ours(), &[bounded], pace, rates::record_bound, results);
        }
    }
}

/// What counting costs: beside a build of the library that does not, if there is one.
fn counting(plan: &Plan, results: &mut Results) {
    let Some(uncounted) = peers::uncounted() else { return };
    results::table_head();
    for group in plan::counting() {
        for _ in 0..COUNTING_PAIRS {
            let other = slice::from_ref(&uncounted);
            rates::run(&group, &peers::ours(), other, plan.pace, rates::record_counting, results);
        }
    }
}

fn prefixes(args: &Args, results: &mut Results) {
    let sizes = args.entries.map_or(plan::PREFIXED.to_vec(), |entries| vec![entries]);
    for line in sizes.into_iter().flat_map(prefixes::run) {
        results::print_fields(&line);
        results.add(line);
    }
}

fn growth(args: &Args, plan: &Plan, results: &mut Results) -> Result<(), String> {
    let shape = plan::single(args).shape;
    let shape = workload::Shape { entries: args.entries.unwrap_or(plan.growth), ..shape };
    alone(Task::Growth, &[shape], args, plan, results)
}

fn memory(args: &Args, plan: &Plan, results: &mut Results) -> Result<(), String> {
    let given = args.entries.is_some() || args.key.is_some() || args.value.is_some();
    let shapes = if given { vec![plan::single(args).shape] } else { plan.memory.clone() };
    alone(Task::Memory, &shapes, args, plan, results)
}

/// bytestore first, then the others, each in a process of its own.
fn alone(
    task: Task,
    shapes: &[workload::Shape],
    args: &Args,
    plan: &Plan,
    results: &mut Results,
) -> Result<(), String> {
    let others = kinds(args, plan)?;
    for shape in shapes {
        for kind in [&peers::ours()].into_iter().chain(&others) {
            let line = alone::run(task, &kind.name, *shape, args.batch.unwrap_or(64))?;
            results::print_fields(&line);
            results.add(line);
        }
    }
    Ok(())
}
