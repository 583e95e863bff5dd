//! Holds the ABI layer to its rules: every export guarded, nothing else exported, the versions the same everywhere.

use std::io::Write;
use std::mem::offset_of;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bytestore::ffi::{bytestore_area, bytestore_buffer, bytestore_counters, bytestore_slice};

fn read(path: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Rust sources below a folder.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false => found.push(path),
            }
        }
    }
    found
}

/// Name and body of each exported function in the text of a source file.
fn exports(source: &str) -> Vec<(String, String)> {
    let after_marks = source.split("#[no_mangle]\n").skip(1);
    after_marks
        .map(|text| {
            let head_end = text.find(" {\n").expect("a function body");
            let head = &text[..head_end];
            let name = head.split("fn ").nth(1).and_then(|rest| rest.split('(').next()).expect("a function name");
            assert!(head.contains("extern \"C\" fn "), "{name} is exported without the C convention");
            let body_end = text.find("\n}\n").expect("the end of the body");
            (name.to_owned(), text[head_end + 3..body_end].to_owned())
        })
        .collect()
}

fn all_exports() -> Vec<(String, String)> {
    let mut all: Vec<_> = sources("src").iter().flat_map(|path| exports(&read(path))).collect();
    all.sort();
    all
}

/// The body is one call of a guard: nothing stands before it, nothing after.
fn is_guarded(body: &str) -> bool {
    let body = body.trim();
    let Some(inside) = body.strip_prefix("guard(").or_else(|| body.strip_prefix("guard_or(")) else {
        return false;
    };
    let mut depth = 1;
    let end = inside.find(|character| {
        depth += match character {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    end.is_some_and(|end| end == inside.len() - 1)
}

#[test]
fn every_export_contains_panics() {
    let exports = all_exports();
    assert!(exports.len() >= 16, "only {} exports found: has their form changed?", exports.len());
    for (name, body) in exports {
        assert!(is_guarded(&body), "{name} does more than one guard(…):\n{body}");
    }
}

#[test]
fn the_guard_check_can_fail() {
    assert!(is_guarded("    guard(|| f(1))"));
    assert!(!is_guarded("    f(); guard(|| 1)"));
    assert!(!is_guarded("    guard(|| 1); f()"));
    assert!(!is_guarded("    f()"));
}

#[test]
fn the_header_declares_what_is_exported() {
    let header = read("include/bytestore.h");
    for (name, _) in all_exports() {
        assert!(name.starts_with("bytestore_"), "{name}");
        assert!(header.contains(&format!("{name}(")), "{name} is not in the header");
    }
    // A callback could unwind or jump through us.
    assert!(!header.contains("(*"), "a function pointer type in the header");
}

#[test]
fn versions_agree() {
    let version = env!("CARGO_PKG_VERSION");
    let series = version.rsplit_once('.').unwrap().0;
    for (file, said) in [
        ("include/bytestore.h", format!("#define BYTESTORE_VERSION \"{version}\"\n")), // change cbindgen.toml
        ("tests/install/abi/bytestore-VERSION.h", format!("#define BYTESTORE_VERSION \"{version}\"\n")),
        ("CHANGELOG.md", format!("\n## [{version}] - ")),
        ("docs/install.md", format!("`libbytestore.so.{version}`")),
        ("docs/install.md", format!("bindings/go@v{version}\n")),
        ("docs/abi-policy.md", format!("as {version},")),
        (".packaging/debian/changelog", format!("bytestore ({version}-")),
        ("README.md", format!("find_package(bytestore {series} CONFIG")),
        ("docs/install.md", format!("find_package(bytestore {series} CONFIG")),
        (".github/ISSUE_TEMPLATE/bug.yml", format!("bytestore {version},")),
        ("bindings/node/package.json", format!("\n  \"version\": \"{version}\",\n")),
        ("bindings/node/package-lock.json", format!("\n  \"version\": \"{version}\",\n")),
        ("bindings/python/pyproject.toml", format!("\nversion = \"{version}\"\n")),
        ("bindings/python/accelerator/Cargo.toml", format!("\nversion = \"{version}\"\n")),
        ("bindings/python/src/bytestore/__init__.py", format!("\n__version__ = \"{version}\"\n")),
    ] {
        let file = file.replace("VERSION", version);
        assert!(read(&file).contains(&said), "{file} does not have Cargo.toml's version: {said}");
    }
    let abi = bytestore::ffi::BYTESTORE_ABI_VERSION;
    assert_eq!(bytestore::ffi::bytestore_abi_version(), abi);
    assert!(read("build.rs").contains(&format!("libbytestore.so.{abi}\"")), "the SONAME is not the ABI version");
    assert!(read("build.rs").contains(&format!("libbytestore.{abi}.dylib")));
}

/// What Rust makes of a struct, as a C program that compiles only where C makes the same of it. All fields are named here,
/// or this does not compile.
macro_rules! layouts {
    ($($name:ident { $($field:ident),* })*) => {{
        let mut program = String::from("#include \"bytestore.h\"\n");
        $(
            let _ = |$name { $($field: _),* }: $name| ();
            let (size, align) = (size_of::<$name>(), align_of::<$name>());
            let name = stringify!($name);
            program += &format!("_Static_assert(sizeof({name}) == {size} && _Alignof({name}) == {align}, \"{name}\");\n");
            $(
                let (field, offset) = (stringify!($field), offset_of!($name, $field));
                program += &format!("_Static_assert(offsetof({name}, {field}) == {offset}, \"{name}.{field}\");\n");
            )*
        )*
        program
    }};
}

fn compiles(program: &str) -> bool {
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
    let mut compiler = Command::new("cc")
        .args(["-std=c11", "-fsyntax-only", "-xc", "-I"])
        .args([include.as_os_str(), "-".as_ref()])
        .stdin(Stdio::piped())
        .spawn()
        .expect("a C compiler: rustc links with it");
    compiler.stdin.take().expect("a pipe").write_all(program.as_bytes()).expect("a compiler that reads");
    compiler.wait().expect("a compiler that ends").success()
}

#[test]
fn layouts_are_those_of_the_header() {
    let program = layouts! {
        bytestore_slice { ptr, len }
        bytestore_buffer { slices, count, data, data_len, owner }
        bytestore_area { bytes, capacity, lens, len }
        bytestore_counters {
            size, hits, misses, sets, deletes, evictions_by_bytes, evictions_by_entries, expirations, entries, key_bytes,
            value_bytes, overhead_bytes, max_bytes, max_entries
        }
    };
    assert!(compiles(&program), "{program}");
    assert!(!compiles(&program.replace("bytestore_area, len) == 24", "bytestore_area, len) == 16")), "it sees nothing");
}

/// `unsafe` stands in few files: src/sys, src/ffi and these.
#[test]
fn unsafe_stands_where_it_is_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let allowed = [
        "engine/entry.rs",
        "engine/gate.rs",
        "engine/gate/guards.rs",
        "engine/gate/model.rs",
        "engine/gate/tests.rs",
        "engine/line.rs",
        "engine/mod.rs",
        "engine/note/model.rs",
        "engine/tests/engine.rs",
        "faults.rs",
        "store/flights/model.rs",
        "store/registry.rs",
        "store/registry/tests.rs",
    ];
    for path in sources("src") {
        let name = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
        let uses = read(&path).lines().any(|line| {
            let code = line.split("//").next().unwrap_or_default();
            code.contains("unsafe {") || code.contains("unsafe fn") || code.contains("unsafe impl")
        });
        let expected = name.starts_with("sys/") || name.starts_with("ffi/") || allowed.contains(&name.as_str());
        assert!(!uses || expected, "unsafe code in src/{name}");
    }
}

/// Lines of code, and those of them in which the compiler takes our word: `unsafe` blocks, and heads that say `unsafe`.
/// Others cannot do what is unsafe, in functions of that kind neither (Cargo.toml).
fn lines_and_unsafe_ones(source: &str) -> (usize, usize) {
    let (mut lines, mut unsafe_ones) = (0, 0);
    let mut depth = 0; // of braces since the block began
    for line in source.lines() {
        let mut code = line.split("//").next().unwrap_or_default();
        if code.trim().is_empty() {
            continue;
        }
        lines += 1;
        unsafe_ones += usize::from(depth > 0 || code.contains("unsafe "));
        if depth == 0 {
            let Some(start) = code.find("unsafe {") else { continue };
            code = &code[start..];
        }
        for character in code.chars() {
            match character {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                _ => (),
            }
        }
    }
    (lines, unsafe_ones)
}

#[test]
fn little_is_unsafe() {
    let (mut lines, mut unsafe_ones) = (0, 0);
    for path in sources("src") {
        let (own, own_unsafe) = lines_and_unsafe_ones(&read(path));
        (lines, unsafe_ones) = (lines + own, unsafe_ones + own_unsafe);
    }
    println!("unsafe: {unsafe_ones} of {lines} lines, {:.1} %", 100.0 * unsafe_ones as f64 / lines as f64);
    assert!(unsafe_ones > 0 && unsafe_ones * 20 <= lines, "{unsafe_ones} of {lines} lines are unsafe: more than 5 %");
}

#[test]
fn the_share_of_unsafe_lines_is_counted() {
    let source = "fn f() {\n    // unsafe {\n\n    a();\n    unsafe {\n        b({\n            c\n        })\n    }\n    d();\n}\n";
    assert_eq!(lines_and_unsafe_ones(source), (9, 5));
    assert_eq!(lines_and_unsafe_ones("unsafe fn f() {\n    let a = unsafe { b() };\n    c()\n}\n"), (4, 2));
}
