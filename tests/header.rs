//! The committed header is the one that cbindgen emits. `BYTESTORE_WRITE_HEADER=1` writes it instead.

use std::path::Path;

#[test]
fn header_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml");
    let mut emitted = Vec::new();
    cbindgen::Builder::new()
        .with_crate(root)
        .with_config(config)
        .generate()
        .expect("the ABI layer has a form in C")
        .write(&mut emitted);
    let emitted = String::from_utf8(emitted).expect("UTF-8");
    let path = root.join("include/bytestore.h");
    if std::env::var_os("BYTESTORE_WRITE_HEADER").is_some() {
        std::fs::write(&path, &emitted).expect("a writable include folder");
    }
    let committed = std::fs::read_to_string(&path).expect("include/bytestore.h");
    let differs = committed.lines().zip(emitted.lines()).position(|(old, new)| old != new);
    assert!(
        committed == emitted,
        "include/bytestore.h is not what src/ffi says (first difference: line {:?}): run `make header`",
        differs.map(|line| line + 1)
    );
}
