//! The Rust of the guide's pages: each function is one page, the tests run them all.

use std::error::Error as AnyError;
use std::time::Duration;

use bytestore::{Error, Options, Store};

fn open() -> Result<(), Error> {
    // --8<-- [start:open]
    let store = Store::new()?; // empty, in this process, without bounds

    let options = Options::default().with_max_bytes(512 << 20).with_ttl(Duration::from_secs(3600));
    let cache = Store::with_options(&options)?;

    // As every language says it.
    let same = Store::open("memory:?max_bytes=512MiB&ttl=1h")?;

    // One store for all who open this name in the process.
    let ours = Store::open("memory:answers")?;
    let theirs = Store::open("memory:answers")?;
    ours.mset(&[("question", "42")])?;
    if let [Some(value)] = &theirs.mget(&["question"])?[..] {
        println!("by name: {}", String::from_utf8_lossy(value));
    }

    for opened in [store, cache, same, ours, theirs] {
        opened.close()?; // dropping it does it, too
    }
    // --8<-- [end:open]
    Ok(())
}

fn batches() -> Result<(), Error> {
    // --8<-- [start:batches]
    let store = Store::new()?;
    store.mset(&[("user/1", "Ada"), ("user/2", "Grace"), ("draft", "")])?;

    let keys = ["user/1", "draft", "user/9"];
    for (key, value) in keys.iter().zip(store.mget(&keys)?) {
        match value {
            Some(bytes) => println!("{key}: {} bytes", bytes.len()),
            None => println!("{key}: missing"),
        }
    }

    for key in store.keys("user/")? {
        println!("{}", String::from_utf8_lossy(&key?));
    }

    println!("deleted {}", store.mdelete(&["user/1", "user/9"])?);
    // --8<-- [end:batches]
    Ok(())
}

fn bounds() -> Result<(), Error> {
    // --8<-- [start:bounds]
    let options = Options::default()
        .with_max_bytes(64 << 20)
        .with_max_item_bytes(1 << 20)
        .with_ttl(Duration::from_secs(3600))
        .with_manual_clock();
    let cache = Store::with_options(&options)?;
    cache.mset(&[("page", "<html>")])?; // lives for an hour
    cache.mset_with_ttl(&[("token", "s3cret")], Some(Duration::from_secs(30)))?;

    cache.advance_clock(30_000)?; // only with manual_clock, for tests
    let keys = ["page", "token"];
    for (key, value) in keys.iter().zip(cache.mget(&keys)?) {
        println!("{key}: {}", if value.is_some() { "there" } else { "missing" });
    }

    match cache.mset(&[("film", vec![0; 2 << 20])]) {
        Err(error @ Error::OverLimit) => println!("film: {}", error.name()),
        other => other?,
    }
    // --8<-- [end:bounds]
    Ok(())
}

fn prefixes() -> Result<(), Error> {
    // --8<-- [start:prefixes]
    let store = Store::new()?;
    store.mset(&[("user/1", "Ada"), ("user/2", "Grace"), ("draft", ""), ("user/3", "Alan")])?;
    println!("{} users", store.count("user/")?);

    let (keys, position) = store.keys_from("user/", 0, 2)?;
    println!("first page: {}", String::from_utf8_lossy(&keys.join(&b' ')));
    // The position is a number: later, from a web handler.
    let (keys, _) = store.keys_from("user/", position, 2)?;
    println!("next page: {}", String::from_utf8_lossy(&keys.join(&b' ')));

    let users = store.namespace("user/")?; // a store of its own, of the keys that begin so
    if let [Some(name)] = &users.mget(&["2"])?[..] {
        println!("user 2 is {}", String::from_utf8_lossy(name));
    }
    println!("deleted {}", store.delete_prefix("user/")?);
    // --8<-- [end:prefixes]
    Ok(())
}

fn compute() -> Result<(), Box<dyn AnyError>> {
    // --8<-- [start:compute]
    let pages = Store::open("memory:?max_bytes=64MiB")?;

    // Called once, however many threads miss these keys.
    let fetch = |names: &[&[u8]]| -> Result<Vec<String>, std::str::Utf8Error> {
        let names = names.iter().map(|name| std::str::from_utf8(name));
        let names = names.collect::<Result<Vec<_>, _>>()?;
        println!("fetching {}", names.join(" "));
        Ok(names.iter().map(|name| format!("<h1>{name}</h1>")).collect())
    };

    let hour = Some(Duration::from_secs(3600));
    pages.mget_or_compute_with_ttl(&["tea", "cake"], hour, fetch)?;
    for page in pages.mget_or_compute_with_ttl(&["tea", "milk"], hour, fetch)? {
        println!("{}", String::from_utf8_lossy(&page));
    }
    // --8<-- [end:compute]
    Ok(())
}

fn counters() -> Result<(), Error> {
    // --8<-- [start:counters]
    let store = Store::open("memory:?max_entries=1000")?;
    store.mset(&[("tea", "hot")])?;
    store.mget(&["tea", "tea", "tea", "cake"])?;

    let bytestore::Counters { entries, hits, misses, .. } = store.counters()?;
    let ratio = hits as f64 / (hits + misses) as f64;
    println!("{entries} entry, {hits} hits, {misses} miss, ratio {ratio:.2}");
    // --8<-- [end:counters]
    Ok(())
}

fn snapshots() -> Result<(), Error> {
    // --8<-- [start:snapshots]
    let users = Store::open("memory:?max_bytes=64MiB")?;
    users.mset(&[("1", "Ada"), ("2", "Grace")])?;
    users.save("users.snapshot", 3)?; // as of one moment, while others write; 0: not compressed

    // A new store, with the options of the old one.
    let again = Store::open("snapshot:users.snapshot")?;
    println!("{} entries", again.len()?);

    // In place of what is there, in one step.
    match users.load("no/such.snapshot") {
        Err(error @ Error::Io) => println!("{}", error.name()), // std::io::Error::last_os_error()
        other => other?,
    }
    // --8<-- [end:snapshots]
    Ok(())
}

fn servers() -> Result<(), Error> {
    // --8<-- [start:servers]
    // Such as redis://cache.internal:6379/0?namespace=answers%2F&ttl=1h. Nothing is sent yet.
    let url = std::env::var("STORE_URL").unwrap_or("memory:".into());
    let answers = Store::open(&url)?;
    match answers.mset(&[("question", "42")]).and_then(|()| answers.mget(&["question"])) {
        Ok(values) => {
            let value = values[0].as_deref().unwrap_or(b"missing");
            println!("question: {}", String::from_utf8_lossy(value));
        }
        Err(_) => {
            // Of Error::RemoteFailure the server's own words, or the system's.
            let words = answers.remote_message()?;
            println!("no answers today: {}", String::from_utf8_lossy(&words));
        }
    }

    let ordered = answers.capabilities()?.insertion_order;
    println!("keys keep their order: {}", if ordered { "yes" } else { "no" });
    // --8<-- [end:servers]
    Ok(())
}

fn errors() -> Result<(), Error> {
    // --8<-- [start:errors]
    if let Err(error) = Store::open("nosuch:") {
        println!("{}", error.name()); // `{error}` says what to do about it
    }

    let store = Store::new()?;
    store.close()?;
    if let Err(error @ Error::ClosedHandle) = store.mget(&["tea"]) {
        println!("{}", error.name());
    }
    // --8<-- [end:errors]
    Ok(())
}

fn main() -> Result<(), Box<dyn AnyError>> {
    open()?;
    batches()?;
    bounds()?;
    prefixes()?;
    compute()?;
    counters()?;
    snapshots()?;
    servers()?;
    errors()?;
    Ok(())
}
