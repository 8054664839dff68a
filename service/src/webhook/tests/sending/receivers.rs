//! Where an attempt may lead, what of an answer decides it, and what is said of its failure.

use chrono::TimeDelta;

use super::*;

#[tokio::test]
async fn an_attempt_is_decided_by_the_status_of_the_answer() {
    let (scene, webhook) = one_waits().await;
    let receiver = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/", receiver.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = receiver.accept().await {
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                head(&mut stream).await;
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
                stream.write_all(answer).await.unwrap();
                // The body never comes.
                let _ = stream.read_to_end(&mut Vec::new()).await;
            });
        }
    });
    lead_to(&scene, &webhook, url).await;
    let options = WebhookOptions {
        // Less than it is waited for the rest of an answer.
        request_time: Duration::from_millis(900),
        ..OPEN
    };
    let tally = scene.dispatcher(options).send_due().await.unwrap();
    assert_eq!(tally.delivered, 1);
}

#[tokio::test]
async fn what_an_address_leads_to_is_judged_when_it_is_sent() {
    let (scene, webhook) = one_waits().await;
    // The switch that it was made under is off now.
    let strict = scene.misled(&["127.0.0.1"]);
    assert_eq!(strict.send_due().await.unwrap().retried, 1);
    let error = scene.deliveries().await.remove(0).last_error.unwrap();
    assert!(error.contains("https://"), "{error}");
    // A name that was public once leads to this machine.
    let port = scene.counter.address.port();
    let name = UpdateWebhook {
        url: Some(format!("https://learn.example.org:{port}/hooks")),
        ..UpdateWebhook::default()
    };
    let closed = WebhookOptions::default();
    update(&scene.store, closed, &scene.author, webhook.id, name)
        .await
        .unwrap();
    for addresses in [&["127.0.0.1"], &["::1"], &["::ffff:127.0.0.1"]] {
        scene.store.clock().advance(TimeDelta::hours(1));
        let tally = scene.misled(addresses).send_due().await.unwrap();
        assert_eq!(tally.retried, 1, "{addresses:?}");
        let error = scene.deliveries().await.remove(0).last_error.unwrap();
        assert_eq!(error, "The receiver's name leads to no public address.");
    }
    assert_eq!(scene.counter.counted(), (0, 0), "nobody was connected to");
}

#[tokio::test]
async fn failures_say_little_of_the_network() {
    let (scene, webhook) = one_waits().await;
    let free = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let closed = free.local_addr().unwrap();
    drop(free);
    let plain = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let plain_address = plain.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            let answer = b"HTTP/1.1 400 Bad Request\r\n\r\n";
            stream.write_all(answer).await.unwrap();
            // Closed by whoever cannot read this.
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    });
    for (url, expected) in [
        (
            format!("http://{closed}/"),
            "The receiver could not be connected to.",
        ),
        (
            format!("https://{plain_address}/"),
            "No secure connection could be made",
        ),
        (
            "http://learn.example.org/".to_owned(),
            "The receiver's name could not be resolved.",
        ),
    ] {
        lead_to(&scene, &webhook, url.clone()).await;
        scene.store.clock().advance(TimeDelta::hours(1));
        let nameless = Arc::new(|_: &str| Err(std::io::Error::other("there is no such name")));
        let store = scene.store.clone();
        let dispatcher = Dispatcher::with_lookup(store, OPEN, RowNames, nameless).unwrap();
        dispatcher.send_due().await.unwrap();
        let error = scene.deliveries().await.remove(0).last_error.unwrap();
        assert!(error.starts_with(expected), "{url}: {error}");
        assert!(!error.contains("127.0.0.1"), "{error}");
    }
}
