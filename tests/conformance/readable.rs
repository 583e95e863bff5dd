//! Answers as people read them in a failure. Knows no step and no store.

use crate::notation::Bytes;

/// What follows is left out of a failure.
const LONGEST: usize = 300;

pub trait Readable {
    fn readable(&self) -> String;

    fn shortened(&self) -> String {
        let text = self.readable();
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }
}

impl Readable for usize {
    fn readable(&self) -> String {
        self.to_string()
    }
}

impl Readable for Bytes {
    fn readable(&self) -> String {
        format!("\"{}\"", self.escape_ascii())
    }
}

impl<T: Readable> Readable for Vec<T> {
    fn readable(&self) -> String {
        let items: Vec<_> = self.iter().map(Readable::readable).collect();
        format!("[{}]", items.join(", "))
    }
}

impl<T: Readable> Readable for Option<T> {
    fn readable(&self) -> String {
        self.as_ref().map_or("nothing".to_string(), Readable::readable)
    }
}
