//! The command line. Must not know what the commands do.

use crate::{
    drive::Op,
    workload::{Draw, SHORTEST_KEY},
};
use std::{env, path::PathBuf, str::FromStr};

#[derive(Default)]
pub struct Args {
    pub command: String,
    pub words: Vec<String>,
    pub quick: bool,
    pub out: Option<PathBuf>,
    pub only: Option<Op>,
    pub entries: Option<usize>,
    pub key: Option<usize>,
    pub value: Option<usize>,
    pub batch: Option<usize>,
    pub threads: Option<usize>,
    pub rounds: Option<usize>,
    pub dist: Option<Draw>,
    pub peers: Option<String>,
}

impl Args {
    pub fn read() -> Result<Args, String> {
        let mut words = env::args().skip(1);
        let mut args = Args { command: words.next().unwrap_or_default(), ..Args::default() };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} wants a value"));
            match word.as_str() {
                "--quick" => args.quick = true,
                "--out" => args.out = Some(value()?.into()),
                "--only" => args.only = Some(op(&value()?)?),
                "--entries" => args.entries = Some(number(&value()?)?),
                "--key" => args.key = Some(key(&value()?)?),
                "--value" => args.value = Some(number(&value()?)?),
                "--batch" => args.batch = Some(number(&value()?)?),
                "--threads" => args.threads = Some(number(&value()?)?),
                "--rounds" => args.rounds = Some(number(&value()?)?),
                "--dist" => args.dist = Some(dist(&value()?)?),
                "--peers" => args.peers = Some(value()?),
                _ if word.starts_with('-') => return Err(format!("unknown option {word}")),
                _ => args.words.push(word),
            }
        }
        Ok(args)
    }
}

fn op(word: &str) -> Result<Op, String> {
    let known = Op::ALL.iter().find(|(_, name)| *name == word);
    known.map(|(op, _)| *op).ok_or_else(|| format!("--only: one of {}", Op::ALL.map(|(_, name)| name).join(", ")))
}

fn dist(word: &str) -> Result<Draw, String> {
    match word {
        "uniform" => Ok(Draw::Uniform),
        "zipf" => Ok(Draw::Zipf),
        _ => Err("--dist: uniform or zipf".to_owned()),
    }
}

fn key(word: &str) -> Result<usize, String> {
    number(word).and_then(|len| match len >= SHORTEST_KEY {
        true => Ok(len),
        false => Err(format!("--key: at least {SHORTEST_KEY}")),
    })
}

fn number(word: &str) -> Result<usize, String> {
    usize::from_str(&word.replace('_', "")).ok().filter(|&n| n > 0).ok_or_else(|| format!("'{word}' is no count"))
}
