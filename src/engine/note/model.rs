//! What readers note down: whoever has all shards reads each note once, and none twice.

use super::Note;
use crate::engine::gate::{Gate, ALL};
use crate::sys::schedules::{model, thread, Arc};

#[test]
fn no_note_is_lost_or_read_twice() {
    model(Some(3), || {
        let gate = Arc::new(Gate::new(|_| (), (), Note::remembering).unwrap());
        for note in gate.notes() {
            (0..2).for_each(|id| note.see(id));
            assert_eq!(note.take_seen().count(), 2);
            note.count(0, 0);
        }
        // SAFETY: no thread runs yet, and nothing is held.
        unsafe { gate.reset() };
        let readers = [1, 2].map(|id| {
            let gate = gate.clone();
            thread::spawn(move || {
                let reading = gate.read(1);
                reading.note().see(id);
                reading.note().count(1, 0);
            })
        });
        let take = || {
            let mut writing = gate.write(ALL);
            let (_, notes) = writing.whole_and_notes();
            notes.flat_map(Note::take_seen).collect::<Vec<_>>()
        };
        let mut seen = take();
        readers.into_iter().for_each(|reader| reader.join().unwrap());
        seen.extend(take());
        seen.sort_unstable();
        assert_eq!(seen, [1, 2]);
        assert_eq!(gate.notes().map(|note| note.hits_and_misses().0).sum::<u64>(), 2);
    });
}
