//! What stands for servers in a library that was built without them: nothing that anybody could have.

use super::cursor::KeyPage;
use super::{scheme, Capabilities, Counters};
use crate::engine::{Engine, Settings, ValueSink};
use crate::sys::{Bytes, Lock};
use crate::Error;

/// There is none.
pub enum Remote {}

/// As little.
pub enum Scan {}

impl Remote {
    pub fn open(_: &str) -> Result<(Self, Bytes), (Error, &str)> {
        Err((Error::Unsupported, ""))
    }

    pub fn open_over(url: &str, _: Settings) -> Result<(Self, Bytes), (Error, &str)> {
        if scheme::of_servers(url).is_none() {
            return Err((Error::InvalidArgument, url.split_once(':').map_or(&url[..0], |(scheme, _)| scheme)));
        }
        Self::open(url)
    }

    pub fn mset<'a>(
        &self,
        _: &[u8],
        _: impl ExactSizeIterator<Item = (&'a [u8], &'a [u8])> + Clone,
        _: Option<u64>,
    ) -> Result<(), Error> {
        match *self {}
    }

    pub fn mget<'a>(
        &self,
        _: &[u8],
        _: impl ExactSizeIterator<Item = &'a [u8]> + Clone,
        _: &mut impl ValueSink,
    ) -> Result<(), Error> {
        match *self {}
    }

    pub fn mdelete<'a>(&self, _: &[u8], _: impl ExactSizeIterator<Item = &'a [u8]> + Clone) -> Result<usize, Error> {
        match *self {}
    }

    pub fn count(&self, _: &[u8]) -> Result<usize, Error> {
        match *self {}
    }

    pub fn delete_prefix(&self, _: &[u8]) -> Result<usize, Error> {
        match *self {}
    }

    pub fn counters(&self) -> Counters {
        match *self {}
    }

    pub fn capabilities(&self) -> Capabilities {
        match *self {}
    }

    pub fn message(&self) -> Result<Vec<u8>, Error> {
        match *self {}
    }

    pub fn scan(&self) -> Scan {
        match *self {}
    }

    pub fn connections(&self) -> &Lock<()> {
        match *self {}
    }

    pub fn copies(&self) -> Option<(&Lock<()>, &Engine)> {
        match *self {}
    }

    pub fn has_forked(&self) {
        match *self {}
    }
}

impl Scan {
    pub fn next_page<T>(
        &self,
        _: &Remote,
        _: &[u8],
        _: KeyPage,
        _: impl Fn(KeyPage) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match *self {}
    }
}
