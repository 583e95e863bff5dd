//! The chunks of documents, as a program keeps them that answers questions about texts: a document that changed is put
//! in again in one call, nothing of the old one stays, and all of it survives a restart.

use bytestore::{Error, Store};

/// Splits at blank lines, and keeps each chunk under its document's name and its own number.
fn put(store: &Store, document: &str, text: &str) -> Result<usize, Error> {
    store.delete_prefix(prefix(document))?;
    let chunks = text.split("\n\n").map(str::trim).filter(|chunk| !chunk.is_empty());
    let pairs: Vec<_> =
        chunks.enumerate().map(|(number, chunk)| (format!("{}{number:06}", prefix(document)), chunk)).collect();
    store.mset(&pairs)?;
    Ok(pairs.len())
}

/// A document's chunks, in their order.
fn get(store: &Store, document: &str) -> Result<Vec<String>, Error> {
    let keys: Vec<_> = store.keys(prefix(document))?.collect::<Result<_, _>>()?;
    let values = store.mget(&keys)?;
    Ok(values.into_iter().flatten().map(|value| String::from_utf8_lossy(&value).into_owned()).collect())
}

fn prefix(document: &str) -> String {
    format!("{document}/")
}

fn main() -> Result<(), Error> {
    let store = Store::new()?;
    println!("{} chunks", put(&store, "tea", "Boil water.\n\nWait three minutes.\n\nDrink.")?);
    println!("{} chunks", put(&store, "teapot", "Short and stout.")?);
    println!("{} chunks", put(&store, "tea", "Boil water.\n\nDrink.")?);

    let file = std::env::temp_dir().join(format!("chunks-{}.snapshot", std::process::id()));
    store.save(&file, 0)?;
    let later = Store::new()?; // in the next process, say
    later.load(&file)?;
    println!("{:?}", get(&later, "tea")?);
    println!("{} in all", later.len()?);
    std::fs::remove_file(&file).ok();
    Ok(())
}
