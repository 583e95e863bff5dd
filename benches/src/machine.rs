//! What the operating system is asked for: processors, memory, and what it is. Knows no store.

use serde_json::{json, Value};
use std::{fs, mem, process, process::Command, sync::OnceLock};

/// The processors that this process may run on.
fn processors() -> &'static [usize] {
    static PROCESSORS: OnceLock<Vec<usize>> = OnceLock::new();
    PROCESSORS.get_or_init(|| {
        // SAFETY: a set of bits, which the call fills.
        let set = unsafe {
            let mut set: libc::cpu_set_t = mem::zeroed();
            libc::sched_getaffinity(0, mem::size_of_val(&set), &mut set);
            set
        };
        // SAFETY: within the set's size.
        (0..libc::CPU_SETSIZE as usize).filter(|&cpu| unsafe { libc::CPU_ISSET(cpu, &set) }).collect()
    })
}

fn allow(processors: &[usize]) {
    // SAFETY: a set of bits of this thread's own, and numbers that came out of one.
    unsafe {
        let mut set: libc::cpu_set_t = mem::zeroed();
        processors.iter().for_each(|&cpu| libc::CPU_SET(cpu, &mut set));
        libc::sched_setaffinity(0, mem::size_of_val(&set), &set);
    }
}

/// A thread that stays on one processor. Dropping it lets the thread go, and what it then starts: a server must not
/// be kept on the processor of its client.
pub struct Pinned;

/// Keeps the calling thread on one processor, the same for the same number, so that it does not lose its caches.
pub fn pin(thread: usize) -> Pinned {
    let processors = processors();
    allow(&processors[thread % processors.len()..][..1]);
    Pinned
}

impl Drop for Pinned {
    fn drop(&mut self) {
        allow(processors());
    }
}

/// Gives memory that malloc keeps back to the system, so that the next store begins as in a fresh process.
pub fn trim() {
    // SAFETY: it takes any number.
    unsafe { libc::malloc_trim(0) };
}

/// The bytes of memory that this process and those it started take.
pub fn resident() -> usize {
    let own = process::id();
    let children = fs::read_dir("/proc").into_iter().flatten().filter_map(|entry| {
        let pid = entry.ok()?.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // After the name, which may hold anything, come the state and the parent.
        let parent: u32 = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
        (parent == own).then_some(pid)
    });
    children.chain([own]).map(resident_of).sum()
}

fn resident_of(pid: u32) -> usize {
    let pages = fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    let pages: usize = pages.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    // SAFETY: a constant name.
    pages * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize
}

/// The line of the results that says where they come from.
pub fn describe() -> Value {
    let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let field = |file: &str, name: &str| {
        let text = text(file);
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim_start_matches([':', ' ', '\t']).to_owned()
    };
    let kibibytes = field("/proc/meminfo", "MemTotal").trim_end_matches(" kB").parse().unwrap_or(0usize);
    let thp = text("/sys/kernel/mm/transparent_hugepage/enabled");
    json!({
        "kind": "machine",
        "cpu": field("/proc/cpuinfo", "model name"),
        "cores": processors().len(),
        "kernel": text("/proc/sys/kernel/osrelease").trim(),
        "memory_bytes": kibibytes * 1024,
        "rustc": env!("RUSTC_VERSION"),
        "date": today(),
        "thp": thp.split(['[', ']']).nth(1).unwrap_or("none"),
    })
}

fn today() -> String {
    let output = Command::new("date").args(["-u", "+%Y-%m-%d"]).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}
