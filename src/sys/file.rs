//! Files: one that takes another's place when all of it is written, and one that is read. Knows nothing of what is in them.
//!
//! Not by std::fs, which makes its own strings of paths and ends the process when there is no memory for them. Paths are
//! bytes without NUL, as the system has them.

use std::ffi::{c_int, CStr};

use super::{errno, random, set_errno, try_to_vec};
use crate::Error;

mod cache;
#[cfg(test)]
mod tests;

use cache::Ahead;

/// Why the system refused. As an `Error` it is where C has it, in the thread's `errno`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Errno(c_int);

impl From<Errno> for Error {
    fn from(Errno(number): Errno) -> Self {
        set_errno(number);
        Error::Io
    }
}

/// A new file beside the one of that name, which it replaces at the end, as one step: whoever opens the name, and whenever
/// the machine stops, finds all of the old one or all of the new one. Dropped before, it goes without a trace. A process
/// that is killed leaves it, as `.bytestore-*.tmp` in the same folder.
pub struct Replacement {
    folder: Descriptor,
    file: Descriptor,
    name: Name,
    temporary: Option<Name>,
}

impl Replacement {
    /// Whatever has the name and is neither a file nor a symbolic link stays: that is an error. A link is replaced, not
    /// what it leads to. Only the file's owner may read it.
    pub fn create(path: &[u8]) -> Result<Self, Error> {
        let name_start = path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
        let (folder, name) = path.split_at(name_start);
        let (folder, name) = (Name::new(if folder.is_empty() { b"." } else { folder })?, Name::new(name)?);
        let folder = open(libc::AT_FDCWD, &folder, libc::O_RDONLY | libc::O_DIRECTORY)?;
        may_be_replaced(&folder, &name)?;
        let mut number = random::number();
        loop {
            let temporary = Name::temporary(number)?;
            match open(folder.0, &temporary, libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL | libc::O_NOFOLLOW) {
                Ok(file) => return Ok(Replacement { folder, file, name, temporary: Some(temporary) }),
                Err(Errno(libc::EEXIST)) => number = number.wrapping_add(1),
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    /// All of them, behind those of before.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() {
            // SAFETY: reads no more than there is.
            let written = retried(|| unsafe { libc::write(self.file.0, bytes.as_ptr().cast(), bytes.len()) })?;
            match bytes.get(written..) {
                Some(rest) if written > 0 => bytes = rest,
                _ => return Err(Errno(libc::EIO).into()),
            }
        }
        Ok(())
    }

    /// Takes the place, once the disk has all of it. After an error the old file is still there; but when only the folder
    /// could not be written, which is the last step, the new one is.
    pub fn commit(mut self) -> Result<(), Error> {
        sync(&self.file)?;
        if let Some(temporary) = &self.temporary {
            let folder = self.folder.0;
            // SAFETY: strings that end.
            retried(|| unsafe { libc::renameat(folder, temporary.c(), folder, self.name.c()) as isize })?;
            self.temporary = None;
        }
        match sync(&self.folder) {
            Err(Errno(libc::EINVAL)) => Ok(()), // this file system writes folders by itself
            outcome => Ok(outcome?),
        }
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let why = errno();
            // SAFETY: a string that ends.
            unsafe { libc::unlinkat(self.folder.0, temporary.c(), 0) };
            set_errno(why);
        }
    }
}

/// A file as long as it was when it was opened.
pub struct Input {
    file: Descriptor,
    len: u64,
    left: u64,
    ahead: Ahead,
}

impl Input {
    /// What is no file, as a folder or a pipe, is an error; nothing waits for a pipe's other end.
    pub fn open(path: &[u8]) -> Result<Self, Error> {
        let file = open(libc::AT_FDCWD, &Name::new(path)?, libc::O_RDONLY | libc::O_NONBLOCK | libc::O_NOCTTY)?;
        let mut status = empty_status();
        // SAFETY: writes one struct.
        retried(|| unsafe { libc::fstat(file.0, &mut status) as isize })?;
        match status.st_mode & libc::S_IFMT {
            libc::S_IFREG => {
                let len = status.st_size.max(0) as u64;
                Ok(Input { ahead: Ahead::new(file.0, len), file, len, left: len })
            }
            libc::S_IFDIR => Err(Errno(libc::EISDIR).into()),
            _ => Err(Errno(libc::EINVAL).into()),
        }
    }

    /// Bytes that were not read yet.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Fills the place with the next ones; says how many they are: fewer where the file is shorter.
    pub fn read(&mut self, place: &mut [u8]) -> Result<usize, Error> {
        self.ahead.will_read(self.file.0, self.len - self.left, self.len);
        let mut len = 0;
        while let Some(rest) = place.get_mut(len..).filter(|rest| !rest.is_empty()) {
            // SAFETY: writes no more than there is room for.
            match retried(|| unsafe { libc::read(self.file.0, rest.as_mut_ptr().cast(), rest.len()) })? {
                0 => break,
                read => len += read,
            }
        }
        self.left = self.left.saturating_sub(len as u64);
        self.ahead.has_read(self.file.0, self.len - self.left);
        Ok(len)
    }

    /// Fills the place with the file's last ones, which are still to be read; says how many they are: fewer where it is
    /// shorter.
    pub fn read_last(&self, place: &mut [u8]) -> Result<usize, Error> {
        let Some(at) = self.len.checked_sub(place.len() as u64) else { return Ok(0) };
        let (start, at) = (place.as_mut_ptr(), at as libc::off_t);
        // SAFETY: writes no more than there is room for.
        Ok(retried(|| unsafe { libc::pread(self.file.0, start.cast(), place.len(), at) })?)
    }
}

/// An open file or folder, closed when it goes.
struct Descriptor(c_int);

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: open, and not used again.
        unsafe { libc::close(self.0) };
    }
}

/// A string for the system.
struct Name(Vec<u8>);

impl Name {
    fn new(bytes: &[u8]) -> Result<Self, Error> {
        let mut name = Vec::new();
        name.try_reserve_exact(bytes.len() + 1)?;
        name.extend(bytes.iter().chain(&[0])); // there is room
        match CStr::from_bytes_with_nul(&name) {
            Ok(_) => Ok(Name(name)),
            Err(_) => Err(Error::InvalidArgument),
        }
    }

    fn temporary(number: u64) -> Result<Self, Error> {
        let mut name = try_to_vec(b".bytestore-0000000000000000.tmp\0")?;
        for (place, digit) in name.iter_mut().filter(|byte| **byte == b'0').zip(0..) {
            *place = b"0123456789abcdef"[(number >> (4 * digit)) as usize % 16];
        }
        Ok(Name(name))
    }

    fn c(&self) -> *const libc::c_char {
        self.0.as_ptr().cast()
    }
}

fn open(folder: c_int, name: &Name, flags: c_int) -> Result<Descriptor, Errno> {
    let owner_only: libc::c_uint = 0o600;
    // SAFETY: a string that ends.
    let open = retried(|| unsafe { libc::openat(folder, name.c(), flags | libc::O_CLOEXEC, owner_only) as isize })?;
    let file = Descriptor(open as c_int);
    if file.0 > libc::STDERR_FILENO {
        return Ok(file);
    }
    // The program has closed one of the first three, and may go on to write there.
    // SAFETY: an open file.
    let higher = retried(|| unsafe { libc::fcntl(file.0, libc::F_DUPFD_CLOEXEC, libc::STDERR_FILENO + 1) as isize })?;
    Ok(Descriptor(higher as c_int))
}

/// A folder, a device and the like may not; what is not there may, if it has a name.
fn may_be_replaced(folder: &Descriptor, name: &Name) -> Result<(), Errno> {
    let mut status = empty_status();
    let flags = libc::AT_SYMLINK_NOFOLLOW;
    // SAFETY: a string that ends; writes one struct.
    match retried(|| unsafe { libc::fstatat(folder.0, name.c(), &mut status, flags) as isize }) {
        Ok(_) => match status.st_mode & libc::S_IFMT {
            libc::S_IFREG | libc::S_IFLNK => Ok(()),
            libc::S_IFDIR => Err(Errno(libc::EISDIR)),
            _ => Err(Errno(libc::EEXIST)),
        },
        Err(Errno(libc::ENOENT)) if name.0.len() > 1 => Ok(()),
        Err(error) => Err(error),
    }
}

/// Waits until the disk has what was written.
fn sync(file: &Descriptor) -> Result<(), Errno> {
    // Where fsync leaves it in the disk's own memory.
    #[cfg(target_vendor = "apple")]
    // SAFETY: an open file.
    if unsafe { libc::fcntl(file.0, libc::F_FULLFSYNC) } != -1 {
        return Ok(());
    }
    // SAFETY: an open file.
    retried(|| unsafe { libc::fsync(file.0) as isize }).map(|_| ())
}

fn empty_status() -> libc::stat {
    // SAFETY: numbers, for which zero is a value.
    unsafe { std::mem::zeroed() }
}

/// What a call answers; again, as long as a signal interrupts it.
fn retried(mut call: impl FnMut() -> isize) -> Result<usize, Errno> {
    loop {
        match usize::try_from(call()) {
            Ok(answer) => return Ok(answer),
            Err(_) => match errno() {
                libc::EINTR => (),
                errno => return Err(Errno(errno)),
            },
        }
    }
}
