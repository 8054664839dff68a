//! Activities: when they take place, who comes, what is noted and what is made.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const CREATE: &str = "mutation($input: CreateActivityInput!) {
    createActivity(input: $input) { activity { id title state revision } position userErrors { code field message } }
}";
const UPDATE: &str = "mutation($id: ID!, $input: UpdateActivityInput!, $revision: Int) {
    updateActivity(id: $id, input: $input, expectedRevision: $revision) {
        activity { title agenda place recurrence revision } position userErrors { code field message currentRevision }
    }
}";
const ATTEND: &str = "mutation($id: ID!, $start: DateTime!, $state: AttendanceState!, $user: ID) {
    setAttendance(activityId: $id, recurrenceId: $start, state: $state, userId: $user) {
        activity { id } position userErrors { code field message }
    }
}";

fn monthly(community: &Value) -> Value {
    json!({
        "communityId": community, "title": "Counting circle", "kind": "MEETING", "mode": "ONLINE",
        "startsAt": "2026-01-14T00:00:00Z", "endsAt": "2026-01-14T01:30:00Z", "timeZone": "America/Toronto",
        "recurrence": "FREQ=MONTHLY;BYDAY=2TU", "joinUrl": "https://meet.example.org/tapioca",
        "agenda": "Bring one **worked** example.", "place": "The blue room",
    })
}

fn with(mut input: Value, field: &str, value: Value) -> Value {
    input[field] = value;
    input
}

async fn create(client: &Client, input: Value) -> Value {
    client.mutate(CREATE, json!({ "input": input })).await["activity"]["id"].clone()
}

async fn starts(client: &Client, id: &Value, from: &str, to: &str) -> Vec<String> {
    let query = "query($id: ID!, $from: DateTime!, $to: DateTime!) {
        activity(id: $id) { occurrences(from: $from, to: $to) { startsAt } } }";
    let found = client
        .query(query, json!({ "id": id, "from": from, "to": to }))
        .await;
    found["activity"]["occurrences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["startsAt"].as_str().unwrap().to_owned())
        .collect()
}

on_both_databases! {
    async fn a_monthly_meeting_stays_at_its_hour_all_year(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Numeracy", json!({})).await;
        let id = create(&facilitator, monthly(&community)).await;
        let year = starts(&app.anonymous(), &id, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z").await;
        assert_eq!(year.len(), 12);
        assert_eq!(year[1], "2026-02-11T00:00:00Z", "19:00 in Toronto in winter");
        assert_eq!(year[2], "2026-03-10T23:00:00Z", "and in summer");
        let show = "query($id: ID!) { community(id: $id) { activities(first: 5) { totalCount nodes { title
            availableTransitions { lifecycle to blockedBy { code } } viewerCan } } } node(id: $id) { id } }";
        let shown = facilitator.query(show, json!({ "id": community })).await;
        let shown = &shown["community"]["activities"];
        assert_eq!(shown["totalCount"], 1);
        assert_eq!(shown["nodes"][0]["availableTransitions"], json!([
            { "lifecycle": "STATE", "to": "HELD", "blockedBy": [] },
            { "lifecycle": "STATE", "to": "CANCELLED", "blockedBy": [] },
        ]));
        assert_eq!(shown["nodes"][0]["viewerCan"], json!(["READ", "UPDATE", "ATTEND"]));
        let found = app.anonymous().query("query($id: ID!) { node(id: $id) { ... on Activity { title
            availableTransitions { blockedBy { code } } } } }", json!({ "id": id })).await;
        assert_eq!(found["node"]["availableTransitions"][0]["blockedBy"][0]["code"], "NOT_ALLOWED");
    }

    async fn activities_are_listed_by_when_they_begin(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Numeracy", json!({})).await;
        for (title, day, kind) in [("Third", 20, "SOCIAL"), ("First", 5, "WORKSHOP"), ("Second", 12, "SOCIAL")] {
            let input = json!({
                "communityId": community, "title": title, "kind": kind, "mode": "HYBRID", "timeZone": "Europe/Paris",
                "startsAt": format!("2026-05-{day:02}T08:00:00Z"), "endsAt": format!("2026-05-{day:02}T09:00:00Z"),
            });
            create(&facilitator, input).await;
        }
        let list = "query($id: ID!, $filter: ActivityFilter, $first: Int, $after: String) { community(id: $id) {
            activities(filter: $filter, first: $first, after: $after) {
                totalCount nodes { title } pageInfo { endCursor hasNextPage } } } }";
        let titles = |found: &Value| -> Vec<String> {
            found["community"]["activities"]["nodes"].as_array().unwrap().iter()
                .map(|node| node["title"].as_str().unwrap().to_owned()).collect()
        };
        let anybody = app.anonymous();
        let page = anybody.query(list, json!({ "id": community, "first": 2 })).await;
        assert_eq!(titles(&page), ["First", "Second"]);
        let after = &page["community"]["activities"]["pageInfo"]["endCursor"];
        let rest = anybody.query(list, json!({ "id": community, "first": 2, "after": after })).await;
        assert_eq!(titles(&rest), ["Third"]);
        for (filter, expected) in [
            (json!({ "kinds": ["SOCIAL"] }), vec!["Second", "Third"]),
            (json!({ "states": ["HELD"] }), vec![]),
            (json!({ "startsAt": { "from": "2026-05-12T08:00:00Z", "to": "2026-05-20T08:00:00Z" } }), vec!["Second"]),
        ] {
            let found = anybody.query(list, json!({ "id": community, "filter": filter })).await;
            assert_eq!(titles(&found), expected, "{filter}");
        }
    }

    async fn a_calendar_holds_what_takes_place_in_a_range(app: App) {
        let facilitator = app.person("Ada").await;
        let member = app.person("Ben").await;
        let community = facilitator.create_community("Numeracy", json!({})).await;
        let other = facilitator.create_community("Reading", json!({})).await;
        member.join(&community).await;
        let monthly_id = create(&facilitator, monthly(&community)).await;
        let single = |community: &Value, title: &str, day: &str, visibility: &str| json!({
            "communityId": community, "title": title, "kind": "WORKSHOP", "mode": "ONLINE", "timeZone": "Europe/Paris",
            "startsAt": format!("{day}T08:00:00Z"), "endsAt": format!("{day}T09:00:00Z"), "visibility": visibility,
        });
        create(&facilitator, single(&community, "In May", "2026-05-04", "COMMUNITY")).await;
        create(&facilitator, single(&community, "Among us", "2026-05-05", "MEMBERS")).await;
        create(&facilitator, single(&community, "In July", "2026-07-01", "COMMUNITY")).await;
        create(&facilitator, single(&other, "Elsewhere", "2026-05-06", "COMMUNITY")).await;
        let meetings = starts(&facilitator, &monthly_id, "2026-04-01T00:00:00Z", "2026-07-01T00:00:00Z").await;
        let moved = "mutation($id: ID!, $start: DateTime!, $input: UpdateOccurrenceInput!) {
            updateOccurrence(activityId: $id, recurrenceId: $start, input: $input) { userErrors { code field message } } }";
        facilitator.mutate(moved, json!({ "id": monthly_id, "start": meetings[2], "input": {
            "startsAt": "2026-05-30T10:00:00Z", "endsAt": "2026-05-30T11:00:00Z" } })).await;

        let range = "from: \"2026-05-01T00:00:00Z\", to: \"2026-06-01T00:00:00Z\"";
        let of_community = format!("query($id: ID!) {{ community(id: $id) {{ calendar({range}) {{ startsAt activity {{ title }} }} }} }}");
        let of_mine = format!("{{ calendar({range}) {{ startsAt activity {{ title }} }} }}");
        let titles = |entries: &Value| -> Vec<String> {
            entries.as_array().unwrap().iter().map(|entry| entry["activity"]["title"].as_str().unwrap().to_owned()).collect()
        };
        let meeting = "Counting circle";
        let seen = app.anonymous().query(&of_community, json!({ "id": community })).await["community"]["calendar"].clone();
        assert_eq!(titles(&seen), ["In May", meeting, meeting], "{seen:#}");
        assert_eq!(seen[1]["startsAt"], meetings[1].as_str());
        assert_eq!(seen[2]["startsAt"], "2026-05-30T10:00:00Z", "moved into the range");
        let seen = member.query(&of_mine, json!({})).await["calendar"].clone();
        assert_eq!(titles(&seen), ["In May", "Among us", meeting, meeting]);
        let seen = facilitator.query(&of_mine, json!({})).await["calendar"].clone();
        assert_eq!(titles(&seen), ["In May", "Among us", "Elsewhere", meeting, meeting]);
        assert_eq!(app.anonymous().query(&of_mine, json!({})).await["calendar"], json!([]));

        let backwards = "{ calendar(from: \"2026-06-01T00:00:00Z\", to: \"2026-05-01T00:00:00Z\") { startsAt } }";
        assert_eq!(member.send(backwards, json!({})).await.body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        let hide = "mutation($id: ID!) { updateCommunity(id: $id, input: { visibility: PRIVATE }) { userErrors { code field message } } }";
        facilitator.mutate(hide, json!({ "id": community })).await;
        let seen = app.anonymous().query(&of_community, json!({ "id": community })).await;
        assert!(seen["community"].is_null() || seen["community"]["calendar"] == json!([]), "{seen:#}");
        let seen = app.person("Cleo").await.query(&of_community, json!({ "id": community })).await;
        assert_eq!(seen["community"]["calendar"], json!([]));
    }

    async fn only_facilitators_make_and_change_activities(app: App) {
        let facilitator = app.person("Ada").await;
        let member = app.person("Ben").await;
        let community = facilitator.create_community("Numeracy", json!({})).await;
        member.join(&community).await;
        let input = json!({ "input": monthly(&community) });
        assert_eq!(member.refused(CREATE, input.clone()).await, ["FORBIDDEN input.communityId"]);
        assert_eq!(app.person("Cleo").await.refused(CREATE, input).await, ["FORBIDDEN input.communityId"]);
        let id = create(&facilitator, monthly(&community)).await;
        let change = json!({ "id": id, "input": { "title": "Mine" } });
        assert_eq!(member.refused(UPDATE, change).await, ["FORBIDDEN id"]);
        // Absent stays, null empties, and a stale revision is a conflict.
        let changed = facilitator.mutate(UPDATE, json!({
            "id": id, "input": { "title": "Counting together", "agenda": null }, "revision": 1 })).await;
        assert_eq!(changed["activity"], json!({
            "title": "Counting together", "agenda": null, "place": "The blue room",
            "recurrence": "FREQ=MONTHLY;BYDAY=2TU", "revision": 2 }));
        let stale = json!({ "id": id, "input": { "title": "Old" }, "revision": 1 });
        assert_eq!(facilitator.refused(UPDATE, stale).await, ["CONFLICT expectedRevision"]);
        let same = facilitator.mutate(UPDATE, json!({ "id": id, "input": { "title": "Counting together" } })).await;
        assert_eq!(same["position"], changed["position"], "the same again changes nothing");
        let archive = "mutation($id: ID!) { archiveCommunity(id: $id) { userErrors { code field message } } }";
        facilitator.mutate(archive, json!({ "id": community })).await;
        let late = json!({ "id": id, "input": { "title": "Late" } });
        assert_eq!(facilitator.refused(UPDATE, late).await, ["FORBIDDEN id"]);
        let attend = json!({ "id": id, "start": "2026-01-14T00:00:00Z", "state": "GOING" });
        assert_eq!(member.refused(ATTEND, attend).await, ["FORBIDDEN activityId"]);
    }

    async fn bad_times_are_refused_with_all_their_faults(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Numeracy", json!({})).await;
        let good = monthly(&community);
        let position = "{ serverInfo { position } }";
        let before = facilitator.query(position, json!({})).await;
        for (field, value, expected) in [
            ("timeZone", json!("Mars/Olympus_Mons"), "INVALID input.timeZone"),
            ("endsAt", json!("2026-01-13T23:00:00Z"), "INVALID input.endsAt"),
            ("endsAt", json!("2026-01-14T00:00:00Z"), "INVALID input.endsAt"),
            ("startsAt", json!("tomorrow"), "INVALID input.startsAt"),
            ("startsAt", json!("1970-01-01T00:00:00Z"), "OUT_OF_RANGE input.startsAt"),
            ("recurrence", json!("FREQ=SECONDLY"), "INVALID input.recurrence"),
            ("recurrence", json!("FREQ=HOURLY;BYDAY=2TU"), "INVALID input.recurrence"),
            ("recurrence", json!("FREQ=DAILY;BYHOUR=19,20"), "OUT_OF_RANGE input.recurrence"),
            ("recurrence", json!("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "INVALID input.recurrence"),
            ("recurrence", json!("second Tuesday"), "INVALID input.recurrence"),
            ("joinUrl", json!("javascript:alert(1)"), "INVALID input.joinUrl"),
            ("title", json!(" "), "REQUIRED input.title"),
        ] {
            let input = json!({ "input": with(good.clone(), field, value.clone()) });
            let found = facilitator.refused(CREATE, input).await;
            assert!(found.contains(&expected.to_owned()), "{field} {value}: {found:?}");
        }
        let unreadable = with(with(good.clone(), "startsAt", json!("?")), "endsAt", json!("1970-01-02T00:00:00Z"));
        let single = with(unreadable, "recurrence", Value::Null);
        assert_eq!(facilitator.refused(CREATE, json!({ "input": single })).await, ["INVALID input.startsAt"]);
        let several = with(with(good.clone(), "timeZone", json!("Nowhere")), "title", json!(""));
        let mut found = facilitator.refused(CREATE, json!({ "input": with(several, "endsAt", json!("2020-01-01T00:00:00Z")) })).await;
        found.sort();
        assert_eq!(found, ["INVALID input.endsAt", "INVALID input.timeZone", "REQUIRED input.title"]);
        assert_eq!(facilitator.query(position, json!({})).await, before, "nothing was written");
        let id = create(&facilitator, good).await;
        let long = "query($id: ID!) { activity(id: $id) {
            occurrences(from: \"2026-01-01T00:00:00Z\", to: \"2027-02-06T00:00:00Z\") { startsAt } } }";
        assert_eq!(facilitator.failed(long, json!({ "id": id })).await, ["BAD_USER_INPUT"]);
    }

    async fn members_say_whether_they_come_and_only_members_see_it(app: App) {
        let facilitator = app.person("Ada").await;
        let member = app.person("Ben").await;
        let community = facilitator.create_community("Numeracy", json!({})).await;
        member.join(&community).await;
        let id = create(&facilitator, monthly(&community)).await;
        let start = "2026-02-11T00:00:00Z";
        let say = |state: &str| json!({ "id": id, "start": start, "state": state });
        let said = member.mutate(ATTEND, say("GOING")).await;
        assert_eq!(member.mutate(ATTEND, say("GOING")).await["position"], said["position"]);
        let outside = json!({ "id": id, "start": "2026-02-11T01:00:00Z", "state": "GOING" });
        assert_eq!(member.refused(ATTEND, outside).await, ["NOT_FOUND recurrenceId"]);
        facilitator.mutate(ATTEND, json!({ "id": id, "start": start, "state": "ATTENDED", "user": member.my_id().await })).await;
        let show = "query($id: ID!) { activity(id: $id) { joinUrl
            occurrences(from: \"2026-02-01T00:00:00Z\", to: \"2026-03-01T00:00:00Z\") {
                recurrenceId attendance(first: 5) { totalCount nodes { state user { displayName } } }
                going: attendance(state: GOING) { totalCount } } } }";
        let seen = member.query(show, json!({ "id": id })).await;
        assert_eq!(seen["activity"]["joinUrl"], "https://meet.example.org/tapioca");
        assert_eq!(seen["activity"]["occurrences"], json!([{
            "recurrenceId": start,
            "attendance": { "totalCount": 1, "nodes": [{ "state": "ATTENDED", "user": { "displayName": "Ben" } }] },
            "going": { "totalCount": 0 },
        }]));
        for stranger in [app.anonymous(), app.person("Cleo").await, app.administrator().await] {
            let seen = stranger.query(show, json!({ "id": id })).await;
            assert_eq!(seen["activity"]["joinUrl"], Value::Null);
            assert_eq!(seen["activity"]["occurrences"][0]["attendance"], json!({ "totalCount": 0, "nodes": [] }));
        }
        let leave = "mutation($id: ID!) { leaveCommunity(communityId: $id) { userErrors { code field message } } }";
        member.mutate(leave, json!({ "id": community })).await;
        assert_eq!(member.refused(ATTEND, say("MAYBE")).await, ["FORBIDDEN activityId"], "who left no longer comes");
    }

    async fn two_who_say_so_at_once_are_counted_once(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Numeracy", json!({})).await;
        let id = create(&facilitator, monthly(&community)).await;
        let say = |state: &str| facilitator.payload(ATTEND, json!({ "id": id, "start": "2026-02-11T00:00:00Z", "state": state }));
        let (one, two, three) = tokio::join!(say("GOING"), say("GOING"), say("MAYBE"));
        for answer in [one, two, three] {
            assert_eq!(answer["userErrors"], json!([]));
        }
        let show = "query($id: ID!) { activity(id: $id) { occurrences(from: \"2026-02-01T00:00:00Z\", to: \"2026-03-01T00:00:00Z\") {
            attendance { totalCount } } } }";
        let seen = facilitator.query(show, json!({ "id": id })).await;
        assert_eq!(seen["activity"]["occurrences"][0]["attendance"]["totalCount"], 1);
    }

    async fn of_two_facilitators_at_once_one_decides(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Numeracy", json!({})).await;
        for _ in 0..3 {
            let id = create(&facilitator, monthly(&community)).await;
            let set = "mutation($id: ID!, $state: ActivityState!) { setActivityState(id: $id, state: $state, reason: \"Snow.\") {
                activity { state } userErrors { code field message blockedBy { code } } } }";
            let decide = |state: &str| facilitator.payload(set, json!({ "id": id, "state": state }));
            let (held, cancelled) = tokio::join!(decide("HELD"), decide("CANCELLED"));
            let refused = if held["activity"].is_null() { &held } else { &cancelled };
            assert_ne!(held["activity"].is_null(), cancelled["activity"].is_null(), "{held:#} {cancelled:#}");
            assert_eq!(refused["userErrors"][0]["code"], "INVALID_TRANSITION");
            assert_eq!(refused["userErrors"][0]["blockedBy"][0]["code"], "NOT_FROM_HERE");
        }
    }

    async fn an_occurrence_is_moved_noted_and_cancelled_by_itself(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Numeracy", json!({})).await;
        let id = create(&facilitator, monthly(&community)).await;
        let update = "mutation($id: ID!, $start: DateTime!, $input: UpdateOccurrenceInput!) {
            updateOccurrence(activityId: $id, recurrenceId: $start, input: $input) {
                activity { occurrences(from: \"2026-02-01T00:00:00Z\", to: \"2026-03-01T00:00:00Z\") {
                    recurrenceId startsAt state agenda notes recordingUrl } }
                userErrors { code field message } } }";
        let start = "2026-02-11T00:00:00Z";
        let change = |input: Value| json!({ "id": id, "start": start, "input": input });
        let moved = facilitator.mutate(update, change(json!({
            "startsAt": "2026-02-12T00:00:00Z", "endsAt": "2026-02-12T01:00:00Z", "state": "HELD",
            "notes": "Ten came.", "recordingUrl": "https://video.example.org/1" }))).await;
        assert_eq!(moved["activity"]["occurrences"], json!([{
            "recurrenceId": start, "startsAt": "2026-02-12T00:00:00Z", "state": "HELD",
            "agenda": "Bring one **worked** example.", "notes": "Ten came.", "recordingUrl": "https://video.example.org/1" }]));
        assert_eq!(facilitator.refused(update, change(json!({ "state": "CANCELLED" }))).await, ["INVALID_TRANSITION input.state"]);
        assert_eq!(
            facilitator.refused(update, change(json!({ "endsAt": "2026-02-11T00:00:00Z" }))).await,
            ["INVALID input.endsAt"]
        );
        let nowhere = json!({ "id": id, "start": "2026-02-12T00:00:00Z", "input": { "notes": "?" } });
        assert_eq!(facilitator.refused(update, nowhere).await, ["NOT_FOUND recurrenceId"], "it keeps its first start as its id");
    }

    async fn what_is_made_in_a_meeting_says_so(app: App) {
        let facilitator = app.person("Ada").await;
        let member = app.person("Ben").await;
        let community = facilitator.create_community("Numeracy", json!({})).await;
        let other = facilitator.create_community("Other", json!({})).await;
        member.join(&community).await;
        let id = create(&facilitator, monthly(&community)).await;
        let start = "2026-02-11T00:00:00Z";
        let made_in = json!({ "madeInId": id, "madeInOccurrence": start });
        let guide = member.create_resource(&community, "Guide", made_in.clone()).await;
        let mut hidden = made_in.clone();
        hidden["visibility"] = json!("AUTHORS");
        member.create_resource(&community, "Draft of mine", hidden).await;
        let idea = "mutation($input: CreateInnovationInput!) {
            createInnovation(input: $input) { innovation { madeIn { title } madeInOccurrence } userErrors { code field message } } }";
        let input = json!({ "communityId": community, "title": "Outside", "idea": "Count trees.", "madeInId": id });
        let innovation = member.mutate(idea, json!({ "input": input })).await;
        assert_eq!(innovation["innovation"], json!({ "madeIn": { "title": "Counting circle" }, "madeInOccurrence": null }));

        let show = "query($id: ID!) { activity(id: $id) {
            outputs(first: 10) { totalCount nodes { ... on Item { title } } }
            occurrences(from: \"2026-02-01T00:00:00Z\", to: \"2026-03-01T00:00:00Z\") {
                outputs { totalCount nodes { ... on Item { title } } } } } }";
        let titles = |outputs: &Value| -> Vec<String> {
            let nodes = outputs["nodes"].as_array().unwrap();
            assert_eq!(outputs["totalCount"], nodes.len());
            nodes.iter().map(|node| node["title"].as_str().unwrap().to_owned()).collect()
        };
        let mine = member.query(show, json!({ "id": id })).await;
        assert_eq!(titles(&mine["activity"]["outputs"]), ["Guide", "Draft of mine", "Outside"]);
        let seen = app.anonymous().query(show, json!({ "id": id })).await;
        assert_eq!(titles(&seen["activity"]["outputs"]), ["Guide", "Outside"], "filtered for the viewer, the total too");
        assert_eq!(titles(&seen["activity"]["occurrences"][0]["outputs"]), ["Guide"]);

        let resource = "query($id: ID!) { resource(id: $id) { madeIn { id } madeInOccurrence } }";
        let found = app.anonymous().query(resource, json!({ "id": guide })).await;
        assert_eq!(found["resource"], json!({ "madeIn": { "id": id }, "madeInOccurrence": start }));
        let hide = json!({ "id": id, "input": { "visibility": "MEMBERS" } });
        facilitator.mutate(UPDATE, hide).await;
        let found = app.anonymous().query(resource, json!({ "id": guide })).await;
        assert_eq!(found["resource"], json!({ "madeIn": null, "madeInOccurrence": null }));

        let create = "mutation($input: CreateResourceInput!) { createResource(input: $input) { resource { id } userErrors { code field message } } }";
        let bad = |community: &Value, more: Value| {
            let mut input = json!({ "communityId": community, "title": "X", "kind": "ARTICLE" });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({ "input": input })
        };
        assert_eq!(facilitator.refused(create, bad(&other, made_in.clone())).await, ["NOT_FOUND input.madeInId"], "of another community");
        let wrong = json!({ "madeInId": id, "madeInOccurrence": "2026-02-10T00:00:00Z" });
        assert_eq!(member.refused(create, bad(&community, wrong)).await, ["NOT_FOUND input.madeInOccurrence"]);
        let lone = json!({ "madeInOccurrence": start });
        assert_eq!(member.refused(create, bad(&community, lone)).await, ["REQUIRED input.madeInId"]);
    }

    async fn search_finds_activities_and_conceals_what_is_for_members(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Numeracy", json!({})).await;
        let id = create(&facilitator, monthly(&community)).await;
        let noted = facilitator.mutate(
            "mutation($id: ID!, $start: DateTime!) { updateOccurrence(activityId: $id, recurrenceId: $start,
                input: { notes: \"Somebody mentioned abacuses.\" }) { position userErrors { code field message } } }",
            json!({ "id": id, "start": "2026-02-11T00:00:00Z" }),
        ).await;
        let here = app.anonymous().at(&noted["position"]);
        for query in ["counting circle", "worked example", "blue room", "abacuses", "kind:activity"] {
            assert_eq!(here.search_titles(query).await, ["Counting circle"], "{query}");
        }
        let where_to_join = facilitator.at(&noted["position"]).search_titles("tapioca").await;
        assert_eq!(where_to_join, Vec::<String>::new(), "where to join is in no document");
        let of_kind = "{ search(query: \"\", filter: { kinds: [ACTIVITY] }) { totalCount nodes { ... on Activity { state } } } }";
        assert_eq!(here.query(of_kind, json!({})).await["search"], json!({ "totalCount": 1, "nodes": [{ "state": "PLANNED" }] }));
        let hidden = facilitator.mutate(UPDATE, json!({ "id": id, "input": { "visibility": "MEMBERS" } })).await;
        assert_eq!(app.anonymous().search_titles("counting circle").await, Vec::<String>::new(), "gone at once");
        assert_eq!(app.anonymous().at(&hidden["position"]).search_titles("abacuses").await, Vec::<String>::new());
        assert_eq!(facilitator.at(&hidden["position"]).search_titles("abacuses").await, ["Counting circle"]);
    }
}
