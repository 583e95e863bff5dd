//! A futex that is understood by whoever tries schedules: it notices a sleeper that nobody wakes. Only built with
//! `--cfg modelled`.

use std::ptr;

use crate::sys::atomic::{AtomicU32, Ordering::SeqCst};
use crate::sys::schedules::{lazy_static, Arc, Condvar, Mutex};

lazy_static! {
    /// Who sleeps on what: a word's address, and its sleepers.
    static ref QUEUES: Mutex<Vec<(usize, Arc<Condvar>)>> = Mutex::new(Vec::new());
}

fn find(queues: &[(usize, Arc<Condvar>)], word: &AtomicU32) -> Option<Arc<Condvar>> {
    queues.iter().find(|(address, _)| *address == ptr::from_ref(word).addr()).map(|(_, queue)| queue.clone())
}

pub fn wait(word: &AtomicU32, expected: u32) {
    let mut queues = QUEUES.lock().unwrap();
    if word.load(SeqCst) == expected {
        let queue = find(&queues, word).unwrap_or_else(|| {
            let queue = Arc::new(Condvar::new());
            queues.push((ptr::from_ref(word).addr(), queue.clone()));
            queue
        });
        drop(queue.wait(queues).unwrap());
    }
}

pub fn wake_all(word: &AtomicU32) {
    let queues = QUEUES.lock().unwrap();
    if let Some(queue) = find(&queues, word) {
        queue.notify_all();
    }
}
