//! What is like something.

use search::{Filter, Index, RelatedRequest};
use uuid::Uuid;

use crate::common::{PUBLIC, document, id, index_of, number, viewer};

fn related(index: &Index, of: Uuid, tokens: &[&str]) -> Option<Vec<u64>> {
    let request = RelatedRequest {
        id: of,
        filter: Filter::default(),
        viewer: viewer(tokens),
        first: 10,
    };
    let found = index.searcher(None).unwrap().related(&request).unwrap()?;
    Some(found.into_iter().map(|(id, _)| number(id)).collect())
}

#[test]
fn what_shares_telling_words_tags_or_domains_is_related() {
    let mut seed = document(
        1,
        "Peer assessment with rubrics",
        "Students assess drafts of essays with a rubric.",
    );
    seed.tags = vec!["Feedback".into()];
    seed.domains = vec![id(900)];
    let near = document(2, "Rubrics for essays", "A rubric helps to assess drafts.");
    let mut tagged = document(3, "Something else entirely", "Numbats.");
    tagged.tags = vec!["feedback".into()];
    let far = document(4, "Meeting rhythm", "The community meets in the evening.");
    let mut hidden = document(
        5,
        "Rubrics for peer assessment of essays",
        "A rubric to assess drafts.",
    );
    hidden.audience = vec!["team".into()];
    let mut filed = document(6, "Quite another text", "Bandicoots.");
    filed.domain_ancestors = vec![id(900)];
    let index = index_of([seed, near, tagged, far, hidden, filed]);
    assert_eq!(related(&index, id(1), &[PUBLIC]).unwrap(), [2, 3, 6]);
    assert_eq!(related(&index, id(1), &[PUBLIC, "team"]).unwrap()[0], 5);
    assert_eq!(
        related(&index, id(5), &[PUBLIC]),
        None,
        "as if it were not there"
    );
    assert_eq!(related(&index, id(77), &[PUBLIC]), None);
}

#[test]
fn letters_of_scripts_without_spaces_tell_by_pairs() {
    let index = index_of([
        document(1, "知识管理", "知识管理的方法"),
        document(2, "知识管理入门", ""),
        document(3, "道理与管子、识字、知己", ""),
    ]);
    assert_eq!(related(&index, id(1), &[PUBLIC]).unwrap(), [2]);
}
