//! What one may not see is refused in the words for what never was.

use serde_json::json;
use support::{App, on_both_databases};

on_both_databases! {
    async fn what_is_concealed_refuses_as_what_never_was(app: App) {
        let owner = app.person("Ada").await;
        let community = owner.create_community("Hidden", json!({ "visibility": "UNLISTED" })).await;
        let item = owner.create_resource(&community, "Hidden", json!({})).await;
        let membership = owner
            .query("query($id: ID!) { community(id: $id) { viewerMembership { id } } }", json!({ "id": community }))
            .await["community"]["viewerMembership"]["id"]
            .clone();
        let stranger = app.person("Ben").await;
        let me = stranger.my_id().await;
        let never = |prefix: &str| json!(format!("{prefix}_01h455vb4pex5vsknk084sn02q"));
        let errors = "userErrors { code field message currentRevision blockedBy { code } } position";
        for (id, absent, mutations) in [
            (&item, never("resource"), vec![
                format!("updateResource(id: $id, input: {{ title: \"Mine\" }}) {{ resource {{ id }} {errors} }}"),
                format!("updateResource(id: $id, input: {{ title: \"\" }}, expectedRevision: 7) {{ resource {{ id }} {errors} }}"),
                format!("publishResource(id: $id) {{ resource {{ id }} {errors} }}"),
                format!("archiveResource(id: $id) {{ resource {{ id }} {errors} }}"),
                format!("restoreItem(id: $id) {{ item {{ id }} {errors} }}"),
                format!("deleteResource(id: $id) {{ deletedId {errors} }}"),
            ]),
            (&community, never("community"), vec![
                format!("updateCommunity(id: $id, input: {{ name: \"Mine\" }}) {{ community {{ id }} {errors} }}"),
                format!("archiveCommunity(id: $id) {{ community {{ id }} {errors} }}"),
                format!("restoreCommunity(id: $id) {{ community {{ id }} {errors} }}"),
                format!("joinCommunity(communityId: $id) {{ membership {{ id }} {errors} }}"),
                format!("leaveCommunity(communityId: $id) {{ membership {{ id }} {errors} }}"),
                format!("inviteMember(communityId: $id, userId: {me}) {{ membership {{ id }} {errors} }}"),
                format!("createResource(input: {{ communityId: $id, title: \"Mine\", kind: ARTICLE }}) {{ resource {{ id }} {errors} }}"),
                format!("createPractice(input: {{ communityId: $id, title: \"Mine\", kind: METHOD }}) {{ practice {{ id }} {errors} }}"),
                format!("createInnovation(input: {{ communityId: $id, title: \"Mine\", idea: \"Mine\" }}) {{ innovation {{ id }} {errors} }}"),
                format!("createCommunity(input: {{ name: \"Part\", purpose: \"Mine\", kind: HELPING, parentId: $id }}) {{ community {{ id }} {errors} }}"),
            ]),
            (&membership, never("membership"), vec![
                format!("respondToMembership(id: $id, accept: true) {{ membership {{ id }} {errors} }}"),
                format!("setMemberRole(id: $id, role: MEMBER) {{ membership {{ id }} {errors} }}"),
                format!("removeMember(id: $id) {{ membership {{ id }} {errors} }}"),
                format!("banMember(id: $id) {{ membership {{ id }} {errors} }}"),
            ]),
        ] {
            for mutation in mutations {
                let mutation = format!("mutation($id: ID!) {{ {mutation} }}");
                let concealed = stranger.send(&mutation, json!({ "id": id })).await;
                let absent = stranger.send(&mutation, json!({ "id": absent })).await;
                assert_eq!(concealed.body.to_string(), absent.body.to_string(), "{mutation}");
                assert!(concealed.body["data"].to_string().contains("NOT_FOUND"), "{mutation}: {:#}", concealed.body);
            }
        }
        let shown = owner.query("query($id: ID!) { resource(id: $id) { title revision } }", json!({ "id": item })).await;
        assert_eq!(shown["resource"], json!({ "title": "Hidden", "revision": 1 }));
    }
}
