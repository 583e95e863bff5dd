//! What a user of the published package writes in Rust.

use bytestore::{Error, Store};

fn main() -> Result<(), Error> {
    let store = Store::new()?;
    store.mset(&[("user/1", "Ada"), ("user/2", "Grace")])?;
    let values = store.mget(&["user/1", "user/9"])?;
    let found = String::from_utf8_lossy(values[0].as_deref().unwrap_or_default());

    let loaded = Store::new()?;
    loaded.load_from_slice(&store.save_to_vec(3)?)?;
    println!("{found}, {}, {} loaded", if values[1].is_none() { "missing" } else { "found" }, loaded.len()?);
    Ok(())
}
