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

    /// Whether the server has made searchable what was written up to a position. It says no after waiting for some
    /// seconds.
    pub(crate) async fn has_reached(&mut self, position: &str) -> anyhow::Result<bool> {
        let body = r#"{"query":"{__typename}"}"#;
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nX-Repertoire-Position: \
             {position}\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        match load::read(&mut self.stream, &mut self.buffer).await? {
            (200, _) => Ok(true),
            (503, _) => Ok(false),
            (status, _) => bail!("the server answered {status} when asked to wait for {position}"),
        }
    }

    /// Whether `/readyz` says so.
    pub(crate) async fn is_ready(&mut self) -> anyhow::Result<bool> {
        let request = format!("GET /readyz HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        self.stream.write_all(request.as_bytes()).await?;
        let (status, _) = load::read(&mut self.stream, &mut self.buffer).await?;
        Ok(status == 200)
    }
}
