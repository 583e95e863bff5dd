//! A futex that loom understands: it notices a sleeper that nobody wakes. Only built with `--cfg loom`.

use loom::sync::{Condvar, Mutex};

use crate::sys::atomic::{AtomicU32, Ordering::SeqCst};

loom::lazy_static! {
    static ref QUEUE: (Mutex<()>, Condvar) = (Mutex::new(()), Condvar::new());
}

pub fn wait(word: &AtomicU32, expected: u32) {
    let queue = QUEUE.0.lock().unwrap();
    if word.load(SeqCst) == expected {
        drop(QUEUE.1.wait(queue).unwrap());
    }
}

pub fn wake_all(_word: &AtomicU32) {
    let _queue = QUEUE.0.lock().unwrap();
    QUEUE.1.notify_all();
}
