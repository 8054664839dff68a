//! What people do in the life of a community, all of it sent twice.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

use crate::experience_report::tell;
use crate::pilot::plan;

on_both_databases! {
    async fn what_people_do_is_answered_again(app: App) {
        let repeating = async |name: &str| app.person(name).await.repeating();
        let (ada, ben, cleo) = (repeating("Ada").await, repeating("Ben").await, repeating("Cleo").await);
        let administrator = app.administrator().await.repeating();
        let community = ada.create_community("Teachers", json!({ "kind": "INNOVATION" })).await;
        ada.admit(&community, &ben, "REVIEWER").await;
        cleo.join(&community).await;
        let bens = ben.my_id().await;

        // Each is sent twice; the second answer must be the first.
        let act = async |client: &Client, call: String, shown: &str| {
            let mutation = format!("mutation {{ {call} {{ {shown} userErrors {{ code field message }} }} }}");
            client.mutate(&mutation, json!({})).await
        };
        let id = |payload: &Value, field: &str| {
            let id = payload[field]["id"].clone();
            assert!(id.is_string(), "{field} in {payload:#}");
            id
        };
        let shown = |field: &str| format!("{field} {{ id }} position");

        let domain = act(&administrator, "createDomain(input: { name: \"Reading\" })".into(), &shown("domain")).await;
        let domain = id(&domain, "domain");
        act(&administrator, format!("updateDomain(id: {domain}, input: {{ concern: \"That all read.\" }})"), "domain { concern } position").await;
        act(&administrator, "createOrganization(input: { name: \"North school\", sector: EDUCATION })".into(), &shown("organization")).await;
        act(&ada, "updateProfile(input: { bio: \"I teach.\" })".into(), "user { bio } position").await;
        act(&ada, "setNotificationEmail(frequency: AT_ONCE)".into(), "user { notificationEmail } position").await;
        act(&ada, format!("declareExpertise(input: {{ domainId: {domain} }})"), &shown("user")).await;
        act(&ben, format!("follow(id: {community})"), "__typename").await;
        act(&ben, format!("unfollow(id: {community})"), "__typename").await;
        let saved = act(&ada, "saveSearch(name: \"Mine\", query: \"fractions\")".into(), &shown("savedSearch")).await;
        let gone = act(&ada, format!("deleteSavedSearch(id: {})", id(&saved, "savedSearch")), "deletedId").await;
        assert_eq!(gone["deletedId"], saved["savedSearch"]["id"]);
        let token = act(&app.person("Tom").await.repeating(), "createApiToken(input: { name: \"T\", scopes: [READ] })".into(), "apiToken { id name } secret").await;
        assert!(token["secret"].is_string());

        act(&ada, format!("updateCommunity(id: {community}, input: {{ description: \"About.\" }})"), "community { description revision } position").await;
        act(&ada, format!("updateCommunityPolicy(id: {community}, input: {{ practiceQuorum: 1 }})"), &shown("community")).await;
        act(&ada, format!("setCommunityStage(id: {community}, stage: COALESCING, reason: \"We met.\", override: true)"), "community { stage } position").await;
        act(&ada, format!("renameStages(communityId: {community}, labels: [{{ stage: IDEA, label: \"Spark\" }}])"), &shown("community")).await;
        let memberships = format!("query {{ community(id: {community}) {{ members(first: 10) {{ nodes {{ id user {{ id }} }} }} }} }}");
        let members = ada.query(&memberships, json!({})).await["community"]["members"]["nodes"].as_array().unwrap().clone();
        let membership = |user: &Value| members.iter().find(|node| node["user"]["id"] == *user).unwrap()["id"].clone();
        act(&ada, format!("setMemberRole(id: {}, role: STEWARD)", membership(&bens)), "membership { id role state } position").await;
        act(&ada, format!("setMemberFunctions(id: {}, functions: [BROKER])", membership(&bens)), "membership { id functions } position").await;
        let statement = act(&ben, format!("proposeStatement(input: {{ communityId: {community}, text: \"We read.\", aspect: DOMAIN }})"), "statement { id state } position").await;
        let statement = id(&statement, "statement");
        act(&cleo, format!("endorseStatement(id: {statement})"), "statement { id state } position").await;
        act(&ben, format!("withdrawStatement(id: {statement})"), "statement { id state } position").await;
        let goal = act(&ada, format!("createGoal(input: {{ communityId: {community}, text: \"To read.\" }})"), &shown("goal")).await;
        act(&ada, format!("setGoalState(id: {}, state: DROPPED)", id(&goal, "goal")), "goal { id state } position").await;
        let question = act(&ada, format!("addLearningQuestion(communityId: {community}, text: \"How?\")"), &shown("learningQuestion")).await;
        act(&ada, format!("setLearningQuestionState(id: {}, state: PARKED)", id(&question, "learningQuestion")), "learningQuestion { id state } position").await;
        let story = act(&cleo, format!("tellValueStory(input: {{ communityId: {community}, title: \"How it helped\", consent: MEMBERS, steps: [{{ cycle: IMMEDIATE, text: \"I met Ada.\" }}] }})"), &shown("valueStory")).await;
        let story = id(&story, "valueStory");
        act(&cleo, format!("narrowValueStory(id: {story}, consent: AUTHORS)"), "valueStory { id consent } position").await;
        act(&cleo, format!("deleteValueStory(id: {story})"), "deletedId position").await;

        let resource = ada.create_resource(&community, "Tactile cards", json!({ "licence": "CC-BY-4.0" })).await;
        act(&ada, format!("updateResource(id: {resource}, input: {{ description: \"Cards.\" }}, expectedRevision: 1)"), "resource { id revision description } position").await;
        act(&cleo, format!("rateResource(id: {resource}, rating: 4)"), "resource { id viewerRating } position").await;
        let flag = act(&cleo, format!("flag(id: {resource}, reason: OUTDATED)"), "flag { id state } position").await;
        act(&ben, format!("resolveFlag(id: {}, upheld: false)", id(&flag, "flag")), "flag { id state } position").await;
        act(&ben, format!("setSteward(id: {resource}, userId: {bens})"), "item { id ... on Resource { steward { id } } } position").await;
        let kind = "community { id kind } conflicts(first: 5) { totalCount nodes { id } } position";
        act(&ada, format!("setCommunityKind(id: {community}, kind: BEST_PRACTICE, dryRun: true)"), kind).await;
        let (asked, captured, practice) = crate::link::captured(&ben, &cleo, &community).await;
        act(&ben, format!("linkItems(fromId: {resource}, relation: REFERENCES, toId: {captured})"), "item { __typename id title } position").await;
        act(&ben, format!("unlinkItems(fromId: {resource}, relation: REFERENCES, toId: {captured})"), "item { __typename id title } position").await;
        act(&ben, format!("reopenDiscussion(id: {asked})"), "discussion { id state } position").await;
        act(&ben, format!("closeDiscussion(id: {asked}, reason: STALE)"), "discussion { id state closeReason } position").await;
        let idea = act(&ben, format!("createInnovation(input: {{ communityId: {community}, title: \"Idea\", idea: \"Try it.\" }})"), "innovation { id stage } position").await;
        let idea = id(&idea, "innovation");
        act(&cleo, format!("supportInnovation(id: {idea})"), "innovation { id viewerSupports } position").await;
        act(&cleo, format!("withdrawSupport(id: {idea})"), "innovation { id viewerSupports } position").await;
        act(&ben, format!("advanceInnovation(id: {idea}, to: EXPLORING)"), "innovation { id stage } position").await;
        let meeting = act(&ada, format!("createActivity(input: {{ communityId: {community}, title: \"Meeting\", kind: MEETING, mode: ONLINE, startsAt: \"2030-01-07T09:00:00Z\", endsAt: \"2030-01-07T10:00:00Z\", timeZone: \"UTC\" }})"), "activity { id state } position").await;
        let meeting = id(&meeting, "activity");
        act(&cleo, format!("setAttendance(activityId: {meeting}, recurrenceId: \"2030-01-07T09:00:00Z\", state: GOING)"), &shown("activity")).await;
        act(&ada, format!("updateOccurrence(activityId: {meeting}, recurrenceId: \"2030-01-07T09:00:00Z\", input: {{ agenda: \"Cards\" }})"), &shown("activity")).await;
        act(&ada, format!("setActivityState(id: {meeting}, state: CANCELLED, reason: \"Snow.\")"), "activity { id state } position").await;
        let collection = act(&ada, format!("createCollection(input: {{ communityId: {community}, title: \"Best of\" }})"), "collection { id status } position").await;
        let collection = id(&collection, "collection");
        act(&ada, format!("setCollectionEntries(id: {collection}, entries: [{{ id: {resource} }}])"), "collection { id revision } position").await;
        act(&ada, format!("deleteCollection(id: {collection})"), "deletedId position").await;
        let adoption = act(&cleo, format!("reportAdoption(input: {{ subjectId: {resource}, setting: \"Grade 3\", state: IN_USE }})"), "adoption { id state } position").await;
        let adoption = id(&adoption, "adoption");
        act(&cleo, format!("updateAdoption(id: {adoption}, state: CONFIRMED, outcome: IMPROVED)"), "adoption { id state outcome } position").await;
        act(&cleo, format!("withdrawAdoption(id: {adoption})"), "deletedId position").await;
        let pilot = plan(&ben, &resource).await;
        act(&ben, format!("updatePilot(id: {pilot}, input: {{ audience: \"Pupils\" }})"), "pilot { id audience } position").await;
        let told = tell(&cleo, &pilot, "PUBLIC", json!({})).await;
        act(&cleo, format!("narrowConsent(id: {}, consent: MEMBERS)", told["report"]["id"]), "report { id consent } position").await;
        act(&cleo, format!("withdrawExperienceReport(id: {})", told["report"]["id"]), "deletedId position").await;
        let others = ben.create_community("Parents", json!({})).await;
        ada.join(&others).await;
        ada.join(&others).await;
        let share = act(&ada, format!("offerBoundaryShare(itemId: {resource}, toCommunityId: {others})"), "boundaryShare { id state } position").await;
        let share = id(&share, "boundaryShare");
        act(&ben, format!("respondToBoundaryShare(id: {share}, accept: true)"), "boundaryShare { id state } position").await;
        act(&ben, format!("adaptSharedItem(id: {share})"), "item { __typename id title community { id } } position").await;
        act(&ada, format!("archiveResource(id: {resource})"), "resource { id status } position").await;
        act(&ada, format!("restoreItem(id: {resource})"), "item { id ... on Resource { status } } position").await;
        act(&ben, format!("deletePractice(id: {practice})"), "deletedId position").await;
        let part = format!("{{ name: \"Readers\", purpose: \"To read.\", itemIds: [{idea}], memberIds: [{}], reason: \"Many came.\" }}", membership(&bens));
        act(&ada, format!("splitCommunity(id: {community}, input: {part})"), "community { id name } position").await;
        act(&cleo, format!("leaveCommunity(communityId: {community})"), "membership { id state } position").await;
        act(&ada, format!("banMember(id: {}, reason: \"Insults.\")", membership(&bens)), "membership { id state } position").await;
        act(&ada, format!("archiveCommunity(id: {community})"), "community { id status } position").await;
    }
}
