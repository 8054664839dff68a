//! The operations of docs/MODEL.md that take variables run as they are printed. The others run in `readme`.

use serde_json::json;
use support::{App, on_both_databases};

use crate::readme::{Example, MODEL, examples};

on_both_databases! {
    async fn every_operation_of_the_model_runs(app: App) {
        let facilitator = app.person("Ada").await;
        let author = app.person("Ben").await;
        let community = facilitator.create_community("Methods", json!({ "kind": "BEST_PRACTICE" })).await;
        author.join(&community).await;
        let resource = author.create_resource(&community, "Walking lessons", json!({ "publish": false })).await;
        author.publish_through(&resource, &[]).await;
        let create = "mutation($id: ID!) { createCollection(input: { communityId: $id, title: \"Path\" }) {
            collection { id } userErrors { code field message } } }";
        let made = author.mutate(create, json!({ "id": community })).await;
        let collection = made["collection"]["id"].clone();
        let pilot = crate::pilot::plan(&facilitator, &resource).await;
        let operations = examples(MODEL).into_iter().filter(Example::takes_variables);
        let mut run = 0;
        for Example { query: operation, .. } in operations {
            assert!(operation.contains("$id: ID!"), "{operation}\nis about nothing");
            run += 1;
            let of_community = ["setCommunityKind", "communityId: $id", "community(id: $id)"];
            let of_pilot = ["setPilotState", "addExperienceReport"].iter().any(|name| operation.contains(name));
            let id = if of_community.iter().any(|part| operation.contains(part)) {
                &community
            } else if operation.contains("collection(id: $id)") {
                &collection
            } else if of_pilot {
                &pilot
            } else {
                &resource
            };
            let variables = json!({ "id": id, "revision": 1, "from": 1, "to": 1, "about": resource });
            let answer = facilitator.send(&operation, variables).await;
            assert!(answer.body.get("errors").is_none(), "{operation}\n{:#}", answer.body);
            let refused = answer.body.to_string().contains("\"userErrors\":[{");
            assert!(!refused, "{operation}\n{:#}", answer.body);
        }
        assert!(run >= 20, "the model has lost its operations");
    }
}
