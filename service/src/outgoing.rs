//! HTTP that the server itself asks of others: one place for how, so that every call uses the same TLS.

use reqwest::ClientBuilder;
use rustls::crypto::ring;

/// A client to build on, with rustls over ring as its TLS and the system's certificates as its trust.
///
/// A caller adds what its purpose needs: time limits, redirects, addresses that it refuses.
pub fn client() -> ClientBuilder {
    // The first caller decides for the whole process; every later one wants the same.
    let _ = ring::default_provider().install_default();
    ClientBuilder::new()
}
