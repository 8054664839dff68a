//! One question at a time, for what is found out before measuring.

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::load;

/// A connection to a server.
pub(crate) struct Client {
    stream: TcpStream,
    address: String,
    token: Option<String>,
    buffer: Vec<u8>,
}

impl Client {
    /// Connects.
    pub(crate) async fn connect(address: &str, token: Option<&str>) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            address: address.to_owned(),
            token: token.map(str::to_owned),
            buffer: Vec::new(),
        })
    }

    /// The data of an answer without errors.
    pub(crate) async fn ask(&mut self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let request = load::request(&self.address, self.token.as_deref(), &body);
        self.stream.write_all(&request).await?;
        let (status, start) = load::read(&mut self.stream, &mut self.buffer).await?;
        let mut answer: Value = serde_json::from_slice(&self.buffer[start..])
            .with_context(|| format!("the server answered {status} without JSON"))?;
        if status != 200 || answer.get("errors").is_some() {
            bail!("the server answered {status}: {answer}");
        }
        Ok(answer["data"].take())
    }

    /// Whether `/readyz` says so.
    pub(crate) async fn is_ready(&mut self) -> anyhow::Result<bool> {
        let request = format!("GET /readyz HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        self.stream.write_all(request.as_bytes()).await?;
        let (status, _) = load::read(&mut self.stream, &mut self.buffer).await?;
        Ok(status == 200)
    }
}
