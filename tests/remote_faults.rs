//! Stores on servers that do wrong: silent, gone, hostile. Needs no real one: a thread says what a test wants it to say.

#![cfg(feature = "redis")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use bytestore::{Error, Store};

/// A server that answers each command with the next of some answers, for every connection from the first one on.
struct Liar {
    url: String,
    connections: Arc<AtomicUsize>,
}

/// Before an answer: hang up instead.
const HANG_UP: &[u8] = b"";

impl Liar {
    /// `answers` of the connection of a number.
    fn new(answers: impl Fn(usize) -> Vec<Vec<u8>> + Send + 'static, options: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("redis://{}?{options}", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let count = connections.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let answers = answers(count.fetch_add(1, Ordering::SeqCst));
                std::thread::spawn(move || serve(client.unwrap(), &answers));
            }
        });
        Liar { url, connections }
    }

    fn store(&self) -> Store {
        Store::open(&self.url).unwrap()
    }
}

/// Answers every command; those that name the library do not count.
fn serve(mut client: TcpStream, answers: &[Vec<u8>]) {
    let mut answers = answers.iter();
    let mut heard = Vec::new();
    let mut some = [0; 4096];
    while let Ok(len @ 1..) = client.read(&mut some) {
        heard.extend_from_slice(&some[..len]);
        let greetings = heard.windows(7).filter(|part| part == b"SETINFO").count();
        for _ in 0..greetings {
            client.write_all(b"+OK\r\n").unwrap();
        }
        if greetings == 0 {
            match answers.next().map(Vec::as_slice) {
                Some(HANG_UP) => return,
                Some(answer) => client.write_all(answer).unwrap(),
                None => (), // silent
            }
        }
        heard.clear();
    }
}

fn always(answer: &[u8]) -> impl Fn(usize) -> Vec<Vec<u8>> + Send + 'static {
    let answer = answer.to_vec();
    move |_| vec![answer.clone(); 100]
}

fn message(store: &Store) -> String {
    String::from_utf8(store.remote_message().unwrap()).unwrap()
}

#[test]
fn nobody_waits_for_ever() {
    let silent = Liar::new(|_| Vec::new(), "timeout=100ms&retries=0");
    let store = silent.store();
    assert_eq!(store.mget(&["key"]), Err(Error::RemoteFailure));
    assert!(!message(&store).is_empty());
    assert_eq!(store.mset(&[("key", "value")]), Err(Error::RemoteFailure));
    assert_eq!(store.len(), Err(Error::RemoteFailure));
    assert!(store.keys("").unwrap().next().unwrap().is_err());
    store.close().unwrap();
    assert_eq!(store.mget(&["key"]), Err(Error::ClosedHandle));
}

#[test]
fn a_port_without_a_server_is_tried_as_often_as_was_said() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let store = Store::open(&format!("redis://{address}?retries=2")).unwrap();
    assert_eq!(store.mdelete(&["key"]), Err(Error::RemoteFailure));
    assert!(message(&store).contains("refused"), "{}", message(&store));

    let hanging = Liar::new(always(HANG_UP), "retries=2");
    assert_eq!(hanging.store().mget(&["key"]), Err(Error::RemoteFailure));
    assert_eq!(hanging.connections.load(Ordering::SeqCst), 3);
}

#[test]
fn what_fails_once_is_tried_again() {
    let answer = b"*1\r\n$5\r\nvalue\r\n".to_vec();
    for first in [HANG_UP, b"-LOADING a moment\r\n", b"-READONLY a replica\r\n"] {
        let then = answer.clone();
        let answers = move |number: usize| vec![if number == 0 { first.to_vec() } else { then.clone() }];
        let liar = Liar::new(answers, "retries=1");
        assert_eq!(liar.store().mget(&["key"]).unwrap(), [Some(b"value".to_vec())]);
        assert_eq!(liar.connections.load(Ordering::SeqCst), 2);
    }
}

#[test]
fn a_connection_that_was_hung_up_is_no_failure() {
    let answer = b"*1\r\n$-1\r\n".to_vec();
    let liar = Liar::new(move |_| vec![answer.clone(), HANG_UP.to_vec()], "retries=0");
    let store = liar.store();
    for _ in 0..4 {
        assert_eq!(store.mget(&["key"]).unwrap(), [None]);
    }
    assert_eq!(liar.connections.load(Ordering::SeqCst), 4);
}

#[test]
fn what_will_not_pass_is_not_tried_again() {
    for answer in [&b"-ERR unknown command\r\n"[..], b"-NOPERM no\r\n", b"-OOM command not allowed\r\n"] {
        let liar = Liar::new(always(answer), "retries=5");
        let store = liar.store();
        assert_eq!(store.mset(&[("key", "value")]), Err(Error::RemoteFailure));
        assert_eq!(liar.connections.load(Ordering::SeqCst), 1, "{}", message(&store));
    }
}

#[test]
fn no_answer_brings_the_caller_down() {
    for answer in [
        &b"hello\r\n"[..],
        b"\0\xff\r\n",
        b":1\r\n",
        b"$3\r\nabc\r\n",
        b"*0\r\n",
        b"*2\r\n$1\r\na\r\n$1\r\nb\r\n",
        b"*1\r\n*1\r\n$1\r\na\r\n",
        b"*1\r\n:5\r\n",
        b"*-7\r\n",
        b"*1000000000\r\n$1\r\na\r\n",
        b"*9223372036854775807\r\n",
        b"*1\r\n$9223372036854775807\r\na",
        b"*1\r\n$99999999999999999999999\r\na",
        b"%1000000000\r\n+a\r\n",
    ] {
        let liar = Liar::new(always(answer), "timeout=100ms&retries=0");
        let store = liar.store();
        let shown = String::from_utf8_lossy(answer);
        assert_eq!(store.mget(&["key"]), Err(Error::RemoteFailure), "{shown}");
        let _ = (store.mset(&[("key", "value")]), store.mdelete(&["key"]), store.len());
        let _ = store.keys("").unwrap().take(10).count();
    }
    let nested = b"*1\r\n".repeat(100_000);
    let liar = Liar::new(always(&nested), "timeout=100ms&retries=0");
    assert_eq!(liar.store().mget(&["key"]), Err(Error::RemoteFailure));
}
