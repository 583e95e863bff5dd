//! What the fuzz targets share.

pub mod abi;
pub mod choices;
#[path = "../../../model/dict.rs"]
pub mod dict;
pub mod entropy;
pub mod snapshot;
