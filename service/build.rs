//! Packs the demonstration's content, which the binary carries.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::DeflateEncoder;

const FILES: [&str; 5] = [
    "domains",
    "communities",
    "resources",
    "practices",
    "innovations",
];

fn main() -> io::Result<()> {
    let source = Path::new("../demo");
    let target =
        std::env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    for name in FILES {
        let from = source.join(name).with_extension("ndjson");
        println!("cargo::rerun-if-changed={}", from.display());
        let packed = fs::File::create(Path::new(&target).join(name).with_extension("deflate"))?;
        let mut encoder = DeflateEncoder::new(packed, Compression::fast());
        encoder.write_all(&fs::read(&from)?)?;
        encoder.finish()?;
    }
    Ok(())
}
