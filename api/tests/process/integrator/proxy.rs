//! Stands between the LMS and the server, and kills one of them, or cuts the line, at a chosen moment of a chosen request.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// When in the life of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// It was sent, and has not reached the server.
    Before,
    /// The server works on it, for so long.
    During(Duration),
    /// The answer is there, and has not reached the LMS.
    After,
}

/// What happens then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blow {
    /// The server is killed.
    KillServer,
    /// The LMS is killed.
    KillLms,
    /// The line is cut.
    Cut,
}

/// A blow at the request of that number, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Strike {
    pub(super) request: usize,
    pub(super) moment: Moment,
    pub(super) blow: Blow,
}

/// Where the server listens; none while there is none.
pub(super) type Address = watch::Receiver<Option<String>>;

#[derive(Default)]
struct State {
    plan: Option<Strike>,
    requests: usize,
    struck: Option<Strike>,
}

/// Deals a blow; called where no other task waits for it.
type Deal = Arc<dyn Fn(Blow) + Send + Sync>;

/// The proxy, on a port of its own that stays the same.
#[derive(Clone)]
pub(super) struct Proxy {
    pub(super) url: String,
    server: Address,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    pub(super) async fn start(
        server: Address,
        deal: impl Fn(Blow) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let proxy = Self { url, server, state };
        let (shared, deal): (_, Deal) = (proxy.clone(), Arc::new(deal));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (proxy, deal) = (shared.clone(), Arc::clone(&deal));
                // What fails here is a line that is cut: that is what it is for.
                tokio::spawn(async move { proxy.pass(stream, deal).await });
            }
        });
        proxy
    }

    /// What is to happen next; requests are counted anew.
    pub(super) fn plan(&self, strike: Option<Strike>) {
        let mut state = self.state.lock().unwrap();
        (state.plan, state.requests, state.struck) = (strike, 0, None);
    }

    /// What happened since.
    pub(super) fn struck(&self) -> Option<Strike> {
        self.state.lock().unwrap().struck
    }

    /// The strike at the request that came just now, if it is its turn.
    fn next(&self) -> Option<Strike> {
        let mut state = self.state.lock().unwrap();
        let number = state.requests;
        state.requests += 1;
        let strike = state.plan.take_if(|strike| strike.request == number);
        state.struck = state.struck.or(strike);
        strike
    }

    async fn pass(&self, mut lms: TcpStream, deal: Deal) -> std::io::Result<()> {
        let request = read_request(&mut lms).await?;
        let strike = self.next();
        if let Some(Strike {
            blow,
            moment: Moment::Before,
            ..
        }) = strike
        {
            return strike_down(lms, deal, blow).await;
        }
        let address = self.server.borrow().clone();
        let Some(address) = address else {
            return Ok(());
        };
        let mut server = TcpStream::connect(address.trim_start_matches("http://")).await?;
        server.write_all(&request).await?;
        if let Some(Strike {
            blow,
            moment: Moment::During(time),
            ..
        }) = strike
        {
            tokio::time::sleep(time).await;
            return strike_down(lms, deal, blow).await;
        }
        let mut answer = Vec::new();
        server.read_to_end(&mut answer).await?;
        if let Some(Strike { blow, .. }) = strike {
            // Half an answer is none.
            lms.write_all(&answer[..answer.len() / 2]).await?;
            return strike_down(lms, deal, blow).await;
        }
        lms.write_all(&answer).await
    }
}

/// Cuts the line, and does what else the blow is.
async fn strike_down(lms: TcpStream, deal: Deal, blow: Blow) -> std::io::Result<()> {
    if blow == Blow::KillLms {
        // Dead before the line is cut: it must not notice.
        let dealt = tokio::task::spawn_blocking(move || deal(blow)).await;
        drop(lms);
        return dealt.map_err(std::io::Error::other);
    }
    drop(lms);
    tokio::task::spawn_blocking(move || deal(blow))
        .await
        .map_err(std::io::Error::other)
}

/// Reads a request to its end, and asks the server to close the line after its answer.
async fn read_request(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let (head, body) = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break (String::from_utf8_lossy(&bytes[..end]).into_owned(), end + 4);
        }
    };
    let header = |line: &str, name: &str| {
        let (found, value) = line.split_once(':')?;
        found
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    };
    let length = head
        .lines()
        .find_map(|line| header(line, "content-length"))
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    let mut body = bytes.split_off(body);
    while body.len() < length {
        if stream.read_buf(&mut body).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    let kept = head
        .lines()
        .filter(|line| header(line, "connection").is_none())
        .collect::<Vec<_>>()
        .join("\r\n");
    let mut request = format!("{kept}\r\nconnection: close\r\n\r\n").into_bytes();
    request.append(&mut body);
    Ok(request)
}
