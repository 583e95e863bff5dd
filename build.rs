//! Gives the shared library its SONAME and keeps it loaded: `dlclose` must not
//! unmap code that fork handlers and other threads may still run.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let os = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if os == "linux" {
        // The number is BYTESTORE_ABI_VERSION; tests/abi.rs compares the two.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libbytestore.so.1");
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,now");
    } else if os == "macos" {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libbytestore.1.dylib");
    }
}
