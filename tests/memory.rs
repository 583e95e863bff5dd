//! Memory that goes back to the system, as the system counts it. The only test of its process: others would be counted.

use bytestore::Store;

const ENTRIES: usize = 4_000;

/// Bytes of this process that are resident, but for those of files: its own code comes in by and by.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("/proc");
    let pages = |field| statm.split(' ').nth(field).expect("a field").parse::<usize>().expect("a number");
    (pages(1) - pages(2)) * 4096
}

/// Emptied to a tenth, in no order, a store holds at most a quarter of its peak
/// (and a MiB in which the allocator keeps what others left), whatever the
/// values' length; closed it holds nothing.
#[cfg(target_os = "linux")]
#[test]
fn a_store_gives_back_what_was_deleted() {
    const SLACK: usize = 1 << 20;
    for (copies, value) in [(40, vec![7; 500]), (1, vec![7; 12 << 10])] {
        let keys: Vec<_> = (0..ENTRIES * copies).map(|number| format!("key{:012}", number * 7919)).collect();
        let before = resident();
        let store = Store::new().expect("a store");
        for keys in keys.chunks(64) {
            store.mset(&keys.iter().map(|key| (key, &value)).collect::<Vec<_>>()).expect("memory");
        }
        let peak = resident() - before;
        assert!(peak > keys.len() * value.len() * 3 / 4, "{peak} bytes are too few to believe");
        let order: Vec<_> = (0..keys.len()).map(|number| &keys[number * 7919 % keys.len()]).collect();
        for keys in order[..keys.len() * 9 / 10].chunks(64) {
            assert_eq!(store.mdelete(keys), Ok(keys.len()));
        }
        let left = resident().saturating_sub(before);
        let part = |share: f64| (peak as f64 * share) as usize + SLACK;
        assert!(left <= part(0.25), "{} bytes: {left} of {peak} are left", value.len());
        drop(store);
        let left = resident().saturating_sub(before);
        assert!(left <= part(0.05), "{} bytes: {left} of {peak} are left after the store", value.len());
    }
}
