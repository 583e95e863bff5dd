//! Copies in this process of what is on a server: what is read through them is what the server has, or had a moment ago.
//! Each test has a server of its own, so redis-server must be installed.
#![cfg(feature = "redis")]

mod child;
#[path = "remote/tier_server.rs"]
mod server;
#[path = "remote/tiers.rs"]
mod tiers;
