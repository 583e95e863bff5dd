//! Files of the real file system, whatever stands in their way.

#![cfg(not(miri))] // which has no openat

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{symlink, FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use super::cache::{forget, has_beginning, STRETCH};
use super::*;
use crate::sys::child::in_child;

/// A folder of a test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Folder::below(&std::env::temp_dir())
    }

    /// On the disk that the project is on, which may be another one.
    fn in_target() -> Self {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
        fs::create_dir_all(&target).unwrap();
        Folder::below(&target)
    }

    fn below(folder: &Path) -> Self {
        let path = folder.join(format!("bytestore-test-{:016x}", random::number()));
        fs::create_dir(&path).unwrap();
        Folder(path)
    }

    fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// What is in it.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn create(path: &Path) -> Result<Replacement, Error> {
    Replacement::create(path.as_os_str().as_bytes())
}

fn save(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = create(path)?;
    bytes.chunks(5).try_for_each(|some| file.write(some))?;
    file.commit()
}

fn open(path: &Path) -> Result<Input, Error> {
    Input::open(path.as_os_str().as_bytes())
}

fn load(path: &Path) -> Result<Vec<u8>, Error> {
    let mut file = open(path)?;
    let mut bytes = vec![0; file.left() as usize];
    assert_eq!(file.read(&mut bytes)?, bytes.len());
    assert_eq!((file.left(), file.read(&mut [0; 9])), (0, Ok(0)));
    Ok(bytes)
}

/// Why the system refused.
fn why<T>(outcome: Result<T, Error>) -> Option<c_int> {
    let number = std::io::Error::last_os_error().raw_os_error();
    outcome.err().filter(|error| *error == Error::Io).and(number)
}

#[test]
fn the_new_one_takes_the_place_at_the_end() {
    let folder = Folder::new();
    let path = folder.join("snapshot");
    save(&path, b"").unwrap();
    save(&path, b"old").unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let mut file = create(&path).unwrap();
    file.write(b"new, and longer").unwrap();
    assert_eq!(load(&path), Ok(b"old".to_vec()));
    assert_eq!(folder.names().len(), 2);
    assert!(folder.names()[0].starts_with(".bytestore-") && folder.names()[0].ends_with(".tmp"));
    file.commit().unwrap();
    assert_eq!((load(&path), folder.names()), (Ok(b"new, and longer".to_vec()), vec!["snapshot".to_owned()]));
}

#[test]
fn who_gives_up_leaves_no_trace() {
    let folder = Folder::new();
    let path = folder.join("snapshot");
    save(&path, b"old").unwrap();
    create(&path).unwrap().write(b"new").unwrap();
    assert_eq!((load(&path), folder.names()), (Ok(b"old".to_vec()), vec!["snapshot".to_owned()]));
}

#[test]
fn several_at_once_do_not_meet() {
    let folder = Folder::new();
    let path = folder.join("snapshot");
    std::thread::scope(|scope| {
        for number in 0..8_u8 {
            let path = &path;
            scope.spawn(move || (0..20).for_each(|_| save(path, &[number; 100]).unwrap()));
        }
        for _ in 0..200 {
            if let Ok(bytes) = load(&path) {
                assert!(bytes.len() == 100 && bytes.iter().all(|byte| *byte == bytes[0]), "{bytes:?}");
            }
        }
    });
    assert_eq!(folder.names(), ["snapshot"]);
}

#[test]
fn paths_are_as_the_system_has_them() {
    let folder = Folder::new();
    let refused = |path: &Path, errno| {
        assert_eq!(why(create(path)), Some(errno), "{path:?}");
        assert_eq!(folder.names().len(), 0, "{path:?}");
    };
    refused(&folder.join("none/snapshot"), libc::ENOENT);
    refused(&folder.join(""), libc::ENOENT); // ends in a slash
    refused(Path::new(""), libc::ENOENT);
    refused(&folder.join(".."), libc::EISDIR);
    refused(&folder.join(&"n".repeat(256)), libc::ENAMETOOLONG);
    refused(&folder.join(&"n/".repeat(2500)), libc::ENAMETOOLONG);
    for bytes in [&b"a\0b"[..], b"\0", b"/\0/a", b"a/\0"] {
        assert_eq!(Replacement::create(bytes).err(), Some(Error::InvalidArgument));
        assert_eq!(Input::open(bytes).err(), Some(Error::InvalidArgument));
    }
    assert_eq!(why(open(&folder.join("none"))), Some(libc::ENOENT));
    let longest = folder.join(&"n".repeat(255));
    save(&longest, b"bytes").unwrap();
    assert_eq!(load(&longest), Ok(b"bytes".to_vec()));
    save(&folder.join(".//longer"), b"more").unwrap();
    assert_eq!(load(&folder.join("longer")), Ok(b"more".to_vec()));
}

/// A path without a folder is one of the working folder; others' tests may use it meanwhile, so nothing is left there.
#[test]
fn a_name_alone_is_in_the_working_folder() {
    let name = format!("bytestore-test-{:016x}", random::number());
    save(Path::new(&name), b"here").unwrap();
    let here = std::env::current_dir().unwrap().join(&name);
    let loaded = (load(&here), load(Path::new(&name)));
    fs::remove_file(&here).unwrap();
    assert_eq!(loaded, (Ok(b"here".to_vec()), Ok(b"here".to_vec())));
}

#[test]
fn a_link_is_replaced_and_read_through() {
    let folder = Folder::new();
    let (target, link) = (folder.join("target"), folder.join("link"));
    fs::write(&target, "target").unwrap();
    symlink(&target, &link).unwrap();
    assert_eq!(load(&link), Ok(b"target".to_vec()));
    save(&link, b"new").unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_file());
    assert_eq!((load(&target), load(&link)), (Ok(b"target".to_vec()), Ok(b"new".to_vec())));
    symlink(folder.join("nowhere"), folder.join("dangling")).unwrap();
    save(&folder.join("dangling"), b"new").unwrap();
    assert_eq!(folder.names(), ["dangling", "link", "target"]);
}

#[test]
fn what_is_no_file_is_neither_replaced_nor_read() {
    let folder = Folder::new();
    let (pipe, socket, inner) = (folder.join("pipe"), folder.join("socket"), folder.join("folder"));
    // SAFETY: a string that ends.
    assert_eq!(unsafe { libc::mkfifo(Name::new(pipe.as_os_str().as_bytes()).unwrap().c(), 0o600) }, 0);
    let _listener = UnixListener::bind(&socket).unwrap();
    fs::create_dir(&inner).unwrap();
    for (path, write, read) in [
        (&pipe, libc::EEXIST, libc::EINVAL), // and does not wait
        (&socket, libc::EEXIST, libc::ENXIO),
        (&inner, libc::EISDIR, libc::EISDIR),
        (&PathBuf::from("/dev/null"), libc::EEXIST, libc::EINVAL),
    ] {
        assert_eq!(why(create(path)), Some(write), "{path:?}");
        assert_eq!(why(open(path)), Some(read), "{path:?}");
    }
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    assert_eq!(folder.names(), ["folder", "pipe", "socket"]);
}

#[test]
fn a_file_that_becomes_shorter_is_noticed() {
    let folder = Folder::new();
    let path = folder.join("snapshot");
    save(&path, b"0123456789").unwrap();
    let mut file = open(&path).unwrap();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(4).unwrap();
    assert_eq!((file.left(), file.read(&mut [0; 10])), (10, Ok(4)));
}

/// Where the file system can forget, as a disk's can and one in memory cannot. It is advice, and to ask for what is not
/// there makes the system read it: hence more than one try, and no question between forgetting and loading.
#[test]
fn a_long_file_leaves_a_copy_in_the_cache_if_one_was_there() {
    let folder = Folder::in_target();
    for (len, stays) in [(4 * STRETCH, false), (STRETCH, true)] {
        let path = folder.join("long");
        fs::write(&path, vec![7; len as usize]).unwrap();
        let file = fs::File::open(&path).unwrap();
        file.sync_all().unwrap();
        let file = std::os::fd::AsRawFd::as_raw_fd(&file);

        assert!(has_beginning(file));
        assert_eq!(load_in_parts(&path), len);
        assert!(has_beginning(file), "it was there before");

        let forgotten = || {
            forget(file, 0, len);
            !has_beginning(file)
        };
        let left = || {
            forget(file, 0, len);
            assert_eq!(load_in_parts(&path), len);
            !has_beginning(file)
        };
        let can_forget = (0..5).any(|_| forgotten());
        assert_eq!((0..5).any(|_| left()), can_forget && !stays, "{len} bytes");
    }
}

/// How many bytes a file has, read some at a time.
fn load_in_parts(path: &Path) -> u64 {
    let mut file = open(path).unwrap();
    let mut part = vec![0; 1 << 20];
    let mut len = 0;
    while file.left() > 0 {
        len += file.read(&mut part).unwrap() as u64;
        assert!(part.iter().all(|&byte| byte == 7));
    }
    len
}

/// Where another user may not write. Root may: it becomes nobody, in a process of its own.
#[test]
fn a_folder_that_may_not_be_written_says_so() {
    let folder = Folder::new();
    let path = folder.join("snapshot");
    save(&path, b"old").unwrap();
    fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o555)).unwrap();
    let status = in_child(|| {
        // SAFETY: changes this process alone.
        if unsafe { libc::geteuid() } == 0 {
            // SAFETY: as above.
            assert_eq!(unsafe { libc::setuid(65_534) }, 0);
        }
        why(save(&path, b"new")) == Some(libc::EACCES)
    });
    fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(status && folder.names() == ["snapshot"]);
    assert_eq!(load(&path), Ok(b"old".to_vec()));
}

/// As a disk that is full: the system takes the beginning of what is written, and then no more.
#[test]
fn a_full_disk_leaves_the_old_file() {
    let folder = Folder::new();
    let path = folder.join("snapshot");
    save(&path, b"old").unwrap();
    let noticed = in_child(|| {
        let limit = libc::rlimit { rlim_cur: 1000, rlim_max: 1000 };
        // SAFETY: changes this process alone; reads one struct.
        unsafe {
            libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
            libc::setrlimit(libc::RLIMIT_FSIZE, &limit);
        }
        let mut file = create(&path).unwrap();
        let outcome = file.write(&[1; 3000]);
        drop(file);
        outcome == Err(Error::Io) && why(save(&path, &[1; 3000])) == Some(libc::EFBIG)
    });
    assert!(noticed && folder.names() == ["snapshot"]);
    assert_eq!(load(&path), Ok(b"old".to_vec()));
}

/// A program that has closed its first three files does not write into ours.
#[test]
fn the_first_three_files_are_left_to_the_program() {
    let folder = Folder::new();
    let path = folder.join("snapshot");
    let right = in_child(|| {
        // SAFETY: this process's alone.
        (0..3).for_each(|file| unsafe { assert_eq!(libc::close(file), 0) });
        let mut file = create(&path).unwrap();
        file.write(b"bytes").unwrap();
        let high = file.file.0 > 2 && file.folder.0 > 2;
        file.commit().unwrap();
        high && open(&path).unwrap().file.0 > 2
    });
    assert!(right);
    assert_eq!(load(&path), Ok(b"bytes".to_vec()));
}
