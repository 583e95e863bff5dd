//! A server of a test's own, and what reads through two tiers it has been asked. Knows no test.

use std::fs;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bytestore::Store;

/// Nothing takes so long; no test asserts how long it takes.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
pub const PAUSE: Duration = Duration::from_millis(5);

/// One redis-server on a socket in a folder of its own.
pub struct Server {
    folder: PathBuf,
    pub process: Child,
}

impl Server {
    pub fn start() -> Self {
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let number = STARTED.fetch_add(1, Ordering::SeqCst);
        // A socket's path must be short.
        let folder = PathBuf::from(format!("/tmp/bytestore-tiers-{}-{number}", std::process::id()));
        fs::create_dir(&folder).expect("a new folder");
        let process = Self::run(&folder);
        Server { folder, process }
    }

    fn run(folder: &PathBuf) -> Child {
        let arguments = "--port 0 --unixsocket socket --save '' --appendonly no --enable-debug-command yes";
        let process = Command::new("redis-server")
            .args(arguments.split(' ').map(|argument| argument.trim_matches('\'')))
            .arg("--dir")
            .arg(folder)
            .current_dir(folder)
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server on the PATH");
        eventually("the server is there", || UnixStream::connect(folder.join("socket")).is_ok());
        process
    }

    pub fn kill(&mut self) {
        self.process.kill().expect("a server");
        self.process.wait().expect("a server");
    }

    pub fn restart(&mut self) {
        self.process = Self::run(&self.folder);
    }

    /// The URL of its keys that begin with `t/`.
    pub fn url(&self) -> String {
        format!("redis+unix://{}/socket?namespace=t%2F&retries=0", self.folder.display())
    }

    pub fn plain(&self) -> Store {
        Store::open(&self.url()).expect("a good URL")
    }

    /// Both tiers, and the word of changes is there.
    pub fn tiers(&self, options: &str) -> Store {
        let store = Store::open(&format!("memory:?{options}&over={}", self.url())).expect("a good URL");
        self.warm(&store);
        store
    }

    pub fn warm(&self, store: &Store) {
        self.plain().mset(&[("warm", "1")]).expect("a server");
        eventually("reads become copies", || get(store, "warm").is_some() && self.is_local(store, "warm"));
    }

    /// Whether reading it asks the server nothing.
    pub fn is_local(&self, store: &Store, key: &str) -> bool {
        let before = self.reads();
        get(store, key);
        self.reads() == before
    }

    fn reads(&self) -> String {
        let stats = self.command("INFO commandstats");
        stats.lines().find(|line| line.starts_with("cmdstat_mget:")).unwrap_or_default().to_owned()
    }

    pub fn command(&self, command: &str) -> String {
        let mut socket = UnixStream::connect(self.folder.join("socket")).expect("a server");
        socket.write_all(format!("{command}\r\n").as_bytes()).expect("a server");
        socket.shutdown(Shutdown::Write).expect("a socket");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("an answer");
        answer
    }

    /// Connections that are told of changes.
    pub fn watchers(&self) -> usize {
        self.command("CLIENT LIST").matches("resp=3").count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
        _ = fs::remove_dir_all(&self.folder);
    }
}

pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < LONGEST_WAIT, "never: {what}");
        sleep(PAUSE);
    }
}

pub fn get(store: &Store, key: &str) -> Option<String> {
    let value = store.mget(&[key]).expect("a server").remove(0);
    value.map(|value| String::from_utf8(value).expect("UTF-8"))
}
