//! Which segments are merged into one.

use tantivy::index::SegmentMeta;
use tantivy::indexer::{LogMergePolicy, MergeCandidate, MergePolicy};

/// A segment of so many documents is large.
const LARGE: u32 = 1_000;
/// The share of a large segment's documents that may be deleted.
const MAX_DELETED_SHARE: f64 = 0.3;

/// Merges segments of like size once there are several, and writes a large one anew when many of its documents are
/// deleted. A small one is left alone then: under steady writes the next commit may empty it, and when the engine comes
/// upon an empty segment at the end of a merge, it drops what was merged with it.
#[derive(Debug, Default)]
pub(crate) struct Merging {
    by_size: LogMergePolicy,
}

impl MergePolicy for Merging {
    fn compute_merge_candidates(&self, segments: &[SegmentMeta]) -> Vec<MergeCandidate> {
        let mut candidates = self.by_size.compute_merge_candidates(segments);
        for segment in segments.iter().filter(|segment| is_worn(segment)) {
            let id = segment.id();
            if !candidates.iter().any(|candidate| candidate.0.contains(&id)) {
                candidates.push(MergeCandidate(vec![id]));
            }
        }
        candidates
    }
}

fn is_worn(segment: &SegmentMeta) -> bool {
    let (deleted, all) = (segment.num_deleted_docs(), segment.max_doc());
    all >= LARGE && f64::from(deleted) > f64::from(all) * MAX_DELETED_SHARE
}

#[cfg(test)]
mod tests {
    use tantivy::Index;
    use tantivy::index::SegmentId;
    use tantivy::schema::Schema;

    use super::*;

    #[test]
    fn steady_commits_of_one_document_make_few_segments_and_merge_few_documents() {
        let index = Index::create_in_ram(Schema::builder().build());
        let segment = |documents| index.new_segment_meta(SegmentId::generate_random(), documents);
        let policy = Merging::default();
        let mut segments = Vec::new();
        let (mut most_segments, mut most_merged) = (0_usize, 0_u32);
        for _ in 0..20_000 {
            segments.push(segment(1));
            most_segments = most_segments.max(segments.len());
            for MergeCandidate(ids) in policy.compute_merge_candidates(&segments) {
                let (merged, others): (Vec<SegmentMeta>, _) = segments
                    .into_iter()
                    .partition(|one| ids.contains(&one.id()));
                segments = others;
                let documents: u32 = merged.iter().map(SegmentMeta::num_docs).sum();
                most_merged = most_merged.max(documents);
                segments.push(segment(documents));
            }
        }
        assert!(most_segments < 16, "{most_segments}");
        assert!(most_merged < 20_000, "{most_merged}");
    }
}
